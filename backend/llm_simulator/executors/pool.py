"""Pebble's pool of processes, without two races that it has while workers die or start."""

from collections import deque
from typing import Any

from pebble import ProcessPool
from pebble.pool.process import PoolManager


class WorkerPool(ProcessPool):
    """A pool that ends its workers before their channel.

    Pebble does it the other way round: a worker that just starts then finds the channel's locks
    gone and ends with a trace.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._pool_manager = WorkerPoolManager(self._context, given["context"])

    def _stop_pool(self) -> None:
        # The thread that starts workers; it ends because the pool is stopped.
        if self._pool_manager_loop is not None:
            self._pool_manager_loop.join()
        self._pool_manager.worker_manager.force_stop_workers()
        super()._stop_pool()


class WorkerPoolManager(PoolManager):
    """Reads what a dead worker has said last before it settles what its death has cost.

    A worker says which call it takes. Pebble looks for the dead in another thread than the one that
    reads: where the dead came first, nobody knew that the worker had a call, and the pool broke.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._dead: deque[tuple[int, int]] = deque()

    def update_workers(self) -> None:
        """Replaces dead workers; in the thread that looks after them."""
        self._dead.extend(self.worker_manager.inspect_workers())
        self.worker_manager.create_workers()

    def process_next_message(self, timeout: float) -> None:
        """Settles the deaths whose messages are all read, then reads on; in the reading thread."""
        dead = len(self._dead)
        channel = self.worker_manager.pool_channel
        if dead and channel is not None and not channel.poll(0):
            for _ in range(dead):
                self.handle_worker_expiration(self._dead.popleft())
        super().process_next_message(timeout)
