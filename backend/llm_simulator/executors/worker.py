"""How a worker process starts; kept free of heavy imports of its own."""

import contextlib
import importlib
import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Sequence
from pathlib import Path


def prepare_worker(modules: Sequence[str], niceness: int, spool: Path) -> None:
    """Makes this process a polite, mortal, warm worker."""
    # Ctrl-C reaches the whole process group; the server decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(niceness)
    watch = threading.Thread(target=_die_with_the_server, args=(spool,), daemon=True)
    watch.start()
    for module in modules:
        importlib.import_module(module)


def _die_with_the_server(spool: Path) -> None:
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        # A server that was killed could not tidy up itself.
        shutil.rmtree(spool, ignore_errors=True)
        os._exit(1)
