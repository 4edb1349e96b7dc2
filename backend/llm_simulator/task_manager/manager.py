"""The task manager: the door to everything that can be done with tasks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from llm_simulator.database import Database
from llm_simulator.errors import Conflict
from llm_simulator.executors.executor import Executor
from llm_simulator.schemas.events import Event, TaskDeleted, TaskEvent, TaskUpdate
from llm_simulator.schemas.queue import Queue
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import TaskResults
from llm_simulator.task_manager.event_log import EventLog
from llm_simulator.task_manager.events import EventFeed, Subscriber, event_of
from llm_simulator.task_manager.feeder import Feeder
from llm_simulator.task_manager.heart import Heart
from llm_simulator.task_manager.history.queries import History, no_task
from llm_simulator.task_manager.identity import Identity
from llm_simulator.task_manager.intake import Intake
from llm_simulator.task_manager.keeper import Keeper
from llm_simulator.task_manager.lifecycle import ACTIVE
from llm_simulator.task_manager.listener import Listener
from llm_simulator.task_manager.partial_results import PartialResults
from llm_simulator.task_manager.queue import QueueStore
from llm_simulator.task_manager.run import Run, Work
from llm_simulator.task_manager.store import AGEING_SECONDS, TaskStore
from llm_simulator.task_manager.task_rows import StoredTask, Submission

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Scheduling:
    """How tasks are run."""

    max_running: int = 4
    max_queued: int = 10_000
    """So many may wait; what is submitted beyond them is refused."""
    chunk_timeout: float = 600.0
    """Seconds after which a chunk counts as stuck."""
    ageing_seconds: float = AGEING_SECONDS
    lease_seconds: float = 10.0
    """A server that is silent for so long loses its tasks to others on the same database."""


class TaskManager:
    """Runs tasks. Every method may be called from any thread.

    Several managers, each in its server, may work on one PostgreSQL.
    """

    def __init__(
        self,
        *,
        database: Database,
        history: History,
        executor: Executor,
        scheduling: Scheduling | None = None,
        subscribers: Sequence[Subscriber] = (),
        began: Callable[[StoredTask], None] = lambda _: None,
        work: Work | None = None,
        identity: Identity | None = None,
    ) -> None:
        scheduling, work = scheduling or Scheduling(), work or Work()
        identity = identity or Identity()
        self.server_id = identity.server_id
        self._history = history
        self._log = EventLog(database)
        self._store = TaskStore(
            database, server_id=self.server_id, ageing_seconds=scheduling.ageing_seconds
        )
        self._queue = QueueStore(database, max_running=scheduling.max_running)
        self._feed = EventFeed(self._log, history, [self._heed, *subscribers])
        self._feeder = Feeder(
            executor, chunk_timeout=scheduling.chunk_timeout, advanced=self._advanced
        )
        self._keeper = Keeper(
            database,
            self._store,
            self._feeder,
            server_id=self.server_id,
            max_running=scheduling.max_running,
            work=work,
            changed=self._feed.changed,
            began=began,
        )
        self._intake = Intake(self._store, most_waiting=scheduling.max_queued, stored=self.changed)
        self._partial = PartialResults(database, self._feeder, work)
        self._heart = Heart(
            database,
            self._store,
            identity=identity,
            lease_seconds=scheduling.lease_seconds,
            beaten=self._beaten,
        )
        self._listener = Listener(database, self._told) if database.shared else None

    def start(self) -> None:
        """Takes up what an ended server left behind, then runs tasks until ``shutdown``."""
        self._feed.start()
        self._heart.start()
        self._feeder.start()
        self._keeper.start()
        self._intake.start()
        if self._listener is not None:
            self._listener.start()
        self._feed.changed()

    def shutdown(self) -> None:
        """Stops all computation; running tasks go back to the queue with what is computed."""
        self._intake.stop()
        self._heart.stop()
        self._feeder.stop()
        self._keeper.stop()
        if self._listener is not None:
            self._listener.stop()
        self._feed.stop()
        self._store.hand_back()
        self._heart.end_lease()

    @property
    def refused_writes(self) -> int:
        """Writes refused because another server had taken the task over."""
        return self._keeper.refused

    def submit(self, submission: Submission) -> str:
        """The id of a new task, which waits for a free place; raises QueueFull."""
        return self._intake.submit(submission)

    def cancel(self, task_id: str) -> None:
        """Ends a pending or running task and its computation. Raises NotFound, Conflict."""
        epoch = self._store.cancel(task_id)
        if epoch is None:
            raise self._conflict(task_id, "only a pending or running task can be cancelled")
        run = self._keeper.run_of(task_id)
        # A later run is of a task that was retried since.
        if run is not None and run.task.epoch <= epoch:
            self._keeper.release(run)
        self.changed()

    def delete(self, task_id: str) -> None:
        """Removes a task with its results, after stopping its computation. Raises NotFound."""
        if self._store.delete(task_id) is None:
            raise no_task(task_id)
        if (run := self._keeper.run_of(task_id)) is not None:
            self._keeper.release(run)
        self.changed()

    def retry(self, task_id: str) -> None:
        """Puts a failed or cancelled task at the queue's end. Raises NotFound, Conflict."""
        if not self._store.retry(task_id):
            raise self._conflict(task_id, "only a failed or cancelled task can be retried")
        self.changed()

    def set_priority(self, task_id: str, priority: int) -> None:
        """Changes when a pending or running task has its turn. Raises NotFound, Conflict."""
        if not self._store.set_priority(task_id, priority):
            raise self._conflict(task_id, "only a pending or running task has a priority to change")
        self.changed()

    def pause(self) -> None:
        """Lets no pending task start; those that run go on."""
        self._queue.pause(True)

    def resume(self) -> None:
        """Lets pending tasks start again."""
        self._queue.pause(False)
        self._keeper.wake()

    def queue(self, *, limit: int = 100) -> Queue:
        """What runs, and the first ``limit`` of what waits."""
        return self._queue.queue(limit=limit)

    def results(self, task_id: str) -> TaskResults:
        """A task's plans; the best so far while it is active. Raises NotFound."""
        results = self._history.results(task_id)
        if results.status not in ACTIVE:
            return results
        return self._partial.of(results, self._keeper.run_of(task_id))

    def active(self) -> list[TaskEvent]:
        """The newest state of every pending and running task, oldest first."""
        sequence = self._feed.sequence
        return [
            (task.status is TaskState.RUNNING and self._feed.latest(task.task_id))
            or event_of(task, sequence)
            for task in self._history.active()
        ]

    @property
    def sequence(self) -> int:
        """The number of the newest event."""
        return self._feed.sequence

    def events_since(
        self, sequence: int, task_id: str | None = None, experiment: str | None = None
    ) -> list[Event] | None:
        """The changes after an event of this number; None when a snapshot is needed instead."""
        return self._log.since(sequence, task_id=task_id, experiment=experiment)

    def _conflict(self, task_id: str, rule: str) -> Conflict:
        """Raises NotFound where there is no task to be in conflict with."""
        task = self._history.task(task_id)
        return Conflict(f"Task {task_id} is {task.status}; {rule}.")

    def changed(self, priority: int | None = None) -> None:
        """Some task of the database was changed here: tells of it, sees what there is to do.

        With ``priority``, tasks of no higher priority than that have come.
        """
        self._feed.changed()
        self._keeper.wake(priority)

    def _advanced(self, run: Run) -> None:
        self._feed.advanced(run.progress.update(run.priority))

    def _heed(self, event: Event) -> None:
        """Follows a change, whoever made it: a user here or on another server."""
        run = self._keeper.run_of(event.task_id)
        if isinstance(event, TaskUpdate) and event.status is TaskState.PENDING:
            self._keeper.wake(event.priority)
        if run is None:
            return
        if isinstance(event, TaskDeleted) or event.status is not TaskState.RUNNING:
            self._keeper.compare()
        elif run.priority != event.priority:
            self._feeder.prioritise(run, event.priority)

    def _beaten(self) -> None:
        self._keeper.compare()
        self._feed.changed()

    def _told(self, message: str) -> None:
        """Another server, or this one, has said something to all."""
        kind, *details = message.split() or [""]
        if kind == "progress":
            server_id, task_id = details
            if server_id != self.server_id:
                self._feed.advanced_elsewhere(task_id)
        elif kind == "queue":
            self._keeper.wake()
        else:
            self._feed.changed()
