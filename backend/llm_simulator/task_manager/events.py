"""Tells subscribers of every change of a task, in the order in which the changes were stored.

Changes are read from the log of events, whoever made them: this server or another one on the same
database. Progress is told in between and not stored; only its newest state counts.
"""

import threading
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from llm_simulator.errors import NotFound
from llm_simulator.schemas.events import Event, TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import TaskSummary
from llm_simulator.task_manager.event_log import AT_ONCE, STEP, EventLog
from llm_simulator.task_manager.history.queries import History

Subscriber = Callable[[Event], None]
RETRY_SECONDS = 1.0
CROWD = 5
REST_SECONDS = 0.02
"""After a crowd of changes so long is waited for more, to read them together."""

log = structlog.get_logger(__name__)


class EventFeed:
    """One thread that tells all subscribers; the rest may be called from any thread.

    Subscribers are given at birth, so none can come too late for a task's first event.
    """

    def __init__(
        self, event_log: EventLog, history: History, subscribers: Sequence[Subscriber]
    ) -> None:
        self._log = event_log
        self._history = history
        self._subscribers = tuple(subscribers)
        self._sequence = 0
        self._running: dict[str, TaskUpdate | None] = {}
        self._news = threading.Condition()
        self._changed = False
        self._progress: dict[str, TaskUpdate] = {}
        self._elsewhere: set[str] = set()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="event-feed", daemon=True)

    def start(self) -> None:
        """Tells what is changed from now on."""
        self._sequence = self._log.newest()
        running = [t for t in self._history.active() if t.status is TaskState.RUNNING]
        self._running = dict.fromkeys(task.task_id for task in running)
        self._thread.start()

    def stop(self) -> None:
        """Tells no more."""
        self._stopping.set()
        with self._news:
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def sequence(self) -> int:
        """The number of the newest event told."""
        return self._sequence

    def latest(self, task_id: str) -> TaskUpdate | None:
        """The newest progress told of a running task."""
        return self._running.get(task_id)

    def changed(self) -> None:
        """There are, or may be, new events in the log."""
        with self._news:
            self._changed = True
            self._news.notify()

    def advanced(self, progress: TaskUpdate) -> None:
        """A task that runs here has got on; told soon, unless it has ended by then."""
        with self._news:
            self._progress[progress.task_id] = progress
            self._news.notify()

    def advanced_elsewhere(self, task_id: str) -> None:
        """A task that runs on another server has got on, as the database knows."""
        with self._news:
            self._elsewhere.add(task_id)
            self._news.notify()

    def _work(self) -> None:
        while not self._stopping.is_set():
            with self._news:
                self._news.wait_for(self._has_news)
                changed, self._changed = self._changed, False
            try:
                told = self._tell_changes() if changed else 0
                self._tell_progress()
                if told >= CROWD:
                    self._stopping.wait(REST_SECONDS)
            except SQLAlchemyError:
                log.exception("events_not_read")
                self._changed = True
                self._stopping.wait(RETRY_SECONDS)

    def _has_news(self) -> bool:
        waiting = self._changed or self._progress or self._elsewhere
        return bool(waiting) or self._stopping.is_set()

    def _tell_changes(self) -> int:
        """How many changes were told: all there are."""
        told = 0
        while events := self._log.after(self._sequence):
            for event in events:
                self._remember(event)
                self._tell(event)
            told += len(events)
            if len(events) < AT_ONCE:
                break
        return told

    def _remember(self, event: Event) -> None:
        self._sequence = event.sequence
        if isinstance(event, TaskUpdate) and event.status is TaskState.RUNNING:
            self._running.setdefault(event.task_id, None)
        else:
            self._running.pop(event.task_id, None)

    def _tell_progress(self) -> None:
        with self._news:
            progress, self._progress = self._progress, {}
            elsewhere, self._elsewhere = self._elsewhere, set()
        for update in progress.values():
            self._tell_one(update)
        for task_id in elsewhere - progress.keys():
            self._tell_one(self._stored(task_id))

    def _tell_one(self, update: TaskUpdate | None) -> None:
        """Nothing follows the end of a task: progress that comes later is dropped."""
        if update is None or update.task_id not in self._running:
            return
        # Not beyond the room before the next stored event.
        self._sequence += self._sequence % STEP < STEP - 1
        numbered = update.model_copy(update={"sequence": self._sequence})
        self._running[update.task_id] = numbered
        self._tell(numbered)

    def _stored(self, task_id: str) -> TaskUpdate | None:
        try:
            task = self._history.task(task_id)
        except NotFound:
            return None
        return event_of(task, 0) if task.status is TaskState.RUNNING else None

    def _tell(self, event: Event) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:
                # A subscriber's trouble must not become the task's.
                log.exception("subscriber_failed", task_id=event.task_id)


def event_of(task: TaskSummary, sequence: int) -> TaskUpdate:
    """A task's state as an event."""
    return TaskUpdate.model_validate(
        {name: getattr(task, name) for name in TaskUpdate.model_fields if hasattr(task, name)}
        | {"sequence": sequence}
    )
