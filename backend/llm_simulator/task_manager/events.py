"""Tells subscribers of every change of a task, in the order in which the changes were stored.

Changes are read from the log of events, whoever made them: this server or another one on the same
database. Progress is told in between and not stored; only its newest state counts.
"""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from llm_simulator.errors import NotFound
from llm_simulator.schemas.events import Event, TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import TaskSummary
from llm_simulator.task_manager.event_log import AT_ONCE, STEP, EventLog
from llm_simulator.task_manager.history.queries import History

Subscriber = Callable[[Event], None]
CROWD = 5
REST_SECONDS = 0.02
"""After a crowd of changes so long is waited for more, to read them together."""

log = structlog.get_logger(__name__)


class EventFeed:
    """Numbers events and hands them to the subscribers, one thread at a time.

    The scheduler tells changes, the dispatcher progress; it never waits for the database here.
    Subscribers are given at birth, so none can come too late for a task's first event.
    """

    def __init__(
        self, event_log: EventLog, history: History, subscribers: Sequence[Subscriber]
    ) -> None:
        self._log = event_log
        self._history = history
        self._subscribers = tuple(subscribers)
        self._telling = threading.Lock()
        self._sequence = 0
        self._running: dict[str, TaskUpdate | None] = {}
        self._elsewhere: set[str] = set()
        self.rested_at = 0.0
        """When the log is worth reading again."""
        self.behind = False
        """Whether the log has more than was told."""

    def start(self) -> None:
        """Tells what is changed from now on."""
        self._sequence = self._log.newest()
        running = [t for t in self._history.active() if t.status is TaskState.RUNNING]
        self._running = dict.fromkeys(task.task_id for task in running)

    @property
    def sequence(self) -> int:
        """The number of the newest event told."""
        return self._sequence

    def latest(self, task_id: str) -> TaskUpdate | None:
        """The newest progress told of a running task."""
        return self._running.get(task_id)

    def tell_changes(self) -> list[Event]:
        """The changes told: what is new in the log; then the progress of tasks elsewhere."""
        events = self._log.after(self._sequence)
        self.behind = len(events) == AT_ONCE
        if len(events) >= CROWD and not self.behind:
            self.rest(REST_SECONDS)
        with self._telling:
            for event in events:
                self._remember(event)
                self._tell(event)
        while self._elsewhere:
            if (update := self._stored(self._elsewhere.pop())) is not None:
                self.tell_progress(update)
        return events

    def tell_progress(self, update: TaskUpdate) -> None:
        """Nothing follows the end of a task: progress that comes later is dropped."""
        with self._telling:
            if update.task_id not in self._running:
                return
            # Not beyond the room before the next stored event.
            self._sequence += self._sequence % STEP < STEP - 1
            numbered = update.model_copy(update={"sequence": self._sequence})
            self._running[update.task_id] = numbered
            self._tell(numbered)

    def advanced_elsewhere(self, task_id: str) -> None:
        """A task that runs on another server has got on, as the database knows."""
        self._elsewhere.add(task_id)

    def rest(self, seconds: float) -> None:
        """Leaves the log in peace for so long."""
        self.rested_at = time.monotonic() + seconds

    def _remember(self, event: Event) -> None:
        self._sequence = event.sequence
        if isinstance(event, TaskUpdate) and event.status is TaskState.RUNNING:
            self._running.setdefault(event.task_id, None)
        else:
            self._running.pop(event.task_id, None)

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
