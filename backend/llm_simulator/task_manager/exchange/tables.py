"""Rows of tasks, results and experiments, whole or as flat columns, in parts of bounded size."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import EvaluationResult, EvaluationTask, Experiment
from llm_simulator.schemas.exchange import ExportedTable, ExportQuery
from llm_simulator.schemas.labels import TAG_SEPARATOR
from llm_simulator.task_manager.history.lists import wanted_experiments, wanted_tasks
from llm_simulator.task_manager.history.queries import EXPERIMENT_SUMMARY, SUMMARY

Row = dict[str, Any]
AT_ONCE = 100
"""Tasks or experiments read at once: some megabytes with all their results."""


@dataclass(frozen=True)
class Column:
    """A flat column: where its value stands in a whole row, and of which kind it is."""

    name: str
    kind: type
    path: tuple[str, ...] = ()

    def value(self, row: Mapping[str, Any]) -> Any:
        """The row's value; None when it has none."""
        found: Any = row
        for name in self.path or (self.name,):
            found = found.get(name) if isinstance(found, Mapping) else None
        return self.kind(found) if self.kind is float and found is not None else found


@dataclass(frozen=True)
class Table:
    """What is exported under one name."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[[Database, ExportQuery], Iterator[Row]]


def task_rows(database: Database, query: ExportQuery) -> Iterator[Row]:
    """The tasks that are wanted, oldest first, with their requests."""
    for rows, session in parts(database, lambda session: wanted_rows(session, query)):
        yield from tasks(session, rows)


def tasks(session: Session, rows: Sequence[int]) -> Iterator[Row]:
    """These tasks whole, in the order of their row ids."""
    columns = (*SUMMARY, EvaluationTask.warnings, EvaluationTask.request)
    wanted = select(*columns).join(Experiment).where(EvaluationTask.id.in_(rows))
    for row in session.execute(wanted.order_by(EvaluationTask.id)):
        yield _whole(row._asdict(), "row")


def result_rows(database: Database, query: ExportQuery) -> Iterator[Row]:
    """The plans of the tasks that are wanted: feasible ones by rank, then the others."""
    columns = (
        EvaluationTask.task_id,
        Experiment.name,
        EvaluationTask.model_name,
        EvaluationResult.score,
        EvaluationResult.full_result,
    )
    for rows, session in parts(database, lambda session: wanted_rows(session, query)):
        wanted = (
            select(*columns)
            .select_from(EvaluationResult)
            .join(EvaluationTask, EvaluationTask.id == EvaluationResult.task_id)
            .join(Experiment)
            .where(EvaluationResult.task_id.in_(rows))
            .order_by(
                EvaluationResult.task_id,
                EvaluationResult.is_feasible.desc(),
                EvaluationResult.rank,
                EvaluationResult.id,
            )
        )
        for task_id, experiment_name, model_name, score, plan in session.execute(wanted):
            about = {"task_id": task_id, "experiment_name": experiment_name}
            yield about | {"model_name": model_name, "score": score} | plan


def experiment_rows(database: Database, query: ExportQuery) -> Iterator[Row]:
    """The experiments that are wanted, oldest first, with their configurations."""

    def wanted_ids(session: Session) -> Sequence[int]:
        ids = select(Experiment.id).where(*wanted_experiments(query)).order_by(Experiment.id)
        return session.execute(ids).scalars().all()

    for rows, session in parts(database, wanted_ids):
        yield from experiments(session, rows)


def experiments(session: Session, rows: Sequence[int]) -> Iterator[Row]:
    """These experiments whole, in the order of their ids."""
    columns = (
        *EXPERIMENT_SUMMARY,
        Experiment.model_config,
        Experiment.hardware_config,
        Experiment.inference_config,
    )
    wanted = select(*columns).where(Experiment.id.in_(rows)).order_by(Experiment.id)
    for row in session.execute(wanted):
        yield _whole(row._asdict())


def _columns(kind: type, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name in names)


def _within(part: str, kind: type, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind, (part, name)) for name in names)


TABLES: Mapping[ExportedTable, Table] = {
    ExportedTable.TASKS: Table(
        "tasks",
        (
            *_columns(str, "task_id", "experiment_name", "model_name", "status"),
            *_columns(float, "progress", "best_score"),
            *_columns(int, "priority"),
            *_within("search_stats", int, "total_plans", "feasible_plans", "infeasible_plans"),
            *_columns(datetime, "created_at", "started_at", "completed_at"),
            *_columns(str, "message", "error", "search_mode"),
            *_columns(list, "tags"),
            *_columns(bool, "pinned"),
        ),
        task_rows,
    ),
    ExportedTable.RESULTS: Table(
        "results",
        (
            *_columns(str, "task_id", "experiment_name", "model_name"),
            *_columns(int, "rank"),
            *_columns(bool, "is_feasible"),
            *_columns(str, "infeasible_reason", "serving"),
            *_within("parallelism", int, "dp", "tp", "pp", "ep", "sp", "moe_tp"),
            *_columns(int, "chips"),
            *_columns(float, "throughput", "throughput_low", "throughput_high", "tps_per_chip"),
            *_columns(float, "ttft", "ttft_low", "ttft_high", "tpot", "tpot_low", "tpot_high"),
            *_columns(float, "mfu", "mbu", "score"),
            Column("memory_gb", float, ("memory", "total_gb")),
            *_columns(str, "provenance"),
        ),
        result_rows,
    ),
    ExportedTable.EXPERIMENTS: Table(
        "experiments",
        (
            *_columns(int, "id"),
            *_columns(str, "name", "description"),
            *_columns(int, "total_tasks", "completed_tasks"),
            *_columns(datetime, "created_at", "updated_at"),
            *_columns(list, "tags"),
            *_columns(bool, "pinned"),
        ),
        experiment_rows,
    ),
}


def wanted_rows(session: Session, query: ExportQuery) -> Sequence[int]:
    """The row ids of the tasks that are wanted, in order."""
    wanted = wanted_tasks(session, query)
    if query.task_id is not None:
        wanted.append(EvaluationTask.task_id == query.task_id)
    ids = select(EvaluationTask.id).where(*wanted).order_by(EvaluationTask.id)
    return session.execute(ids).scalars().all()


def parts(
    database: Database, wanted: Callable[[Session], Sequence[int]]
) -> Iterator[tuple[list[int], Session]]:
    """The wanted row ids part by part, each with a session that is closed after it."""
    with database.reading() as session:
        ids = iter(wanted(session))
    while rows := list(islice(ids, AT_ONCE)):
        with database.reading() as session:
            yield rows, session


def _whole(row: Mapping[str, Any], *without: str) -> Row:
    tags = row["tags"].split(TAG_SEPARATOR) if row["tags"] else []
    return {name: row[name] for name in row if name not in without} | {"tags": sorted(tags)}
