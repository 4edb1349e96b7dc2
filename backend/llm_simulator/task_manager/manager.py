"""The task manager: which tasks run now, and every change of a task from pending to its end."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from llm_simulator.errors import Conflict, Tier6Error
from llm_simulator.evaluation import EvaluationResult, SearchStats
from llm_simulator.executors.executor import Executor
from llm_simulator.schemas.events import TaskDeleted, TaskEvent, TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import TaskSummary
from llm_simulator.task_manager.events import Publisher, Subscriber
from llm_simulator.task_manager.history import History, no_task
from llm_simulator.task_manager.progress import Progress
from llm_simulator.task_manager.run import Run, Stopped
from llm_simulator.task_manager.store import StoredTask, Submission, TaskStore

Answer = TypeVar("Answer")

UNREACHABLE = (OperationalError, InterfaceError)
RETRY_SECONDS = 1.0
UNEXPECTED = "The evaluation failed unexpectedly; the server's log has the details."

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Place:
    """A running task: what computes it and how far it is."""

    run: Run
    progress: Progress


class TaskManager:
    """Runs tasks. Every method may be called from any thread.

    ``_changes`` is held while a task changes its state and while that is published, so events
    leave in the order of the changes and nothing follows a task's last one. The guarded updates
    of the store decide which of two racing changes happens.
    """

    def __init__(
        self,
        *,
        store: TaskStore,
        history: History,
        executor: Executor,
        max_running: int,
        subscribers: Sequence[Subscriber] = (),
    ) -> None:
        self._store = store
        self._history = history
        self._executor = executor
        self._publisher = Publisher(subscribers)
        self._changes = threading.RLock()
        self._places: dict[str, Place] = {}
        self._stopping = threading.Event()
        # One token at least for each pending task; whoever takes one runs the oldest task.
        self._tokens: SimpleQueue[bool] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._keep_running, name=f"task-place-{n}", daemon=True)
            for n in range(max_running)
        ]

    def start(self) -> None:
        """Takes up what an ended server left behind, then runs tasks until ``shutdown``."""
        for _ in range(self._store.recover()):
            self._tokens.put(True)
        for thread in self._threads:
            thread.start()

    def submit(self, submission: Submission) -> str:
        """The id of a new task, which waits for a free place."""
        with self._changes:
            task_id = self._store.create(submission)
            self._publish_stored(task_id)
        self._tokens.put(True)
        return task_id

    def cancel(self, task_id: str) -> None:
        """Ends a pending or running task and its computation. Raises NotFound, Conflict."""
        with self._changes:
            if not self._store.end(task_id, TaskState.CANCELLED, message="Cancelled"):
                task = self._history.task(task_id)
                raise Conflict(
                    f"Task {task_id} is already {task.status}; only a pending or running task "
                    "can be cancelled."
                )
            place = self._places.pop(task_id, None)
            self._publish_stored(task_id)
        if place is not None:
            place.run.stop()

    def delete(self, task_id: str) -> None:
        """Removes a task with its results, after stopping its computation. Raises NotFound."""
        with self._changes:
            experiment_name = self._store.delete(task_id)
            if experiment_name is None:
                raise no_task(task_id)
            place = self._places.pop(task_id, None)
            self._publisher.publish(
                TaskDeleted(task_id=task_id, experiment_name=experiment_name, sequence=0)
            )
        if place is not None:
            place.run.stop()

    def active(self) -> list[TaskEvent]:
        """The newest state of every pending and running task, oldest first."""
        with self._changes:
            sequence = self._publisher.sequence
            return [
                self._places[task.task_id].progress.latest
                if task.task_id in self._places
                else _event(task, sequence)
                for task in self._history.active()
            ]

    def shutdown(self) -> None:
        """Stops all computation; running tasks go back to pending, for the next start."""
        self._stopping.set()
        with self._changes:
            places = tuple(self._places.values())
        for _ in self._threads:
            self._tokens.put(False)
        for place in places:
            place.run.stop()
        for thread in self._threads:
            thread.join()
        self._store.recover()

    def _keep_running(self) -> None:
        """One place's life: a task after the other."""
        while self._tokens.get() and not self._stopping.is_set():
            claimed = self._persistently(self._claim)
            if claimed is not None:
                self._run(*claimed)

    def _claim(self) -> tuple[StoredTask, Place] | None:
        with self._changes:
            task = None if self._stopping.is_set() else self._store.claim_oldest()
            if task is None:
                return None
            place = self._place(task)
            self._places[task.task_id] = place
            place.progress.start()
        return task, place

    def _place(self, task: StoredTask) -> Place:
        progress = Progress(
            task_id=task.task_id,
            experiment_name=task.experiment_name,
            publish=self._publish_progress,
            store=self._store_progress,
        )
        run = Run(
            task_id=task.task_id,
            request=task.request,
            executor=self._executor,
            advanced=progress.advanced,
        )
        return Place(run, progress)

    def _run(self, task: StoredTask, place: Place) -> None:
        """Computes one task to its end, or until it is stopped; whoever stops it tells."""
        try:
            result = place.run.result()
            self._persistently(lambda: self._complete(task.task_id, result))
        except Stopped:
            return
        except Tier6Error as error:
            self._fail(task.task_id, str(error))
        except Exception:
            log.exception("task_failed", task_id=task.task_id)
            self._fail(task.task_id, UNEXPECTED)

    def _complete(self, task_id: str, result: EvaluationResult) -> None:
        message = _conclusion(result["search_stats"])
        with self._changes:
            if self._store.complete(task_id, result, message=message):
                self._leave(task_id)

    def _fail(self, task_id: str, sentence: str) -> None:
        def fail() -> None:
            with self._changes:
                if self._store.end(task_id, TaskState.FAILED, message="Failed", error=sentence):
                    self._leave(task_id)

        self._persistently(fail)

    def _leave(self, task_id: str) -> None:
        self._places.pop(task_id, None)
        self._publish_stored(task_id)

    def _publish_stored(self, task_id: str) -> None:
        self._publisher.publish(_event(self._history.task(task_id), sequence=0))

    def _publish_progress(self, update: TaskUpdate) -> TaskUpdate | None:
        """The numbered update; None when the task no longer runs and nothing was told."""
        with self._changes:
            if update.task_id not in self._places:
                return None
            return self._publisher.publish(update)

    def _store_progress(self, update: TaskUpdate) -> None:
        try:
            self._store.advance(update)
        except UNREACHABLE:
            # The next step tells again; the end of the task waits for the database.
            log.warning("progress_not_stored", task_id=update.task_id)

    def _persistently(self, change: Callable[[], Answer]) -> Answer | None:
        """The answer of ``change``, tried until the database takes it or the server ends."""
        while True:
            try:
                return change()
            except UNREACHABLE:
                log.exception("database_unreachable")
                if self._stopping.wait(RETRY_SECONDS):
                    return None


def _event(task: TaskSummary, sequence: int) -> TaskUpdate:
    return TaskUpdate(
        task_id=task.task_id,
        experiment_name=task.experiment_name,
        status=task.status,
        progress=task.progress,
        message=task.message,
        error=task.error,
        search_stats=task.search_stats,
        sequence=sequence,
    )


def _conclusion(stats: SearchStats) -> str:
    return f"{stats['feasible_plans']:,} of {stats['total_plans']:,} plans are feasible"
