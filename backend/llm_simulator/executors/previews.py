"""Previews asked at once by several users, computed by a few workers that do nothing else."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
import structlog

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import Conflict, QueueFull, RunFailed, TookTooLong, WorkerLost
from llm_simulator.executors.executor import Executor
from llm_simulator.planner.evaluate import effort, parse_request, preview
from llm_simulator.planner.explain.explain import explain
from llm_simulator.planner.explain.trace import chrome_trace

ATTEMPTS = 2
FAST = 1
GZIP = 31
"""zlib's level and its word for the gzip format."""
WARM_UP = {
    "model": "deepseek-v3",
    "topology": "server-8",
    "hardware": "h200-sxm",
    "inference": {"batch_size": 8, "input_seq_length": 1024, "output_seq_length": 128},
    "search_constraints": {"max_chips": 8},
}
"""A request that reads the catalogue and runs every formula."""

log = structlog.get_logger(__name__)


def previewed(body: Mapping[str, Any], most: int, zipped: bool) -> bytes:
    """The result of a request of at most ``most`` evaluations as JSON, compressed if ``zipped``.

    What a worker runs: the server's event loop only hands the bytes on. Raises InvalidInput.
    """
    return _sent(orjson.dumps(preview(body, most, builtin_catalogue()).as_json()), zipped)


def explained(body: Mapping[str, Any], _most: int, zipped: bool) -> bytes:
    """The explanation of a request's plan as JSON, compressed if ``zipped``."""
    return _sent(explain(body, builtin_catalogue()).model_dump_json().encode(), zipped)


def traced(body: Mapping[str, Any], _most: int, zipped: bool) -> bytes:
    """The schedules of a request's plan as a Chrome trace, compressed if ``zipped``."""
    return _sent(orjson.dumps(chrome_trace(explain(body, builtin_catalogue()))), zipped)


def counted(body: Mapping[str, Any], _most: int, zipped: bool) -> bytes:
    """How much a request is as JSON, compressed if ``zipped``; nothing is evaluated."""
    found = effort(parse_request(body, builtin_catalogue()))
    return _sent(found.model_dump_json().encode(), zipped)


def _sent(content: bytes, zipped: bool) -> bytes:
    return zlib.compress(content, FAST, GZIP) if zipped else content


Answer = Callable[[Mapping[str, Any], int, bool], bytes]
"""What a worker makes of a request, of so many evaluations at most, compressed or not."""


def warm_up() -> None:
    """Runs before a worker's first call: so no user's first preview pays for it."""
    previewed(WARM_UP, 1_000_000, zipped=True)


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

    @property
    def slots(self) -> int:
        """How many are computed at once."""
        return self._executor.slots

    @property
    def down(self) -> str | None:
        """Why none are computed at the moment; None when they are."""
        return self._executor.down

    async def content(
        self,
        body: Mapping[str, Any],
        *,
        zipped: bool,
        client: str | None,
        answer: Answer = previewed,
    ) -> bytes:
        """The ``answer`` to a request as JSON, compressed if ``zipped``.

        Raises InvalidInput, QueueFull, Conflict for a request that a newer one has replaced, and
        TookTooLong; a worker that hangs is killed then.
        """
        try:
            async with asyncio.timeout(self._seconds), self._turn(client):
                return await self._computed(answer, body, zipped)
        except TimeoutError as error:
            raise TookTooLong(
                f"The preview was not ready after {self._seconds:g} s; try again, or submit a task."
            ) from error

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

    async def _computed(self, answer: Answer, body: Mapping[str, Any], zipped: bool) -> bytes:
        """A worker's answer; asked once more when the worker died of anything."""
        for attempt in range(1, ATTEMPTS + 1):
            # In a thread: it waits while a broken pool is replaced.
            call = await asyncio.to_thread(
                self._executor.submit, answer, body, self._evaluations, zipped
            )
            try:
                return await asyncio.wrap_future(call)
            except WorkerLost as loss:
                log.warning("preview_lost", attempt=attempt, reason=str(loss))
        raise RunFailed("The preview's worker died twice; submit a task instead.")
