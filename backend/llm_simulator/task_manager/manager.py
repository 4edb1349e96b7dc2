"""The task manager: the door to everything that can be done with tasks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from llm_simulator.database import Database
from llm_simulator.errors import Conflict, InvalidInput
from llm_simulator.executors.executor import Executor
from llm_simulator.planner.evaluate import Request
from llm_simulator.schemas.events import Event, TaskEvent
from llm_simulator.schemas.queue import Queue
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import TaskResults
from llm_simulator.task_manager.admission import Admission
from llm_simulator.task_manager.commands import (
    AdvancedElsewhere,
    ChunkComputed,
    EventsLogged,
    Report,
    Submit,
    TaskGone,
    TasksChanged,
)
from llm_simulator.task_manager.dispatcher import DispatchLoop
from llm_simulator.task_manager.event_log import EventLog
from llm_simulator.task_manager.events import EventFeed, Subscriber, event_of
from llm_simulator.task_manager.group_commit import GroupCommit
from llm_simulator.task_manager.heartbeat import LeaseHeartbeat
from llm_simulator.task_manager.history.queries import History, no_task
from llm_simulator.task_manager.identity import Identity
from llm_simulator.task_manager.lifecycle import ACTIVE
from llm_simulator.task_manager.listener import Listener
from llm_simulator.task_manager.partial_results import partial_results
from llm_simulator.task_manager.queue import QueueStore
from llm_simulator.task_manager.scheduler import Scheduler
from llm_simulator.task_manager.store import AGEING_SECONDS, TaskStore
from llm_simulator.task_manager.task_rows import StoredTask, Submission
from llm_simulator.task_manager.work import WorkerFunctions
from llm_simulator.task_manager.write_buffer import WriteBuffer

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
    max_plans: int | None = None
    """Plans of one task at most."""
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
        work: WorkerFunctions | None = None,
        identity: Identity | None = None,
    ) -> None:
        scheduling, identity = scheduling or Scheduling(), identity or Identity()
        self.server_id = identity.server_id
        self._database = database
        self._history = history
        self._work = work or WorkerFunctions()
        self._log = EventLog(database)
        self._store = TaskStore(
            database, server_id=self.server_id, ageing_seconds=scheduling.ageing_seconds
        )
        self._queue = QueueStore(database, max_running=scheduling.max_running)
        self._feed = EventFeed(self._log, history, subscribers)
        self._dispatch = DispatchLoop(
            executor,
            work=self._work,
            chunk_timeout=scheduling.chunk_timeout,
            max_plans=scheduling.max_plans,
            report=self._report,
        )
        self._admission = Admission(self._dispatch.ask, scheduling.max_plans)
        self._scheduler = Scheduler(
            self._store,
            buffer=WriteBuffer(database, self.server_id),
            submissions=GroupCommit(self._store, scheduling.max_queued),
            heartbeat=LeaseHeartbeat(database, self._store, identity, scheduling.lease_seconds),
            feed=self._feed,
            dispatch=self._dispatch.post,
            max_running=scheduling.max_running,
            began=began,
        )
        self._listener = Listener(database, self._heard) if database.shared else None

    def start(self) -> None:
        """Takes up what an ended server left behind, then runs tasks until ``shutdown``."""
        self._dispatch.start()
        self._scheduler.start()
        if self._listener is not None:
            self._listener.start()

    def shutdown(self) -> None:
        """Stops all computation; running tasks go back to the queue with what is computed."""
        if self._listener is not None:
            self._listener.stop()
        self._dispatch.stop()
        self._scheduler.stop()

    @property
    def refused_writes(self) -> int:
        """Writes refused because another server had taken the task over."""
        return self._scheduler.refused

    def submit(self, submission: Submission) -> str:
        """The id of a new task, which waits for a free slot; raises QueueFull."""
        return self._scheduler.submit(Submit(submission))

    def plans(self, request: Request) -> int | None:
        """How many plans a request has; None when that takes long to count. Raises InvalidInput."""
        return self._admission.plans(request)

    def cancel(self, task_id: str) -> None:
        """Ends a pending or running task and its computation. Raises NotFound, Conflict."""
        epoch = self._store.cancel(task_id)
        if epoch is None:
            raise self._conflict(task_id, "only a pending or running task can be cancelled")
        log.info("task_cancelled", task_id=task_id)
        self._scheduler.post(TaskGone(task_id, epoch))
        self.changed()

    def delete(self, task_id: str) -> None:
        """Removes a task with its results, after stopping its computation. Raises NotFound."""
        if self._store.delete(task_id) is None:
            raise no_task(task_id)
        self._scheduler.post(TaskGone(task_id))
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

    def move(self, task_id: str, before: str | None) -> None:
        """Puts a pending task before another one, or at the queue's end. Raises NotFound, Conflict,
        InvalidInput when it is to go before itself."""
        if before == task_id:
            raise InvalidInput.at("before", "is the task itself; name another one, or null")
        for moved in (task_id, before):
            if moved is not None and self._history.task(moved).status is not TaskState.PENDING:
                raise self._conflict(moved, "only a pending task has a place in the queue")
        if not self._store.move_before(task_id, before):
            raise self._conflict(task_id, "the queue has moved on; look at it and try again")
        self.changed()

    def pause(self) -> None:
        """Lets no pending task start; those that run go on."""
        self._queue.pause(True)

    def resume(self) -> None:
        """Lets pending tasks start again."""
        self._queue.pause(False)
        self.changed()

    def queue(self, *, limit: int = 100) -> Queue:
        """What runs, and the first ``limit`` of what waits."""
        return self._queue.queue(limit=limit)

    def results(self, task_id: str) -> TaskResults:
        """A task's plans; the best so far while it is active. Raises NotFound."""
        results = self._history.results(task_id)
        if results.status not in ACTIVE:
            return results
        return partial_results(self._database, self._dispatch, self._work, results)

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

    def changed(self) -> None:
        """Some task of the database was changed here: tells of it, sees what there is to do."""
        self._scheduler.post(TasksChanged())

    def _report(self, report: Report) -> None:
        """What the dispatcher has to say: progress to the clients, all to the database."""
        if isinstance(report, ChunkComputed):
            self._feed.tell_progress(report.progress)
        self._scheduler.post(report)

    def _heard(self, message: str) -> None:
        """Another server, or this one, has said something to all."""
        kind, *details = message.split() or [""]
        if kind == "progress":
            server_id, task_id = details
            if server_id != self.server_id:
                self._scheduler.post(AdvancedElsewhere(task_id))
        elif kind == "queue":
            self.changed()
        else:
            self._scheduler.post(EventsLogged())
