"""Tasks in the database: every change, each in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import EvaluationResult, EvaluationTask, Experiment, now
from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.facts import best_score, experiment_facts, task_facts
from llm_simulator.task_manager.lifecycle import sources
from llm_simulator.task_manager.submission_keys import Key, hold

FIGURES = ("throughput", "tps_per_chip", "ttft", "tpot", "mfu", "mbu", "score")


@dataclass(frozen=True)
class Submission:
    """What a user submits, checked, with presets resolved in ``request``."""

    experiment_name: str
    description: str | None
    request: dict[str, Any]
    key: Key | None = None


@dataclass(frozen=True)
class StoredTask:
    """What the task manager needs to know of a task."""

    task_id: str
    experiment_name: str
    request: dict[str, Any]


class TaskStore:
    """Every change of a task. A change that no longer fits the task's state changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, submission: Submission) -> str:
        """The id of a new pending task, in the experiment of that name, new or old."""
        task_id = str(uuid4())
        with self._database.writing() as session:
            experiment_id = _joined_experiment(session, submission)
            row = session.execute(
                insert(EvaluationTask)
                .values(_task_row(task_id, submission) | {"experiment_id": experiment_id})
                .returning(EvaluationTask.id)
            ).scalar_one()
            if submission.key is not None:
                hold(session, submission.key, row)
        return task_id

    def claim_oldest(self) -> StoredTask | None:
        """The oldest pending task, now running; None when there is none."""
        with self._database.writing() as session:
            oldest = session.execute(
                select(EvaluationTask.task_id, Experiment.name, EvaluationTask.request)
                .join(Experiment)
                .where(EvaluationTask.status == TaskState.PENDING)
                .order_by(EvaluationTask.id)
                .limit(1)
            ).first()
            if oldest is None:
                return None
            moved = _move(
                session, oldest.task_id, TaskState.RUNNING, started_at=now(), message="Running"
            )
            return StoredTask(*oldest) if moved else None

    def advance(self, progress: TaskUpdate) -> None:
        """Notes the progress of a task, if it still runs."""
        with self._database.writing() as session:
            session.execute(
                update(EvaluationTask)
                .where(EvaluationTask.task_id == progress.task_id)
                .where(EvaluationTask.status == TaskState.RUNNING)
                .values(
                    progress=progress.progress,
                    message=progress.message,
                    search_stats=progress.search_stats and progress.search_stats.model_dump(),
                )
            )

    def complete(self, task_id: str, result: Mapping[str, Any], **values: Any) -> bool:
        """Stores a running task's results and ends it; False when it no longer runs."""
        with self._database.writing() as session:
            task = _move(
                session,
                task_id,
                TaskState.COMPLETED,
                completed_at=now(),
                progress=100.0,
                search_stats=result["search_stats"],
                warnings=result["warnings"],
                best_score=best_score(result),
                **values,
            )
            if task is None:
                return False
            rows = result_rows(task.id, result)
            if rows:
                session.execute(insert(EvaluationResult), rows)
        return True

    def end(self, task_id: str, state: TaskState, **values: Any) -> bool:
        """Ends a task as failed or cancelled; False when it has ended before or is gone."""
        with self._database.writing() as session:
            return _move(session, task_id, state, completed_at=now(), **values) is not None

    def delete(self, task_id: str) -> str | None:
        """Deletes a task with its results; its experiment's name, None when there is no task."""
        with self._database.writing() as session:
            gone = session.execute(
                delete(EvaluationTask)
                .where(EvaluationTask.task_id == task_id)
                .returning(EvaluationTask.experiment_id, EvaluationTask.status)
            ).first()
            if gone is None:
                return None
            completed = int(gone.status == TaskState.COMPLETED)
            return session.execute(
                _counted(gone.experiment_id, total=-1, completed=-completed)
            ).scalar_one()

    def recover(self) -> int:
        """Puts running tasks of an ended server back to pending; how many tasks now wait."""
        with self._database.writing() as session:
            session.execute(
                update(EvaluationTask)
                .where(EvaluationTask.status.in_(sources(TaskState.PENDING)))
                .values(
                    status=TaskState.PENDING,
                    progress=0.0,
                    started_at=None,
                    search_stats=None,
                    message="Waiting to run again",
                )
            )
            waiting = select(EvaluationTask.id).where(EvaluationTask.status == TaskState.PENDING)
            session.execute(delete(EvaluationResult).where(EvaluationResult.task_id.in_(waiting)))
            return len(session.execute(waiting).all())


def _task_row(task_id: str, submission: Submission) -> dict[str, Any]:
    request = submission.request
    return {
        "task_id": task_id,
        "status": TaskState.PENDING,
        "progress": 0.0,
        "message": "Waiting for a free place",
        "created_at": now(),
        "search_mode": request["search_mode"],
        "manual_parallelism": request.get("manual_parallelism"),
        "search_constraints": request.get("search_constraints"),
        "request": request,
        **task_facts(submission.experiment_name, request),
    }


def _joined_experiment(session: Session, submission: Submission) -> int:
    """The id of the experiment of that name, counting one task more."""
    moment = now()
    # Only the dialects' own insert can say: unless another submission was first.
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(
        dialect.insert(Experiment)
        .values(
            name=submission.experiment_name,
            description=submission.description,
            created_at=moment,
            updated_at=moment,
            model_config=submission.request["model"],
            hardware_config=submission.request.get("hardware"),
            inference_config=submission.request["inference"],
            total_tasks=0,
            completed_tasks=0,
            **experiment_facts(submission.experiment_name, submission.description),
        )
        .on_conflict_do_nothing(index_elements=["name"])
    )
    return session.execute(
        update(Experiment)
        .where(Experiment.name == submission.experiment_name)
        .values(total_tasks=Experiment.total_tasks + 1, updated_at=moment)
        .returning(Experiment.id)
    ).scalar_one()


def _move(session: Session, task_id: str, target: TaskState, **values: Any) -> Row[int, int] | None:
    """The task, moved to ``target``; None when its present state does not allow it."""
    task = session.execute(
        update(EvaluationTask)
        .where(EvaluationTask.task_id == task_id)
        .where(EvaluationTask.status.in_(sources(target)))
        .values(status=target, **values)
        .returning(EvaluationTask.id, EvaluationTask.experiment_id)
    ).first()
    if task is not None and target is TaskState.COMPLETED:
        session.execute(_counted(task.experiment_id, completed=1))
    return task


def _counted(experiment_id: int, *, total: int = 0, completed: int = 0) -> Any:
    """The update of an experiment's counters, answering its name.

    Relative to the stored numbers, so that concurrent changes add up.
    """
    return (
        update(Experiment)
        .where(Experiment.id == experiment_id)
        .values(
            total_tasks=Experiment.total_tasks + total,
            completed_tasks=Experiment.completed_tasks + completed,
            updated_at=now(),
        )
        .returning(Experiment.name)
    )


def result_rows(task_row: int, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each plan of the result, feasible or not."""
    moment = now()
    plans: Sequence[Mapping[str, Any]] = [*result["top_k_plans"], *result["infeasible_plans"]]
    return [
        {
            "task_id": task_row,
            "rank": plan.get("rank"),
            **plan["parallelism"],
            "chips": plan["chips"],
            **{name: plan.get(name) for name in FIGURES},
            "is_feasible": plan["is_feasible"],
            "infeasible_reason": plan["infeasible_reason"],
            "full_result": plan,
            "created_at": moment,
        }
        for plan in plans
    ]
