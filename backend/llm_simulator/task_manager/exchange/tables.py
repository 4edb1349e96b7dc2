"""What can be exported: rows whole or as flat columns, which follow from the schemas."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import (
    Base,
    EvaluationTask,
    Experiment,
    exported_columns,
)
from llm_simulator.planner.results.plan import InfeasiblePlan, Plan
from llm_simulator.schemas.exchange import ExportedTable, ExportQuery
from llm_simulator.schemas.experiments import ExperimentSummary
from llm_simulator.schemas.tasks import TaskSummary
from llm_simulator.task_manager.exchange.parts import (
    Part,
    Row,
    parts_of,
    row_of,
    rows_of,
    task_parts,
)
from llm_simulator.task_manager.history.lists import wanted_experiments
from llm_simulator.task_manager.history.queries import experiments_as, tasks_as
from llm_simulator.task_manager.rows.detail_rows import NOTHING, stored_details
from llm_simulator.task_manager.rows.result_rows import value_at

UNNAMED = {"parallelism", "search_stats"}
"""Parts whose name is left out of their columns' names."""
RENAMED = {"memory_total_gb": "memory_gb"}


@dataclass(frozen=True)
class Column:
    """A flat column: where its value stands in a whole row, and of which kind it is."""

    path: tuple[str, ...]
    kind: type

    @property
    def name(self) -> str:
        """The names of the parts it stands in and its own.

        >>> Column(("simulated", "ttft", "p99_ms"), float).name
        'simulated_ttft_p99_ms'
        """
        joined = "_".join(name for name in self.path if name not in UNNAMED)
        return RENAMED.get(joined, joined)

    def value(self, row: Row) -> Any:
        """The row's value; None when it has none."""
        found = value_at(row, self.path)
        return float(found) if self.kind is float and found is not None else found


@dataclass(frozen=True)
class Table:
    """What is exported under one name."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[Database, ExportQuery], Iterator[Row]]


def columns_of(*schemas: type[BaseModel]) -> tuple[Column, ...]:
    """A column for every plain value of the schemas' fields and their parts', each once.

    Columns named after a part they stand in come last; lists of parts have none.
    """
    found: dict[str, Column] = {}
    for schema in schemas:
        for column in _columns(schema):
            found.setdefault(column.name, column)
    return tuple(sorted(found.values(), key=lambda column: column.name != column.path[-1]))


def _columns(schema: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[Column]:
    for name, field in schema.model_fields.items():
        kind = _kind(field.annotation)
        here = (*path, field.alias or name)
        if kind is not None and issubclass(kind, BaseModel):
            yield from _columns(kind, here)
        elif kind is not None:
            yield Column(here, kind)


def _kind(annotation: Any) -> type | None:
    """The kind of a field's values: plain, a part, or a list of texts; None for all others."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin in (Union, UnionType):
        [*kinds] = (arm for arm in get_args(annotation) if arm is not NoneType)
        return _kind(kinds[0]) if len(kinds) == 1 else None
    if origin is Literal:
        return type(get_args(annotation)[0])
    if origin is list:
        return list if _kind(get_args(annotation)[0]) is str else None
    if not isinstance(annotation, type) or annotation is NoneType:
        return None
    if issubclass(annotation, Enum):
        return str
    plain = (str, int, float, bool, datetime, BaseModel)
    return annotation if issubclass(annotation, plain) else None


def _task_rows(database: Database, query: ExportQuery) -> Iterator[Row]:
    """The tasks that are wanted, oldest first: what lists show, and all that is kept of them."""
    columns = tasks_as(TaskSummary, *_kept_beside(TaskSummary, EvaluationTask))
    columns = columns.order_by(EvaluationTask.id)

    def read(session: Session, part: Part) -> Iterator[Row]:
        for task in session.execute(columns.where(EvaluationTask.id.in_(part))):
            yield row_of(task, without=("row",))

    return rows_of(database, _task_parts(database, query), read)


def _result_rows(database: Database, query: ExportQuery) -> Iterator[Row]:
    """The plans of the tasks that are wanted: feasible ones by rank, then the others."""
    columns = (
        select(
            EvaluationTask.id,
            EvaluationTask.task_id,
            Experiment.name.label("experiment_name"),
            EvaluationTask.model_name,
        )
        .join(Experiment)
        .order_by(EvaluationTask.id)
    )

    def read(session: Session, part: Part) -> Iterator[Row]:
        found = stored_details(session, part)
        for task in session.execute(columns.where(EvaluationTask.id.in_(part))):
            row = task._asdict()
            for plan in found.get(row.pop("id"), NOTHING).plans:
                yield row | plan

    return rows_of(database, _task_parts(database, query), read)


def _experiment_rows(database: Database, query: ExportQuery) -> Iterator[Row]:
    """The experiments that are wanted, oldest first, with their configurations."""
    columns = experiments_as(ExperimentSummary, *_kept_beside(ExperimentSummary, Experiment))
    columns = columns.order_by(Experiment.id)

    def read(session: Session, part: Part) -> Iterator[Row]:
        return map(row_of, session.execute(columns.where(Experiment.id.in_(part))))

    ids = select(Experiment.id).where(*wanted_experiments(query)).order_by(Experiment.id)
    with database.reading() as session:
        parts = list(parts_of((row, 1) for row in session.execute(ids).scalars()))
    return rows_of(database, parts, read)


def _kept_beside(schema: type[BaseModel], table: type[Base]) -> list[Any]:
    """The columns that are exported although the schema does not show them."""
    return [column for column in exported_columns(table) if column.key not in schema.model_fields]


def _task_parts(database: Database, query: ExportQuery) -> list[Part]:
    with database.reading() as session:
        return task_parts(session, query)


TABLES: Mapping[ExportedTable, Table] = {
    ExportedTable.TASKS: Table("tasks", columns_of(TaskSummary), _task_rows),
    ExportedTable.RESULTS: Table(
        "results",
        (
            *(Column((name,), str) for name in ("task_id", "experiment_name", "model_name")),
            *columns_of(Plan, InfeasiblePlan),
        ),
        _result_rows,
    ),
    ExportedTable.EXPERIMENTS: Table(
        "experiments", columns_of(ExperimentSummary), _experiment_rows
    ),
}
