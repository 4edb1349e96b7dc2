"""How a worker process starts; kept free of heavy imports of its own."""

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import ClassVar

STOPS = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C and systemd's stop reach the whole group; the server decides when its workers end."""


class WorkerProcess(SpawnProcess):
    """A process that Pebble ends by a signal that can't be ignored."""

    def start(self) -> None:
        """Starts it with stops held back: Python would end with a trace before it is prepared."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def terminate(self) -> None:
        """Kills it."""
        self.kill()


class WorkerContext(SpawnContext):
    """Starts worker processes anew instead of forking a server that has threads."""

    Process: ClassVar[type[SpawnProcess]] = WorkerProcess


def prepare_worker(
    modules: Sequence[str], niceness: int, warm_up: Callable[[], object] | None
) -> None:
    """Makes this process a polite, mortal, warm worker."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    with contextlib.suppress(OSError):
        os.nice(niceness)
    threading.Thread(target=_die_with_the_server, daemon=True).start()
    for module in modules:
        importlib.import_module(module)
    if warm_up is not None:
        warm_up()


def _die_with_the_server() -> None:
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)
