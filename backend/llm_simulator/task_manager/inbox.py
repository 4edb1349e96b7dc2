"""Calls that one thread makes for all others, in the order in which they were asked for."""

from collections.abc import Callable
from queue import Empty, SimpleQueue

import structlog

log = structlog.get_logger(__name__)


class Inbox:
    """What such a thread has still to do. ``post`` is for anybody, the rest for the thread."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def post(self, call: Callable[[], None]) -> None:
        """Asks for a call."""
        self._calls.put(call)

    def work_off(self, timeout: float | None = None) -> None:
        """Makes all calls asked for; waits up to ``timeout`` seconds for the first."""
        try:
            call = self._calls.get(timeout=timeout)
            while True:
                _make(call)
                call = self._calls.get_nowait()
        except Empty:
            return


def _make(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:
        # One task's trouble must not end the thread that serves all of them.
        log.exception("call_failed")
