"""Live connections: every client hears of each task's changes, and none waits for another.

An event is encoded once. Each client has a mailbox of its own (live/); one that does not take its
messages in time is dropped and may come back with the number of the last event it saw.
"""

import asyncio
from dataclasses import dataclass

from starlette.websockets import WebSocket

from llm_simulator.live.connection import Connection, Source
from llm_simulator.live.mailbox import Mailbox
from llm_simulator.live.message import Message
from llm_simulator.live.ring import EventRing
from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import Event

SUBPROTOCOL = "tier6"
POLICY_VIOLATION = 1008
UPDATE_INTERVAL = 0.05
"""Seconds between two parcels to one client: 20 a second."""
INTERVAL_PER_CLIENT = 0.0001
"""Waking and writing to one client takes some 30 µs; so many clients use a third of one core."""


@dataclass
class Counts:
    """What has happened since the start."""

    events: int = 0
    coalesced: int = 0
    overflows: int = 0
    dropped_clients: int = 0


class WebSocketManager:
    """All connected clients. ``publish`` may be called from any thread, all else in the loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        allowed_origins: frozenset[str],
        *,
        heartbeat: float = 15.0,
        capacity: int = 1_000,
    ) -> None:
        self._loop = loop
        self._allowed_origins = allowed_origins
        self._heartbeat = heartbeat
        self._capacity = capacity
        self._mailboxes: set[Mailbox] = set()
        self._counts = Counts()
        self.newest = 0
        """The number of the newest event delivered to the mailboxes."""
        self.ring = EventRing()

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._mailboxes)

    @property
    def counts(self) -> Counts:
        """What has happened since the start, with the clients that are still here."""
        return Counts(
            events=self._counts.events,
            coalesced=self._counts.coalesced + sum(m.coalesced for m in tuple(self._mailboxes)),
            overflows=self._counts.overflows + sum(m.overflows for m in tuple(self._mailboxes)),
            dropped_clients=self._counts.dropped_clients,
        )

    def publish(self, event: Event) -> None:
        """Sends an event to every client, soon."""
        self.ring.keep(event)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._deliver, event)

    async def serve(
        self,
        client: WebSocket,
        subscription: Subscription,
        source: Source,
    ) -> None:
        """One client's whole connection."""
        origin = client.headers.get("origin")
        if origin is not None and origin.rstrip("/") not in self._allowed_origins:
            await client.close(POLICY_VIOLATION)
            return
        # A browser that offers subprotocols hangs up unless one of them is chosen.
        offered = client.scope.get("subprotocols", ())
        await client.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        mailbox = Mailbox(subscription, capacity=self._capacity, pace=self._pace)
        connection = Connection(client, mailbox, source, heartbeat=self._heartbeat)
        # First the mailbox, then the present state: what changes in between is in the mailbox.
        self._mailboxes.add(mailbox)
        try:
            if not await connection.talk():
                self._counts.dropped_clients += 1
        finally:
            self._mailboxes.discard(mailbox)
            self._counts.coalesced += mailbox.coalesced
            self._counts.overflows += mailbox.overflows

    def _deliver(self, event: Event) -> None:
        self._counts.events += 1
        self.newest = max(self.newest, event.sequence)
        message = Message.of(event)
        for mailbox in self._mailboxes:
            mailbox.put(event, message)

    def _pace(self) -> float:
        return max(UPDATE_INTERVAL, INTERVAL_PER_CLIENT * len(self._mailboxes))
