"""An experiment with all that is stored of it, as one JSON document."""

from collections.abc import Iterator, Sequence

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import (
    EvaluationTask,
    Experiment,
    exported_columns,
    now,
)
from llm_simulator.schemas.exchange import ExportQuery
from llm_simulator.task_manager.exchange.parts import Row, row_of, rows_of, task_parts
from llm_simulator.task_manager.history.queries import EXPERIMENT_TAGS, TASK_TAGS, no_experiment
from llm_simulator.task_manager.rows.detail_rows import NOTHING, stored_details

FORMAT, VERSION = "tier6-experiment", 3


def archive(database: Database, experiment_id: int) -> Iterator[bytes]:
    """The document part by part; raises NotFound at once.

    A task that is deleted meanwhile is missing as a whole.
    """
    columns = select(*exported_columns(Experiment), EXPERIMENT_TAGS)
    with database.reading() as session:
        experiment = session.execute(columns.where(Experiment.id == experiment_id)).first()
        if experiment is None:
            raise no_experiment(experiment_id)
        parts = task_parts(session, ExportQuery(experiment_id=experiment_id))
    return _document(database, row_of(experiment), parts)


def _document(
    database: Database, experiment: Row, parts: Sequence[Sequence[int]]
) -> Iterator[bytes]:
    head = {"format": FORMAT, "version": VERSION, "exported_at": now(), "experiment": experiment}
    yield orjson.dumps(head)[:-1] + b',"tasks":['
    separator = b"\n"
    for task in rows_of(database, parts, _whole_tasks):
        yield separator + orjson.dumps(task)
        separator = b",\n"
    yield b"\n]}\n"


def _whole_tasks(session: Session, rows: Sequence[int]) -> Iterator[Row]:
    """These tasks, each with its plans and what is beside them."""
    stored = stored_details(session, rows)
    columns = select(EvaluationTask.id, *exported_columns(EvaluationTask), TASK_TAGS)
    tasks = columns.where(EvaluationTask.id.in_(rows)).order_by(EvaluationTask.id)
    for task in session.execute(tasks):
        details = stored.get(task.id, NOTHING)
        found = {"findings": details.findings or None, "results": details.plans}
        yield row_of(task, without=("id",)) | found
