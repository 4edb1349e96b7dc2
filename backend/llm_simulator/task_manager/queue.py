"""The queue: whether it is paused, who is next and about when."""

from collections.abc import Sequence
from datetime import timedelta
from heapq import heapify, heapreplace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from llm_simulator.database import Database, inserting
from llm_simulator.models import EvaluationTask, TaskQueue, now
from llm_simulator.schemas.queue import Queue, QueuedTask
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import TaskSummary
from llm_simulator.task_manager.event_log import tell_others
from llm_simulator.task_manager.history.queries import tasks_as
from llm_simulator.task_manager.leases import alive_servers

JUDGED_BY = 20
"""The newest completed tasks, whose mean duration stands for the duration of one that waits."""


class QueueStore:
    """The queue of all servers on one database, each of which runs ``max_running`` tasks."""

    def __init__(self, database: Database, *, max_running: int) -> None:
        self._database = database
        self._max_running = max_running

    def pause(self, stop: bool) -> None:
        """Keeps pending tasks from starting, or lets them start again; kept over a restart."""
        with self._database.writing() as session:
            session.execute(
                inserting(session, TaskQueue)
                .values(id=1, paused=stop)
                .on_conflict_do_update(index_elements=["id"], set_={"paused": stop})
            )
            tell_others(session, "queue")

    def queue(self, *, limit: int) -> Queue:
        """All running tasks and the first ``limit`` pending ones, next first."""
        with self._database.reading() as session:
            stopped = bool(session.execute(select(TaskQueue.paused)).scalar_one_or_none())
            running = _tasks(session, TaskState.RUNNING)
            pending = _tasks(session, TaskState.PENDING, limit)
            total = session.execute(
                select(func.count(EvaluationTask.id)).where(
                    EvaluationTask.status == TaskState.PENDING
                )
            ).scalar_one()
            servers = len(session.execute(alive_servers(self._database)).all())
            duration = _mean_duration(session)
        places = self._max_running * max(servers, 1)
        waits = [None] * len(pending)
        if duration is not None and not stopped:
            waits = starts([_left(task, duration) for task in running], places, duration, pending)
        return Queue(
            paused=stopped,
            running=running,
            pending=[
                _queued(task, position, wait)
                for position, (task, wait) in enumerate(zip(pending, waits, strict=True), start=1)
            ],
            total_pending=total,
        )


def starts(
    left: Sequence[float], places: int, duration: float, pending: Sequence[object]
) -> list[float]:
    """Seconds until each pending task starts, if each runs for ``duration``.

    >>> starts([5.0, 1.0], 2, 10.0, ["a", "b", "c"])
    [1.0, 5.0, 11.0]
    """
    free = [*left, *[0.0] * places][: max(places, len(left))]
    heapify(free)
    return [heapreplace(free, free[0] + duration) for _ in pending]


def _tasks(session: Session, state: TaskState, limit: int | None = None) -> list[TaskSummary]:
    rows = session.execute(
        tasks_as(TaskSummary)
        .where(EvaluationTask.status == state)
        .order_by(EvaluationTask.queue_key, EvaluationTask.id)
        .limit(limit)
    )
    return [TaskSummary.model_validate(row) for row in rows]


def _mean_duration(session: Session) -> float | None:
    rows = session.execute(
        select(EvaluationTask.started_at, EvaluationTask.completed_at)
        .where(EvaluationTask.status == TaskState.COMPLETED)
        .order_by(EvaluationTask.id.desc())
        .limit(JUDGED_BY)
    ).all()
    took = [(end - start).total_seconds() for start, end in rows if start and end]
    return sum(took) / len(took) if took else None


def _left(task: TaskSummary, duration: float) -> float:
    """Seconds a running task still needs: what its progress says, else the mean of others."""
    if task.seconds_left is not None:
        return task.seconds_left
    ran = (now() - task.started_at).total_seconds() if task.started_at else 0.0
    return max(duration - ran, 0.0)


def _queued(task: TaskSummary, position: int, wait: float | None) -> QueuedTask:
    start = None if wait is None else now() + timedelta(seconds=wait)
    return QueuedTask(**task.model_dump(), position=position, estimated_start=start)
