"""The newest events of this process, for clients that come back."""

import threading
import time
from collections import deque

from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import Event

KEPT = 10_000


class EventRing:
    """Keeps the newest events; may be used from any thread."""

    def __init__(self, kept: int = KEPT) -> None:
        self._events: deque[Event] = deque(maxlen=kept)
        self._lock = threading.Lock()
        # Events are numbered from the clock on: what an earlier server told lies below.
        self._forgotten = time.time_ns() // 1_000

    def keep(self, event: Event) -> None:
        """Adds the newest event, and forgets the oldest when there are too many."""
        with self._lock:
            if len(self._events) == self._events.maxlen:
                self._forgotten = self._events[0].sequence
            self._events.append(event)

    def since(
        self, sequence: int, *, task_id: str | None = None, experiment: str | None = None
    ) -> list[Event] | None:
        """The events after this number, of one task or experiment where given, oldest first.

        None when the ring does not reach back so far, or does not know the number.
        """
        with self._lock:
            newest = self._events[-1].sequence if self._events else self._forgotten
            if not self._forgotten <= sequence <= newest:
                return None
            wanted = Subscription(task_id=task_id, experiment=experiment)
            return [e for e in self._events if e.sequence > sequence and wanted.covers(e)]
