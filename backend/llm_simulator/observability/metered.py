"""An executor that tells how long its calls take."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from prometheus_client import Histogram

from llm_simulator.errors import WorkerLost
from llm_simulator.executors.executor import Executor


class MeteredExecutor:
    """Another executor, each call of which is observed in a histogram."""

    def __init__(self, inner: Executor, calls: Histogram) -> None:
        self._inner = inner
        self._calls = calls

    @property
    def slots(self) -> int:
        """How many calls run at the same time."""
        return self._inner.slots

    @property
    def down(self) -> str | None:
        """Why the engine takes no calls at the moment, a sentence; None when it does."""
        return self._inner.down

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """The inner executor's future."""
        begun = time.perf_counter()
        future = self._inner.submit(function, *args)

        def observe(done: Future[Any]) -> None:
            seconds = time.perf_counter() - begun
            self._calls.labels(function.__name__, _outcome(done)).observe(seconds)

        future.add_done_callback(observe)
        return future

    def close(self) -> None:
        """Stops all calls and gives every resource back."""
        self._inner.close()


def _outcome(future: Future[Any]) -> str:
    if future.cancelled():
        return "cancelled"
    if future.exception() is None:
        return "done"
    return "lost" if isinstance(future.exception(), WorkerLost) else "failed"
