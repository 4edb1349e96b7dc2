"""Live connections: every client sees each task's newest state, and none waits for another.

Each client has a mailbox with at most one message per task; a newer state takes the place of an
unsent older one, so a slow client skips states but never the last one. A client that does not
take a message in time is dropped.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from llm_simulator.schemas.events import Event, Snapshot, TaskEvent

UPDATE_INTERVAL = 0.05
"""Seconds between two messages about one task to one client: 20 a second."""
SEND_TIMEOUT = 5.0
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013

log = structlog.get_logger(__name__)


class Mailbox:
    """One client's unsent messages, the newest of each task."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._unsent: dict[str, tuple[int, str]] = {}
        self._sent_at: dict[str, float] = {}
        self._arrived = asyncio.Event()

    def put(self, task_id: str, sequence: int, text: str) -> None:
        """Leaves a message, in place of an older one about the same task."""
        self._unsent[task_id] = (sequence, text)
        self._arrived.set()

    def forget_older(self, tasks: Sequence[TaskEvent]) -> None:
        """Drops messages that a snapshot has already told."""
        for task in tasks:
            sequence, _ = self._unsent.get(task.task_id, (task.sequence + 1, ""))
            if sequence <= task.sequence:
                del self._unsent[task.task_id]

    async def take(self) -> str:
        """The message that has waited longest of those due, as soon as there is one."""
        while True:
            if not self._unsent:
                self._arrived.clear()
                await self._arrived.wait()
            task_id = min(self._unsent, key=self._due)
            wait = self._due(task_id) - self._clock()
            if wait <= 0:
                return self._taken(task_id)
            await asyncio.sleep(wait)

    def _due(self, task_id: str) -> float:
        return self._sent_at.get(task_id, 0.0) + UPDATE_INTERVAL

    def _taken(self, task_id: str) -> str:
        moment = self._clock()
        # Only the last interval matters: the memory stays as small as the traffic.
        recent = {k: t for k, t in self._sent_at.items() if t > moment - UPDATE_INTERVAL}
        self._sent_at = recent | {task_id: moment}
        return self._unsent.pop(task_id)[1]


class WebSocketManager:
    """All connected clients. ``publish`` may be called from any thread, all else in the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, allowed_origins: frozenset[str]) -> None:
        self._loop = loop
        self._allowed_origins = allowed_origins
        self._mailboxes: set[Mailbox] = set()

    def publish(self, event: Event) -> None:
        """Sends an event to every client, soon."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._deliver, event)

    async def serve(self, client: WebSocket, active: Callable[[], list[TaskEvent]]) -> None:
        """One client's whole connection: a snapshot of the ``active`` tasks, then every change."""
        origin = client.headers.get("origin")
        if origin is not None and origin.rstrip("/") not in self._allowed_origins:
            await client.close(POLICY_VIOLATION)
            return
        await client.accept()
        mailbox = Mailbox()
        # First the mailbox, then the snapshot: what changes in between is in the mailbox.
        self._mailboxes.add(mailbox)
        try:
            await self._talk(client, mailbox, active)
        finally:
            self._mailboxes.discard(mailbox)

    def _deliver(self, event: Event) -> None:
        text = event.model_dump_json()
        for mailbox in self._mailboxes:
            mailbox.put(event.task_id, event.sequence, text)

    async def _talk(
        self, client: WebSocket, mailbox: Mailbox, active: Callable[[], list[TaskEvent]]
    ) -> None:
        tasks = await asyncio.to_thread(active)
        mailbox.forget_older(tasks)
        snapshot = Snapshot(tasks=tasks)
        listening = asyncio.create_task(_listen(client))
        sending = asyncio.create_task(_send(client, snapshot.model_dump_json(), mailbox))
        try:
            await asyncio.wait((listening, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in (listening, sending):
                side.cancel()
            await asyncio.gather(listening, sending, return_exceptions=True)
        if sending.done() and isinstance(_failure(sending), TimeoutError):
            log.warning("slow_client_dropped")
            await _hang_up(client)


async def _send(client: WebSocket, first: str, mailbox: Mailbox) -> None:
    text = first
    while True:
        async with asyncio.timeout(SEND_TIMEOUT):
            await client.send_text(text)
        text = await mailbox.take()


async def _listen(client: WebSocket) -> None:
    """Ends when the client leaves; its messages don't matter, except that "ping" gets "pong"."""
    while True:
        message = await client.receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("text") == "ping":
            async with asyncio.timeout(SEND_TIMEOUT):
                await client.send_text("pong")


def _failure(side: asyncio.Task[None]) -> BaseException | None:
    return None if side.cancelled() else side.exception()


async def _hang_up(client: WebSocket) -> None:
    if client.application_state is WebSocketState.CONNECTED:
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await client.close(TRY_AGAIN_LATER)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            log.warning("slow_client_gone")
