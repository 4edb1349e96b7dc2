"""Takes submissions in, all that wait together in one transaction.

A commit waits for the disk, whatever is in it: this way a hundred submissions wait once, and the
queue is measured once for all of them.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from llm_simulator.database import UNREACHABLE
from llm_simulator.errors import QueueFull
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.task_rows import Submission

MOST_TOGETHER = 200
CROWD = 4
GATHER_SECONDS = 0.005
"""While a crowd comes at once, so long is waited for more: one transaction costs as much as ten
submissions in it."""


@dataclass(frozen=True)
class Waiting:
    """A submission and who waits for its id."""

    submission: Submission
    task_id: Future[str] = field(default_factory=Future)


class Intake:
    """One thread that stores what any number of threads submit, while ``most_waiting`` allow it.

    ``stored`` is called with the highest priority of what has come.
    """

    def __init__(
        self, store: TaskStore, *, most_waiting: int, stored: Callable[[int], None]
    ) -> None:
        self._store = store
        self._most_waiting = most_waiting
        self._stored = stored
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._open = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="task-intake", daemon=True)

    def start(self) -> None:
        """Takes submissions in from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stores what was submitted, then ends."""
        with self._open:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def submit(self, submission: Submission) -> str:
        """The id of the new task, once it is stored for good; raises QueueFull."""
        waiting = Waiting(submission)
        with self._open:
            if self._closed:
                self._store_all([waiting])
            else:
                self._queue.put(waiting)
        return waiting.task_id.result()

    def _work(self) -> None:
        together: list[Waiting] = []
        while (first := self._queue.get()) is not None:
            if len(together) >= CROWD:
                time.sleep(GATHER_SECONDS)
            together = [first, *self._also_there()]
            self._store_all(together)
            self._stored(max(waiting.submission.priority for waiting in together))

    def _also_there(self) -> list[Waiting]:
        found: list[Waiting] = []
        try:
            while len(found) < MOST_TOGETHER and (next_one := self._queue.get_nowait()):
                found.append(next_one)
            if len(found) < MOST_TOGETHER:
                self._queue.put(None)
        except Empty:
            pass
        return found

    def _store_all(self, together: Sequence[Waiting]) -> None:
        try:
            submissions = [waiting.submission for waiting in together]
            ids = self._store.create_all(submissions, most_waiting=self._most_waiting)
        except Exception as error:
            if len(together) == 1 or isinstance(error, UNREACHABLE):
                for waiting in together:
                    waiting.task_id.set_exception(error)
                return
            # One of them is at fault; the others shall not suffer.
            for waiting in together:
                self._store_all([waiting])
            return
        for waiting, task_id in zip(together, ids, strict=False):
            waiting.task_id.set_result(task_id)
        for waiting in together[len(ids) :]:
            waiting.task_id.set_exception(self._full())

    def _full(self) -> QueueFull:
        return QueueFull(
            f"{self._most_waiting:,} tasks wait already; submit again when some have been run."
        )
