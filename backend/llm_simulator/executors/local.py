"""Chunks of work on this machine's processors: worker processes kept by Pebble."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError
from typing import Any

import structlog
from pebble import ProcessPool

from llm_simulator.errors import InvalidInput, RunFailed, WorkerLost
from llm_simulator.executors.codec import answer_of, encoded_call, run_call
from llm_simulator.executors.pool import WorkerPool
from llm_simulator.executors.worker import WorkerContext, prepare_worker

WATCH_SECONDS = 0.5
JAM_TICKS = 10
"""Looks in a row that find the channel held before it counts as jammed; a living worker holds it
for milliseconds."""

log = structlog.get_logger(__name__)


class LocalCall(Future[Any]):
    """A call in a pool; cancelling it kills the worker that runs it, and Pebble starts another."""

    def __init__(self, inner: Future[Any]) -> None:
        super().__init__()
        self._inner = inner
        inner.add_done_callback(self._settle)

    def cancel(self) -> bool:
        """True when the call was stopped, False when it had ended."""
        return self._inner.cancel()

    def lose(self, reason: str) -> None:
        """Ends a call whose pool is gone; one that has ended stays as it is."""
        self._end(self.set_exception, WorkerLost(reason))

    def _settle(self, inner: Future[Any]) -> None:
        try:
            answer = answer_of(inner.result())
        except CancelledError:
            super().cancel()
        except (InvalidInput, RunFailed) as failure:
            self._end(self.set_exception, failure)
        except Exception as error:
            self.lose(_reason(error))
        else:
            self._end(self.set_result, answer)

    def _end(self, end: Callable[[Any], None], value: Any) -> None:
        with contextlib.suppress(InvalidStateError):
            end(value)


class LocalExecutor:
    """``slots`` worker processes that import ``modules`` and ``warm_up`` before a call.

    A worker's death costs the call it ran. Should the whole pool break, a new one takes its place
    and every open call ends with WorkerLost. That happens when an idle worker is killed (Pebble
    gives up) and when one is killed in the middle of a message (it takes the channel's lock with
    it, so no other worker could ever use the channel again).
    """

    def __init__(
        self,
        slots: int,
        modules: Sequence[str] = (),
        niceness: int = 10,
        warm_up: Callable[[], object] | None = None,
    ) -> None:
        self._slots = slots
        self._preparation = (tuple(modules), niceness, warm_up)
        self._open: set[LocalCall] = set()
        self._open_lock = threading.Lock()
        # Held while the pool is replaced, which waits for the pool's own threads: nothing that
        # they call may want it. They end calls, so ``_open`` has a lock of its own.
        self._pool_lock = threading.Lock()
        self._closed = threading.Event()
        self._held_ticks = 0
        self._pool = self._started_pool()
        self._watch = threading.Thread(target=self._watch_pool, name="pool-watch", daemon=True)
        self._watch.start()

    @property
    def slots(self) -> int:
        """How many calls run at the same time."""
        return self._slots

    @property
    def down(self) -> str | None:
        """Why no calls are taken at the moment; None when they are."""
        return None if self._pool.active else "The worker processes are being replaced."

    def submit(self, function: Callable[..., Any], *args: Any) -> LocalCall:
        """A future of ``function(*args)``; cancelling it kills the call even while it runs."""
        encoded = encoded_call(function, *args)
        with self._pool_lock:
            lost = self._replace_broken_pool()
            call = LocalCall(_scheduled(self._pool, encoded))
            with self._open_lock:
                self._open.add(call)
        _lose(lost)
        call.add_done_callback(self._forget)
        return call

    def close(self) -> None:
        """Kills the workers; open calls end lost."""
        self._closed.set()
        self._watch.join()
        self._pool.stop()
        self._pool.join()
        _lose(self._open_calls())

    def _started_pool(self) -> WorkerPool:
        pool = WorkerPool(
            max_workers=self._slots,
            initializer=prepare_worker,
            initargs=self._preparation,
            context=WorkerContext(),
        )
        # Asking is what starts a Pebble pool: the workers warm up before the first call.
        if not pool.active:
            raise RuntimeError("The worker processes can't be started.")
        return pool

    def _replace_broken_pool(self) -> tuple[LocalCall, ...]:
        """The calls lost with a broken pool, for which a new one was started; often none."""
        broken = not self._pool.active or self._held_ticks >= JAM_TICKS
        if not broken or self._closed.is_set():
            return ()
        log.warning("worker_pool_replaced")
        self._pool.stop()
        self._pool.join()
        self._pool = self._started_pool()
        self._held_ticks = 0
        return self._open_calls()

    def _watch_pool(self) -> None:
        """Replaces a broken pool even while nobody submits: somebody may wait for its calls."""
        while not self._closed.wait(WATCH_SECONDS):
            with self._pool_lock:
                self._held_ticks = self._held_ticks + 1 if _channel_held(self._pool) else 0
                lost = self._replace_broken_pool()
            _lose(lost)

    def _forget(self, call: Future[Any]) -> None:
        with self._open_lock:
            self._open.discard(call)

    def _open_calls(self) -> tuple[LocalCall, ...]:
        with self._open_lock:
            return tuple(self._open)


def _scheduled(pool: ProcessPool, call: bytes) -> Future[Any]:
    """The pool's future, or one that has failed if the pool broke in this very moment."""
    try:
        return pool.schedule(run_call, args=(call,))
    except RuntimeError as error:
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed


def _channel_held(pool: ProcessPool) -> bool:
    """Whether a worker, living or dead, holds the lock of the pool's channel at this moment."""
    # Pebble has no public way to ask.
    channel = pool._pool_manager.worker_manager.workers_channel
    if channel is None:
        return False
    with channel.lock(block=False) as free:
        return not free


def _lose(calls: Sequence[LocalCall]) -> None:
    for call in calls:
        call.lose("the worker processes were replaced")


def _reason(error: Exception) -> str:
    code = getattr(error, "exitcode", None)
    return "its worker process died" if code is None else f"its worker process died (code {code})"
