"""Rows of evaluation_tasks: what is written to them, and what is read to run a task."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from llm_simulator.models import EvaluationChunk, EvaluationTask, Experiment, TaskQueue, now
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.chunks import Resumed, resumed
from llm_simulator.task_manager.event_log import record_changes
from llm_simulator.task_manager.lifecycle import sources
from llm_simulator.task_manager.rows.search_columns import task_columns
from llm_simulator.task_manager.rows.submission_keys import Key

WAITING = "Waiting for a free place"
_PENDING = select(EvaluationTask.id).where(EvaluationTask.status == TaskState.PENDING)
_PENDING_COUNTED = select(func.count()).select_from(_PENDING.limit(bindparam("most")).subquery())


@dataclass(frozen=True)
class Submission:
    """What a user submits, checked, with presets resolved in ``request``."""

    experiment_name: str
    description: str | None
    request: dict[str, Any]
    priority: int = 0
    key: Key | None = None
    traceparent: str | None = None


@dataclass(frozen=True)
class StoredTask:
    """A task that this server has taken up, and what was already computed of it."""

    row: int
    task_id: str
    epoch: int
    """Tells this taking up from earlier ones: only its holder may write for the task."""
    experiment_name: str
    request: dict[str, Any]
    priority: int
    resumed: Resumed
    traceparent: str | None


FORGOTTEN = (
    "error",
    "started_at",
    "completed_at",
    "search_stats",
    "warnings",
    "server_id",
    "plan_fingerprint",
    "evaluations",
    "rate",
    "seconds_left",
    "best_so_far",
)
"""What a task that starts anew knows no more."""


def held(task: StoredTask) -> ColumnElement[bool]:
    """Whether the task still runs for the one who took it up."""
    return (EvaluationTask.id == task.row) & (EvaluationTask.epoch == task.epoch)


def waiting(session: Session, most: int) -> int:
    """How many tasks are pending; counted no further than ``most``."""
    return session.execute(_PENDING_COUNTED, {"most": most}).scalar_one()


def next_in_queue(above: int | None) -> Select[int]:
    """The query for the pending task that is next, of more than that priority where given.

    There is none while the queue is paused.
    """
    is_paused = exists().where(TaskQueue.paused)
    query = _PENDING.where(~is_paused)
    if above is None:
        query = query.order_by(EvaluationTask.queue_key, EvaluationTask.id)
    else:
        query = query.where(EvaluationTask.priority > above).order_by(
            EvaluationTask.priority.desc(), EvaluationTask.queue_key
        )
    return query.limit(1).with_for_update(skip_locked=True)


def stored_task(session: Session, row: int) -> StoredTask:
    """What its runner needs to know of a task."""
    task = session.execute(
        select(
            EvaluationTask.task_id,
            EvaluationTask.epoch,
            Experiment.name,
            EvaluationTask.request,
            EvaluationTask.priority,
            EvaluationTask.plan_fingerprint,
            EvaluationTask.traceparent,
        )
        .join(Experiment)
        .where(EvaluationTask.id == row)
    ).one()
    return StoredTask(
        row=row,
        task_id=task.task_id,
        epoch=task.epoch,
        experiment_name=task.name,
        request=task.request,
        priority=task.priority,
        resumed=resumed(session, row, task.plan_fingerprint),
        traceparent=task.traceparent,
    )


def log_end(session: Session, row: int) -> None:
    """Logs that a task has ended; it keeps no chunks."""
    session.execute(delete(EvaluationChunk).where(EvaluationChunk.task_id == row))
    record_changes(session, [row])


def task_row(task_id: str, submission: Submission) -> dict[str, Any]:
    """A new task as a row; its place in queue and experiment are still missing."""
    return {
        "task_id": task_id,
        "status": TaskState.PENDING,
        "progress": 0.0,
        "message": WAITING,
        "created_at": now(),
        "traceparent": submission.traceparent,
        **task_columns(submission.experiment_name, submission.request),
    }


def move(
    session: Session, which: ColumnElement[bool], target: TaskState, **values: Any
) -> Row[int, int, int] | None:
    """The task, moved to ``target``; None when its present state does not allow it."""
    return session.execute(
        update(EvaluationTask)
        .where(which)
        .where(EvaluationTask.status.in_(sources(target)))
        .values(status=target, **values)
        .returning(EvaluationTask.id, EvaluationTask.experiment_id, EvaluationTask.epoch)
        .execution_options(synchronize_session=False)
    ).first()
