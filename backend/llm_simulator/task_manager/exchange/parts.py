"""Reads much in parts of bounded size; no session is open while a part is sent."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import EvaluationResult, EvaluationTask
from llm_simulator.schemas.exchange import ExportQuery
from llm_simulator.schemas.labels import TAG_SEPARATOR
from llm_simulator.task_manager.history.lists import wanted_tasks

Row = dict[str, Any]
Part = Sequence[int]
"""The ids of rows that are read together."""
AT_ONCE = 500
"""Tasks and their plans, or experiments, of a part: some megabytes."""


def rows_of(
    database: Database, parts: Iterable[Part], read: Callable[[Session, Part], Iterable[Row]]
) -> Iterator[Row]:
    """What ``read`` finds of each part, on one consistent state.

    Rows that have gone since their ids were read are left out.
    """
    for part in parts:
        with database.reading() as session:
            rows = list(read(session, part))
        yield from rows


def task_parts(session: Session, query: ExportQuery) -> list[Part]:
    """The tasks that are wanted, oldest first."""
    wanted = wanted_tasks(session, query)
    if query.task_id is not None:
        wanted.append(EvaluationTask.task_id == query.task_id)
    plans = select(func.count()).where(EvaluationResult.task_id == EvaluationTask.id)
    tasks = select(EvaluationTask.id, plans.scalar_subquery())
    found = session.execute(tasks.where(*wanted).order_by(EvaluationTask.id))
    return list(parts_of((row, 1 + count) for row, count in found))


def parts_of(rows: Iterable[tuple[int, int]]) -> Iterator[Part]:
    """The rows, each given with its weight, in parts of no more than ``AT_ONCE`` if they can be.

    >>> list(parts_of([(1, 300), (2, 200), (3, 1), (4, 999), (5, 1)]))
    [[1, 2], [3], [4], [5]]
    """
    part: list[int] = []
    weight = 0
    for row, more in rows:
        if part and weight + more > AT_ONCE:
            yield part
            part, weight = [], 0
        part.append(row)
        weight += more
    if part:
        yield part


def row_of(found: sqlalchemy.Row[*tuple[Any, ...]], *, without: Sequence[str] = ()) -> Row:
    """The row by the names of its columns, its tags as a list."""
    row = {name: value for name, value in found._asdict().items() if name not in without}
    return row | {"tags": sorted(row["tags"].split(TAG_SEPARATOR)) if row["tags"] else []}
