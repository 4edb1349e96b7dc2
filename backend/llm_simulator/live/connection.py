"""One client's connection: what it asks, what it is told, and when it is given up."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import structlog
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from llm_simulator.live.mailbox import CatchUp, Mailbox, latest
from llm_simulator.live.message import Message
from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import ClientError, Event, Heartbeat, Snapshot, TaskEvent

SEND_TIMEOUT = 5.0
TRY_AGAIN_LATER = 1013
LANE = "tier6.lane"
"""The ASGI extension under which our server hands out a connection's Lane."""
SLICE = 500
"""Messages sent in one write while a client catches up."""

log = structlog.get_logger(__name__)


class Lane(Protocol):
    """The direct way to a client, past ASGI's one message at a time."""

    @property
    def is_free(self) -> bool:
        """Whether the client has taken most of what was written."""
        ...

    def write(self, frames: bytes) -> None:
        """Sends encoded messages; raises OSError when the client is gone."""
        ...

    async def freed(self) -> None:
        """Returns once the lane is free, or the client is gone."""
        ...

    def hang_up(self, code: int) -> None:
        """Closes, without waiting for a client that does not read."""
        ...


@dataclass(frozen=True)
class Source:
    """Where present and past states come from; both may block, so they run in threads."""

    present: Callable[[Subscription], list[TaskEvent]]
    since: Callable[[Subscription, int], list[Event] | None]
    newest: Callable[[], int]


class Subscribe(Subscription):
    """A client's message that changes what it is told."""

    type: Literal["subscribe"]


class Connection:
    """Serves one accepted client until it leaves or is too slow."""

    def __init__(
        self, client: WebSocket, mailbox: Mailbox, source: Source, *, heartbeat: float
    ) -> None:
        self._client = client
        self.mailbox = mailbox
        self._source = source
        self._heartbeat = heartbeat
        self._wake = asyncio.Event()
        self._busy = False
        self._sent_at = time.monotonic()
        self._lane: Lane | None = client.scope.get("extensions", {}).get(LANE)

    async def talk(self) -> bool:
        """True when the client left, False when it was dropped for not reading."""
        listening = asyncio.create_task(self._listen())
        sending = asyncio.create_task(self._send())
        try:
            await asyncio.wait((listening, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in (listening, sending):
                side.cancel()
            await asyncio.gather(listening, sending, return_exceptions=True)
        failure = _failure(sending)
        if isinstance(failure, TimeoutError):
            log.warning("slow_client_dropped")
            await self._hang_up()
            return False
        if failure is not None and not isinstance(failure, WebSocketDisconnect | OSError):
            log.error("live_connection_failed", exc_info=failure)
        return True

    def flush(self, moment: float) -> None:
        """Sends at once what there is; what has to wait for the client is left to ``_send``."""
        if self._busy:
            return
        if self.mailbox.is_empty:
            if moment - self._sent_at < self._heartbeat:
                return
            # A heartbeat's number says: all up to here has been told.
            self.mailbox.reply("heartbeat", self._beat())
        self._sent_at = moment
        if self.mailbox.catch_up or self._lane is None or not self._lane.is_free:
            self._busy = True
            self._wake.set()
            return
        with contextlib.suppress(OSError):
            # Whoever is gone is noticed by _listen.
            self._lane.write(_joined(self.mailbox.take().messages))

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            parcel = self.mailbox.take()
            if parcel.catch_up is not None:
                await self._catch_up(parcel.catch_up)
            await self._deliver(parcel.messages)
            self._busy = False

    async def _catch_up(self, wanted: CatchUp) -> None:
        """Tells all since an event where that is still known, else the present state."""
        subscription = self.mailbox.subscription
        newest = self._source.newest()
        if wanted.since is None:
            await self._tell_present(subscription, newest, resync=wanted.resync)
            return
        missed = await asyncio.to_thread(self._source.since, subscription, wanted.since)
        if missed is None:
            await self._tell_present(subscription, newest, resync=True)
            return
        await self._deliver([Message.of(event) for event in latest(missed)])
        self.mailbox.forget(up_to=missed[-1].sequence if missed else wanted.since)
        self.mailbox.reply("heartbeat", self._beat())

    async def _tell_present(self, wanted: Subscription, newest: int, *, resync: bool) -> None:
        tasks = await asyncio.to_thread(self._source.present, wanted)
        self.mailbox.forget_older(tasks)
        await self._deliver([Message.of(Snapshot(tasks=tasks, sequence=newest, resync=resync))])

    async def _deliver(self, messages: Sequence[Message]) -> None:
        for start in range(0, len(messages), SLICE):
            part = messages[start : start + SLICE]
            async with asyncio.timeout(SEND_TIMEOUT):
                if self._lane is not None:
                    await self._lane.freed()
                    self._lane.write(_joined(part))
                    continue
                for message in part:
                    await self._client.send_text(message.text)

    def _beat(self) -> Message:
        return Message.of(Heartbeat(sequence=self._source.newest()))

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
            self.mailbox.reply("pong", Message.of("pong"))
            return
        try:
            request = Subscribe.model_validate_json(frame.get("text") or "")
        except ValidationError as error:
            self.mailbox.reply("error", Message.of(_complaint(error)))
            return
        self.mailbox.subscribe(request)

    async def _hang_up(self) -> None:
        if self._lane is not None:
            self._lane.hang_up(TRY_AGAIN_LATER)
        elif self._client.application_state is WebSocketState.CONNECTED:
            try:
                async with asyncio.timeout(SEND_TIMEOUT):
                    await self._client.close(TRY_AGAIN_LATER)
            except (TimeoutError, WebSocketDisconnect, RuntimeError):
                log.warning("slow_client_gone")


def _joined(messages: Sequence[Message]) -> bytes:
    return b"".join([message.frame for message in messages])


def _complaint(error: ValidationError) -> ClientError:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "message"
    return ClientError(
        message=f'{field}: {first["msg"]}. Understood are "ping" and {{"type": "subscribe", '
        '"task_id": …, "experiment": …, "since": …}.'
    )


def _failure(side: asyncio.Task[None]) -> BaseException | None:
    return None if side.cancelled() else side.exception()
