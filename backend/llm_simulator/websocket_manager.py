"""Live connections: every client hears of each task's changes, and none waits for another.

An event is encoded once. Each client has a bounded queue and a task that sends from it (live/);
one that does not take its messages in time is dropped and may come back with the number of the
last event it saw.
"""

import asyncio
import time
from dataclasses import dataclass

import structlog
from starlette.websockets import WebSocket

from llm_simulator.live.connection import TRY_AGAIN_LATER, Connection, Opening, Source
from llm_simulator.live.send_queue import EncodedEvent, SendQueue
from llm_simulator.schemas.events import Event

SUBPROTOCOL = "tier6"
UPDATE_INTERVAL = 0.05
"""Seconds that progress waits for more at most. All else goes at once."""

log = structlog.get_logger(__name__)


@dataclass
class LiveCounts:
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
        self._clock: asyncio.Task[None] | None = None
        self._counts = LiveCounts()
        self.newest = 0
        """The number of the newest event put into the clients' queues."""

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    @property
    def counts(self) -> LiveCounts:
        """What has happened since the start, with the clients that are still here."""
        queues = [connection.queue for connection in self._connections]
        return LiveCounts(
            events=self._counts.events,
            coalesced=self._counts.coalesced + sum(queue.coalesced for queue in queues),
            overflows=self._counts.overflows + sum(queue.overflows for queue in queues),
            dropped_clients=self._counts.dropped_clients,
        )

    def publish(self, event: Event) -> None:
        """Sends an event to every client, soon."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._deliver, event)

    async def serve(self, client: WebSocket, opening: Opening, source: Source) -> None:
        """One client's whole connection."""
        await client.accept(chosen_subprotocol(client))
        if self.clients >= self._most_clients:
            log.warning("too_many_websockets", clients=self.clients)
            await client.close(TRY_AGAIN_LATER, "TIER6_MAX_WEBSOCKETS live connections are open")
            return
        queue = SendQueue(opening, capacity=self._capacity)
        connection = Connection(
            client,
            queue,
            source,
            heartbeat=self._heartbeat,
            batch=opening.batch,
        )
        # First the queue, then the present state: what changes in between is in the queue.
        self._connections.add(connection)
        if self._clock is None or self._clock.done():
            self._clock = asyncio.create_task(self._tick())
        try:
            if not await connection.serve():
                self._counts.dropped_clients += 1
        finally:
            self._connections.discard(connection)
            self._counts.coalesced += queue.coalesced
            self._counts.overflows += queue.overflows

    async def _tick(self) -> None:
        while self._connections:
            now = time.monotonic()
            for connection in self._connections:
                connection.tick(now)
            await asyncio.sleep(UPDATE_INTERVAL)

    def _deliver(self, event: Event) -> None:
        self._counts.events += 1
        self.newest = max(self.newest, event.sequence)
        if not self._connections:
            return
        message = EncodedEvent.of(event)
        for connection in self._connections:
            connection.queue.put(message)


def chosen_subprotocol(client: WebSocket) -> str | None:
    """Ours, if it is offered: a browser that offers some hangs up unless one is chosen."""
    return SUBPROTOCOL if SUBPROTOCOL in client.scope.get("subprotocols", ()) else None
