"""Stores an exported experiment in this installation. Its document may be anybody's work."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import (
    EvaluationResult,
    EvaluationTask,
    Experiment,
    ExperimentTag,
    TaskTag,
    now,
)
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.schemas.exchange import Archive, ArchivedTask, Imported
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.exchange.checking import CheckedTask, checked_archive
from llm_simulator.task_manager.history.labels import replace_tags
from llm_simulator.task_manager.lifecycle import ACTIVE
from llm_simulator.task_manager.rows.result_rows import result_rows
from llm_simulator.task_manager.rows.search_columns import (
    experiment_search_columns,
    task_search_columns,
)

LONGEST_NAME = 200
NOT_ENDED = "Imported before it had ended"


def restored(database: Database, document: bytes, catalogue: Catalogue) -> Imported:
    """What was stored: all of it or nothing. Raises InvalidInput naming what can't be read.

    Ids and the name are kept where they are free. A task that had not ended is stored as
    cancelled: an import starts no computation.
    """
    archive, tasks = checked_archive(document, catalogue)
    with database.writing() as session:
        return _stored(session, archive, tasks)


def _stored(session: Session, archive: Archive, tasks: list[CheckedTask]) -> Imported:
    experiment_id, name = _stored_experiment(session, archive, tasks)
    renamed = {}
    for checked in tasks:
        row, task_id = _stored_task(session, checked, experiment_id, name)
        if task_id != checked.task.task_id:
            renamed[checked.task.task_id] = task_id
        _store_results(session, row, checked.task)
    results = sum(len(checked.task.results) for checked in tasks)
    return Imported(
        experiment_id=experiment_id,
        experiment_name=name,
        tasks=len(tasks),
        results=results,
        renamed_tasks=renamed,
        message=f"Imported {len(tasks):,} tasks with {results:,} results as '{name}'.",
    )


def _stored_experiment(
    session: Session, archive: Archive, tasks: list[CheckedTask]
) -> tuple[int, str]:
    """The new experiment's row and name: with a number behind it if the name is taken."""
    about = archive.experiment
    for name in _names(about.name):
        values = {
            "name": name,
            "description": about.description,
            "created_at": about.created_at,
            "updated_at": about.updated_at,
            "model_config": about.model_configuration,
            "hardware_config": about.hardware_config,
            "inference_config": about.inference_config,
            "total_tasks": len(tasks),
            "completed_tasks": sum(task.completed for task in tasks),
            "pinned": about.pinned,
            **experiment_search_columns(name, about.description),
        }
        row = _inserted(session, Experiment, "name", values)
        if row is not None:
            replace_tags(session, ExperimentTag.experiment_id, row, about.tags)
            return row, name
    raise AssertionError("names never end")


def _stored_task(
    session: Session, checked: CheckedTask, experiment_id: int, experiment_name: str
) -> tuple[int, str]:
    """The new task's row and id: its own, or a new one if that is taken."""
    task_id = checked.task.task_id
    values = _task_values(checked, experiment_name) | {"experiment_id": experiment_id}
    row = _inserted(session, EvaluationTask, "task_id", values)
    if row is None:
        task_id = str(uuid4())
        again = insert(EvaluationTask).values(values | {"task_id": task_id})
        row = session.execute(again.returning(EvaluationTask.id)).scalar_one()
    replace_tags(session, TaskTag.task_id, row, checked.task.tags)
    return row, task_id


def _task_values(checked: CheckedTask, experiment_name: str) -> dict[str, Any]:
    task, request = checked.task, checked.request
    ended = task.status not in ACTIVE
    scores = [plan["score"] for plan in task.results if plan.get("rank") == 1]
    return {
        "task_id": task.task_id,
        "status": task.status if ended else TaskState.CANCELLED,
        "progress": task.progress,
        "message": task.message if ended else NOT_ENDED,
        "error": task.error,
        "created_at": task.created_at,
        "started_at": task.started_at,
        "completed_at": task.completed_at if ended else now(),
        "search_mode": request["search_mode"],
        "manual_parallelism": request["manual_parallelism"],
        "search_constraints": request["search_constraints"],
        "search_stats": task.search_stats and task.search_stats.model_dump(),
        "warnings": task.warnings,
        "request": request,
        "priority": task.priority,
        "evaluations": task.evaluations and task.evaluations.model_dump(),
        "pinned": task.pinned,
        "best_score": scores[0] if scores else None,
        **task_search_columns(experiment_name, request),
    }


def _store_results(session: Session, row: int, task: ArchivedTask) -> None:
    plans = {
        "top_k_plans": [plan for plan in task.results if plan["is_feasible"]],
        "infeasible_plans": [plan for plan in task.results if not plan["is_feasible"]],
    }
    if rows := result_rows(row, plans):
        session.execute(insert(EvaluationResult), rows)


def _names(wanted: str) -> Iterator[str]:
    """The name itself, then with ever larger numbers behind it."""
    yield wanted
    number = 2
    while True:
        end = f" ({number})"
        yield wanted[: LONGEST_NAME - len(end)] + end
        number += 1


def _inserted(session: Session, table: Any, unique: str, values: dict[str, Any]) -> int | None:
    """The new row's id; None when another row has the same value in the unique column."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(values).on_conflict_do_nothing(index_elements=[unique])
    return session.execute(statement.returning(table.id)).scalar_one_or_none()
