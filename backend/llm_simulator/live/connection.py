"""One client's connection: what it asks, what it is told, and when it is given up."""

import asyncio
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

    ``interval`` says for how many seconds progress waits for more.
    """

    def __init__(
        self,
        client: WebSocket,
        queue: SendQueue,
        source: Source,
        *,
        heartbeat: float,
        interval: Callable[[], float],
        batch: bool,
    ) -> None:
        self._client = client
        self.queue = queue
        self._source = source
        self._heartbeat = heartbeat
        self._interval = interval
        self._batch = batch

    async def serve(self) -> bool:
        """True when the client left, False when it was dropped for not reading."""
        listening = asyncio.create_task(self._listen())
        sending = asyncio.create_task(self._send())
        try:
            await asyncio.wait((listening, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in (listening, sending):
                side.cancel()
            await asyncio.gather(listening, sending, return_exceptions=True)
        failure = None if sending.cancelled() else sending.exception()
        if isinstance(failure, TimeoutError):
            log.warning("slow_client_dropped")
            await self._hang_up()
            return False
        if failure is not None and not isinstance(failure, WebSocketDisconnect):
            log.error("live_connection_failed", exc_info=failure)
        return True

    async def _send(self) -> None:
        while True:
            if not await _set_within(self.queue.filled, self._heartbeat):
                # A heartbeat's number says: all up to here has been told.
                self.queue.reply("heartbeat", self._beat())
            wanted = self.queue.take()
            if isinstance(wanted, CatchUp):
                await self._catch_up(wanted)
                continue
            await self._deliver(wanted)
            await _set_within(self.queue.urgent, self._interval())

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
        self.queue.forget(up_to=missed[-1].sequence if missed else wanted.since)
        self.queue.reply("heartbeat", self._beat())

    async def _tell_present(self, wanted: Subscription, newest: int, *, resync: bool) -> None:
        tasks = await asyncio.to_thread(self._source.present, wanted)
        self.queue.forget_older(tasks)
        snapshot = Snapshot(tasks=tasks, sequence=newest, resync=resync)
        await self._deliver([snapshot.model_dump_json()])

    async def _deliver(self, messages: Sequence[str]) -> None:
        for start in range(0, len(messages), SLICE):
            part = messages[start : start + SLICE]
            frames = [f"[{','.join(part)}]"] if self._batch else part
            async with asyncio.timeout(SEND_TIMEOUT):
                for frame in frames:
                    await self._client.send_text(frame)

    def _beat(self) -> str:
        return Heartbeat(sequence=self._source.newest()).model_dump_json()

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


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event was set before that time had passed."""
    if event.is_set():
        return True
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


def _complaint(error: ValidationError) -> ClientError:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "message"
    return ClientError(
        message=f'{field}: {first["msg"]}. Understood are "ping" and {{"type": "subscribe", '
        '"task_id": …, "experiment": …, "since": …}.'
    )
