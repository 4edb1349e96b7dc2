"""Previews asked at once by several users, computed by a few workers that do nothing else."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog

from llm_simulator.errors import (
    Conflict,
    FieldProblem,
    InvalidInput,
    QueueFull,
    RunFailed,
    TookTooLong,
    WorkerLost,
)
from llm_simulator.executors.envelope import Envelope
from llm_simulator.executors.executor import Executor
from llm_simulator.executors.preview import previewed

ATTEMPTS = 2

log = structlog.get_logger(__name__)


class Previews:
    """Hands requests to the workers in the order they come in; used on one event loop.

    Of a client's requests only the newest is worth computing: an older one that still waits is
    dropped when its turn comes.
    """

    def __init__(self, executor: Executor, *, evaluations: int, queue: int, seconds: float) -> None:
        self._executor = executor
        self._evaluations = evaluations
        self._queue = queue
        self._seconds = seconds
        self._free = asyncio.Semaphore(executor.slots)
        self._waiting = 0
        self._newest: dict[str, object] = {}

    async def content(self, body: Mapping[str, Any], *, zipped: bool, client: str | None) -> bytes:
        """The result of a request as JSON, compressed if ``zipped``.

        Raises InvalidInput, QueueFull, Conflict for a request that a newer one has replaced, and
        TookTooLong; a worker that hangs is killed then.
        """
        try:
            async with asyncio.timeout(self._seconds), self._turn(client):
                envelope = await self._computed(body, zipped)
        except TimeoutError as error:
            raise TookTooLong(
                f"The preview was not ready after {self._seconds:g} s; try again, or submit a task."
            ) from error
        if not envelope["ok"]:
            log.error("preview_failed", trace=envelope["trace"])
            raise RunFailed(envelope["error"])
        answer = envelope["outcome"]
        if answer["problems"]:
            raise InvalidInput([FieldProblem(*problem) for problem in answer["problems"]])
        return answer["content"]

    @asynccontextmanager
    async def _turn(self, client: str | None) -> AsyncIterator[None]:
        """Holds a worker; raises QueueFull when too many wait, Conflict when a newer one does."""
        if self._free.locked() and self._waiting >= self._queue:
            raise QueueFull(
                f"{self._waiting} previews wait already; try again in a second, or submit a task."
            )
        mine = object()
        if client is not None:
            self._newest[client] = mine
        try:
            async with self._waited():
                self._refuse_replaced(client, mine)
                yield
        finally:
            if client is not None and self._newest.get(client) is mine:
                del self._newest[client]

    @asynccontextmanager
    async def _waited(self) -> AsyncIterator[None]:
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    def _refuse_replaced(self, client: str | None, mine: object) -> None:
        if client is not None and self._newest.get(client) is not mine:
            raise Conflict("A newer preview of the same client has replaced this one.")

    async def _computed(self, body: Mapping[str, Any], zipped: bool) -> Envelope:
        """A worker's answer; asked once more when the worker died of anything."""
        for attempt in range(1, ATTEMPTS + 1):
            # In a thread: it waits while a broken pool is replaced.
            call = await asyncio.to_thread(
                self._executor.submit, previewed, body, self._evaluations, zipped
            )
            try:
                return await asyncio.wrap_future(call)
            except WorkerLost as loss:
                log.warning("preview_lost", attempt=attempt, reason=str(loss))
        raise RunFailed("The preview's worker died twice; submit a task instead.")
