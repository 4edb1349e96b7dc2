"""How a worker process starts; kept free of heavy imports of its own."""

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence

WORKER_NICENESS = 10


def prepare_worker(modules: Sequence[str]) -> None:
    """Makes this process a polite, mortal, warm worker."""
    # Ctrl-C reaches the whole process group; the server decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(WORKER_NICENESS)
    threading.Thread(target=_die_with_the_server, name="parent-watch", daemon=True).start()
    for module in modules:
        importlib.import_module(module)


def _die_with_the_server() -> None:
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)
