"""Functions that tests run in worker processes."""

import os
import signal
import threading
import time
from pathlib import Path


def doubled(number: int) -> int:
    """Twice the number."""
    return 2 * number


def process_id() -> int:
    """The worker's process."""
    return os.getpid()


def niceness() -> int:
    """How polite the worker is."""
    return os.nice(0)


def tick_for_ever(file: str) -> None:
    """Writes to a file again and again, until killed."""
    while True:
        Path(file).write_text(str(time.monotonic_ns()))
        time.sleep(0.01)


def die() -> None:
    """Ends its own worker as the kernel would when memory is short."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_while_answering() -> bytes:
    """An answer so large that the worker is killed while it hands it over."""
    threading.Timer(0.2, die).start()
    return bytes(1_000_000_000)
