"""An experiment with all that is stored of it, as one JSON document."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import EvaluationResult, now
from llm_simulator.schemas.exchange import ExportQuery
from llm_simulator.task_manager.exchange.tables import Row, experiments, parts, tasks, wanted_rows
from llm_simulator.task_manager.history.queries import no_experiment

FORMAT, VERSION = "tier6-experiment", 1
OF_A_TASK = (
    "task_id",
    "status",
    "progress",
    "message",
    "error",
    "created_at",
    "started_at",
    "completed_at",
    "search_stats",
    "priority",
    "evaluations",
    "warnings",
    "request",
    "tags",
    "pinned",
)


def archive(database: Database, experiment_id: int) -> Iterator[bytes]:
    """The document part by part; raises NotFound at once."""
    with database.reading() as session:
        found = list(experiments(session, [experiment_id]))
    if not found:
        raise no_experiment(experiment_id)
    return _document(database, found[0])


def _document(database: Database, experiment: Row) -> Iterator[bytes]:
    counted = {"id", "total_tasks", "completed_tasks"}
    about = {name: value for name, value in experiment.items() if name not in counted}
    head = {"format": FORMAT, "version": VERSION, "exported_at": now(), "experiment": about}
    yield orjson.dumps(head)[:-1] + b',"tasks":['
    separator = b"\n"
    query = ExportQuery(experiment_id=experiment["id"])
    for rows, session in parts(database, lambda session: wanted_rows(session, query)):
        for task in _whole_tasks(session, rows):
            yield separator + orjson.dumps(task)
            separator = b",\n"
    yield b"\n]}\n"


def _whole_tasks(session: Session, rows: list[int]) -> Iterator[dict[str, Any]]:
    plans = select(EvaluationResult.task_id, EvaluationResult.full_result).where(
        EvaluationResult.task_id.in_(rows)
    )
    ordered = session.execute(plans.order_by(EvaluationResult.task_id, EvaluationResult.id))
    of_task = {
        row: [plan for _, plan in group] for row, group in groupby(ordered, lambda plan: plan[0])
    }
    for row, task in zip(rows, tasks(session, rows), strict=True):
        about = {name: task[name] for name in OF_A_TASK}
        about["warnings"] = about["warnings"] or []
        yield about | {"results": of_task.get(row, [])}
