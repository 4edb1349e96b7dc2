"""Live connections: every client hears of each task's changes, and none waits for another.

An event is encoded once. Each client has a mailbox of its own (live/); one that does not take its
messages in time is dropped and may come back with the number of the last event it saw.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

import structlog
from starlette.websockets import WebSocket

from llm_simulator.live.connection import TRY_AGAIN_LATER, Connection, Source
from llm_simulator.live.mailbox import Mailbox
from llm_simulator.live.message import Message
from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import Event

SUBPROTOCOL = "tier6"
UPDATE_INTERVAL = 0.05
"""Seconds that progress waits for more: 20 parcels a second to a client. All else goes at once."""
INTERVAL_PER_CLIENT = 0.00006
"""A parcel costs some 15 µs: any number of clients leaves most of a core to others."""
CLIENTS_AT_A_TIME = 100
"""After so many the event loop serves others."""
IDLE_LOOK = 1.0
"""Seconds after which quiet clients are looked at: is a heartbeat due?"""

log = structlog.get_logger(__name__)


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
        *,
        heartbeat: float = 15.0,
        capacity: int = 1_000,
        most_clients: int = 2_000,
    ) -> None:
        self._loop = loop
        self._heartbeat = heartbeat
        self._capacity = capacity
        self._most_clients = most_clients
        self._connections: set[Connection] = set()
        self._news = asyncio.Event()
        self._urgent = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        self._counts = Counts()
        self.newest = 0
        """The number of the newest event delivered to the mailboxes."""

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    @property
    def counts(self) -> Counts:
        """What has happened since the start, with the clients that are still here."""
        mailboxes = [connection.mailbox for connection in tuple(self._connections)]
        return Counts(
            events=self._counts.events,
            coalesced=self._counts.coalesced + sum(m.coalesced for m in mailboxes),
            overflows=self._counts.overflows + sum(m.overflows for m in mailboxes),
            dropped_clients=self._counts.dropped_clients,
        )

    def publish(self, event: Event) -> None:
        """Sends an event to every client, soon."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._deliver, event)

    async def serve(
        self,
        client: WebSocket,
        subscription: Subscription,
        source: Source,
    ) -> None:
        """One client's whole connection."""
        await client.accept(chosen_subprotocol(client))
        if self.clients >= self._most_clients:
            log.warning("too_many_websockets", clients=self.clients)
            await client.close(TRY_AGAIN_LATER, "TIER6_MAX_WEBSOCKETS live connections are open")
            return
        mailbox = Mailbox(subscription, capacity=self._capacity, arrived=self._arrived)
        connection = Connection(client, mailbox, source, heartbeat=self._heartbeat)
        # First the mailbox, then the present state: what changes in between is in the mailbox.
        self._connections.add(connection)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())
        try:
            if not await connection.talk():
                self._counts.dropped_clients += 1
        finally:
            self._connections.discard(connection)
            self._counts.coalesced += mailbox.coalesced
            self._counts.overflows += mailbox.overflows

    async def _tell(self) -> None:
        """Flushes every client's mailbox, as often as the pace allows, while there are clients."""
        idle_look = min(IDLE_LOOK, self._heartbeat / 4)
        while self._connections:
            await _set_within(self._news, idle_look)
            self._news.clear()
            self._urgent.clear()
            begun = time.monotonic()
            for number, connection in enumerate(tuple(self._connections)):
                connection.flush(begun)
                if number % CLIENTS_AT_A_TIME == CLIENTS_AT_A_TIME - 1:
                    await asyncio.sleep(0)
            took = time.monotonic() - begun
            pace = INTERVAL_PER_CLIENT * self.clients
            await asyncio.sleep(max(pace / 4, pace - took))
            await _set_within(self._urgent, UPDATE_INTERVAL - max(pace, took))
        self._telling = None

    def _arrived(self, urgent: bool) -> None:
        """Some mailbox has something to send."""
        self._news.set()
        if urgent:
            self._urgent.set()

    def _deliver(self, event: Event) -> None:
        self._counts.events += 1
        self.newest = max(self.newest, event.sequence)
        if not self._connections:
            return
        message = Message.of(event)
        for connection in self._connections:
            connection.mailbox.put(event, message)


def chosen_subprotocol(client: WebSocket) -> str | None:
    """Ours, if it is offered: a browser that offers some hangs up unless one is chosen."""
    return SUBPROTOCOL if SUBPROTOCOL in client.scope.get("subprotocols", ()) else None


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    """Returns once the event is set, or that time has passed."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            await event.wait()
