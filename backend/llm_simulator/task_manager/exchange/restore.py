"""Stores an exported experiment in this installation. Its document may be anybody's work."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from llm_simulator.database import Database, inserting
from llm_simulator.models import (
    EvaluationDetails,
    EvaluationResult,
    EvaluationTask,
    Experiment,
    ExperimentTag,
    TaskTag,
    exported_columns,
    now,
)
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.schemas.exchange import Archive, ArchivedTask, Imported
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.exchange.checking import checked_archive
from llm_simulator.task_manager.history.labels import replace_tags
from llm_simulator.task_manager.lifecycle import ACTIVE
from llm_simulator.task_manager.rows.detail_rows import packed_details
from llm_simulator.task_manager.rows.result_rows import result_rows, without_breakdown
from llm_simulator.task_manager.rows.search_columns import experiment_search_text, task_columns

LONGEST_NAME = 200
NOT_ENDED = "Imported before it had ended"
AT_ONCE = 200
"""Tasks that are stored together."""


def restored(
    database: Database, document: bytes, catalogue: Catalogue, *, most_tasks: int
) -> Imported:
    """What was stored: all of it or nothing. Raises InvalidInput naming what can't be read.

    Ids and the name are kept where they are free. A task that had not ended is stored as
    cancelled: an import starts no computation.
    """
    archive = checked_archive(document, catalogue, most_tasks=most_tasks)
    tasks, renamed = archive.tasks, dict[str, str]()
    with database.writing() as session:
        experiment_id, name = _stored_experiment(session, archive)
        for first in range(0, len(tasks), AT_ONCE):
            part = tasks[first : first + AT_ONCE]
            renamed |= _store_tasks(session, part, experiment_id, name)
    results = sum(len(task.results) for task in tasks)
    return Imported(
        experiment_id=experiment_id,
        experiment_name=name,
        tasks=len(tasks),
        results=results,
        renamed_tasks=renamed,
        message=f"Imported {len(tasks):,} tasks with {results:,} results as '{name}'.",
    )


def _stored_experiment(session: Session, archive: Archive) -> tuple[int, str]:
    """The new experiment's row and name: with a number behind it if the name is taken."""
    about, tasks = archive.experiment, archive.tasks
    columns = [column.key for column in exported_columns(Experiment)]
    exported = about.model_dump(by_alias=True)
    insert = inserting(session, Experiment).on_conflict_do_nothing(index_elements=["name"])
    for name in _names(about.name):
        values = {column: exported[column] for column in columns} | {
            "name": name,
            "total_tasks": len(tasks),
            "completed_tasks": sum(task.status is TaskState.COMPLETED for task in tasks),
            "search_text": experiment_search_text(name, about.description),
        }
        row = session.execute(insert.returning(Experiment.id), values).scalar_one_or_none()
        if row is not None:
            replace_tags(session, ExperimentTag.experiment_id, row, about.tags)
            return row, name
    raise AssertionError("names never end")


def _store_tasks(
    session: Session, tasks: Sequence[ArchivedTask], experiment_id: int, name: str
) -> dict[str, str]:
    """Stores the tasks with all that is theirs; the new ids of those whose own are taken."""
    insert = inserting(session, EvaluationTask).on_conflict_do_nothing(index_elements=["task_id"])
    insert = insert.returning(EvaluationTask.task_id, EvaluationTask.id)
    columns = [_columns(task, name) | {"experiment_id": experiment_id} for task in tasks]
    ids = [task.task_id for task in tasks]
    rows: dict[str, int] = {}
    while left := [number for number, task_id in enumerate(ids) if task_id not in rows]:
        values = [columns[number] | {"task_id": ids[number]} for number in left]
        rows |= {found.task_id: found.id for found in session.execute(insert, values)}
        for number in left:
            if ids[number] not in rows:
                ids[number] = str(uuid4())
    stored = [(rows[task_id], task) for task_id, task in zip(ids, tasks, strict=True)]
    if plans := [row for id_, task in stored for row in result_rows(id_, task.results)]:
        session.execute(inserting(session, EvaluationResult), plans)
    if details := [row for id_, task in stored for row in _detail_rows(id_, task)]:
        session.execute(inserting(session, EvaluationDetails), details)
    if tags := [{"task_id": id_, "tag": tag} for id_, task in stored for tag in task.tags]:
        session.execute(inserting(session, TaskTag), tags)
    return {
        task.task_id: task_id
        for task_id, task in zip(ids, tasks, strict=True)
        if task_id != task.task_id
    }


def _columns(task: ArchivedTask, experiment_name: str) -> dict[str, Any]:
    exported = {column.key for column in exported_columns(EvaluationTask)}
    columns = task.model_dump(include=exported) | task_columns(experiment_name, task.request)
    scores = [plan["score"] for plan in task.results if plan.get("rank") == 1]
    columns["best_score"] = scores[0] if scores else None
    if task.status in ACTIVE:
        ended = {"message": NOT_ENDED, "completed_at": now()}
        columns |= {"status": TaskState.CANCELLED} | ended
    return columns


def _detail_rows(row: int, task: ArchivedTask) -> Iterator[dict[str, Any]]:
    plans = [plan if plan["is_feasible"] else without_breakdown(plan) for plan in task.results]
    details = packed_details(plans, task.findings or {})
    if details is not None:
        yield {"task_id": row, **details}


def _names(wanted: str) -> Iterator[str]:
    """The name itself, then with ever larger numbers behind it."""
    yield wanted
    number = 2
    while True:
        end = f" ({number})"
        yield wanted[: LONGEST_NAME - len(end)] + end
        number += 1
