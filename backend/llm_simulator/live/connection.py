"""One client's connection: what it asks, what it is told, and when it is given up."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from llm_simulator.live.send_queue import CatchUp, SendQueue, latest
from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import ClientError, Event, Heartbeat, Snapshot, TaskEvent

SEND_TIMEOUT = 5.0
TRY_AGAIN_LATER = 1013
SLICE = 100
"""Messages that have to be taken within the time-out."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Source:
    """Where present and past states come from; both may block, so they run in threads."""

    present: Callable[[Subscription], list[TaskEvent]]
    since: Callable[[Subscription, int], list[Event] | None]
    newest: Callable[[], int]


class Opening(Subscription):
    """What a client says in the address when it connects."""

    batch: bool = False
    """Whether each frame has a list of messages: costs many clients much less than one each."""


class Subscribe(Subscription):
    """A client's message that changes what it is told."""

    type: Literal["subscribe"]


class Connection:
    """Serves one accepted client until it leaves or is too slow.

    ``tick`` is called for all connections by one clock: timers of their own cost a thousand
    clients half of their time.
    """

    def __init__(
        self,
        client: WebSocket,
        queue: SendQueue,
        source: Source,
        *,
        heartbeat: float,
        batch: bool,
    ) -> None:
        self._client = client
        self.queue = queue
        self._source = source
        self._heartbeat = heartbeat
        self._batch = batch
        self._sending: asyncio.Task[None] | None = None
        self._since = math.inf
        """When the messages that are being sent were begun with."""
        self._told_at = time.monotonic()
        self._overdue = False

    async def serve(self) -> bool:
        """True when the client left, False when it was dropped for not reading."""
        listening = asyncio.create_task(self._listen())
        sending = self._sending = asyncio.create_task(self._send())
        try:
            await asyncio.wait((listening, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in (listening, sending):
                side.cancel()
            await asyncio.gather(listening, sending, return_exceptions=True)
        if self._overdue:
            log.warning("slow_client_dropped")
            await self._hang_up()
            return False
        failure = None if sending.cancelled() else sending.exception()
        if failure is not None and not isinstance(failure, WebSocketDisconnect):
            log.error("live_connection_failed", exc_info=failure)
        return True

    def tick(self, now: float) -> None:
        """Lets progress go, has a silent connection beat, gives a stuck one up."""
        self.queue.wake()
        if now - self._told_at >= self._heartbeat:
            # A heartbeat's number says: all up to here has been told.
            self.queue.reply("heartbeat", self._beat())
        if now - self._since > SEND_TIMEOUT and self._sending is not None:
            self._overdue = True
            self._sending.cancel()

    async def _send(self) -> None:
        while True:
            await self.queue.ready.wait()
            wanted = self.queue.take()
            if isinstance(wanted, CatchUp):
                await self._catch_up(wanted)
            else:
                await self._deliver(wanted)

    async def _catch_up(self, wanted: CatchUp) -> None:
        """Tells all since an event where that is still known, else the present state."""
        subscription = self.queue.subscription
        newest = self._source.newest()
        if wanted.since is None:
            await self._tell_present(subscription, newest, resync=wanted.resync)
            return
        missed = await asyncio.to_thread(self._source.since, subscription, wanted.since)
        if missed is None:
            await self._tell_present(subscription, newest, resync=True)
            return
        await self._deliver([message.text for message in latest(missed)])
        told = missed[-1].sequence if missed else wanted.since
        self.queue.forget(up_to=told)
        self.queue.reply("heartbeat", self._beat(at_least=told))

    async def _tell_present(self, wanted: Subscription, newest: int, *, resync: bool) -> None:
        tasks = await asyncio.to_thread(self._source.present, wanted)
        self.queue.forget_older(tasks)
        snapshot = Snapshot(tasks=tasks, sequence=newest, resync=resync)
        await self._deliver([snapshot.model_dump_json()])

    async def _deliver(self, messages: Sequence[str]) -> None:
        for start in range(0, len(messages), SLICE):
            part = messages[start : start + SLICE]
            frames = [f"[{','.join(part)}]"] if self._batch else part
            self._since = time.monotonic()
            for frame in frames:
                await self._client.send_text(frame)
            self._since, self._told_at = math.inf, time.monotonic()

    def _beat(self, at_least: int = 0) -> str:
        # The store may know of events before they are published here.
        sequence = max(self._source.newest(), at_least)
        return Heartbeat(sequence=sequence).model_dump_json()

    async def _listen(self) -> None:
        """Ends when the client leaves."""
        while True:
            frame = await self._client.receive()
            if frame["type"] == "websocket.disconnect":
                return
            self._heed(frame)

    def _heed(self, frame: Mapping[str, Any]) -> None:
        """Answers are bounded however many frames come: the newest of each kind is kept."""
        if frame.get("text") == "ping":
            self.queue.reply("pong", '"pong"' if self._batch else "pong")
            return
        try:
            request = Subscribe.model_validate_json(frame.get("text") or "")
        except ValidationError as error:
            self.queue.reply("error", _complaint(error).model_dump_json())
            return
        self.queue.subscribe(request)

    async def _hang_up(self) -> None:
        """Says why it ends, if the client reads again soon; else the server just cuts it."""
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._client.close(TRY_AGAIN_LATER, "messages were not read in time")


def _complaint(error: ValidationError) -> ClientError:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "message"
    return ClientError(
        message=f'{field}: {first["msg"]}. Understood are "ping" and {{"type": "subscribe", '
        '"task_id": …, "experiment": …, "since": …}.'
    )
