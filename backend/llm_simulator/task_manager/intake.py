"""Takes submissions in, all that wait together in one transaction.

A commit waits for the disk, whatever is in it: this way a hundred submissions wait once.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from sqlalchemy.exc import InterfaceError, OperationalError

from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.task_rows import Submission

MOST_TOGETHER = 200
UNREACHABLE = (OperationalError, InterfaceError)


@dataclass(frozen=True)
class Waiting:
    """A submission and who waits for its id."""

    submission: Submission
    task_id: Future[str] = field(default_factory=Future)


class Intake:
    """One thread that stores what any number of threads submit."""

    def __init__(self, store: TaskStore, stored: Callable[[], None]) -> None:
        self._store = store
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
        """The id of the new task, once it is stored for good."""
        waiting = Waiting(submission)
        with self._open:
            if self._closed:
                return self._store.create(submission)
            self._queue.put(waiting)
        return waiting.task_id.result()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            together = [first, *self._also_there()]
            self._store_all(together)
            self._stored()

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
            ids = self._store.create_all([waiting.submission for waiting in together])
        except Exception as error:
            if len(together) == 1 or isinstance(error, UNREACHABLE):
                for waiting in together:
                    waiting.task_id.set_exception(error)
                return
            # One of them is at fault; the others shall not suffer.
            for waiting in together:
                self._store_all([waiting])
            return
        for waiting, task_id in zip(together, ids, strict=True):
            waiting.task_id.set_result(task_id)
