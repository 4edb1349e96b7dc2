"""Pages of tasks and experiments: filtered, sorted, counted.

Rows are large (a request, a configuration), so a page's ids are found in one index that holds all
that lists look at, and only then are its rows read. 100,000 tasks are scanned in some 20 ms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from llm_simulator.models import EvaluationTask, Experiment, ExperimentTag, TaskTag
from llm_simulator.schemas.lists import (
    ExperimentQuery,
    ExperimentSort,
    TaskQuery,
    TaskSort,
    Wanted,
    WantedTasks,
)
from llm_simulator.task_manager.history.cursor import Cursor, beyond, ordering, parsed
from llm_simulator.task_manager.rows.search_columns import folded

COUNTED_AT_ONCE = 2500
"""Up to so many matches are found and counted in one pass; more are counted in a second one."""
PAGING = {"order", "cursor", "sort", "limit"}
"""What of a query says nothing about which rows are meant."""
LETTERS_OF_AN_ID = frozenset("0123456789abcdef-")


@dataclass(frozen=True)
class ListPage:
    """The row ids of a page, in order, how many there are in all, and what leads on."""

    rows: Sequence[int]
    total: int
    next_cursor: str | None


class Scanned(FunctionElement[Any]):
    """A column by which SQLite shall not choose an index.

    Without statistics it takes every index on a filtered column for a good one, and then reads
    large rows one by one, ten times slower than the one index that holds everything.
    """

    inherit_cache = True

    def __init__(self, column: Any) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(Scanned)
def _plain(element: Scanned, compiler: Any, **given: Any) -> str:
    return compiler.process(element.clauses, **given)


@compiles(Scanned, "sqlite")
def _without_index(element: Scanned, compiler: Any, **given: Any) -> str:
    return f"+{compiler.process(element.clauses, **given)}"


def task_page(session: Session, query: TaskQuery) -> ListPage:
    """The ids of one page of tasks; raises InvalidInput for a foreign cursor."""
    return _page(session, query, wanted_tasks(session, query), EvaluationTask)


def experiment_page(session: Session, query: ExperimentQuery) -> ListPage:
    """The ids of one page of experiments; raises InvalidInput for a foreign cursor."""
    return _page(session, query, wanted_experiments(query), Experiment)


def wanted_tasks(session: Session, query: WantedTasks) -> list[ColumnElement[bool]]:
    """The conditions of the tasks that the query asks for."""
    wanted = _labelled(query, EvaluationTask, TaskTag, TaskTag.task_id)
    if query.status:
        wanted.append(Scanned(EvaluationTask.status).in_(query.status))
    if query.text is not None:
        wanted.append(_task_mentions(folded(query.text)))
    # An experiment's own index serves where nothing else is asked for.
    experiment = Scanned(EvaluationTask.experiment_id) if wanted else EvaluationTask.experiment_id
    if query.experiment_name is not None:
        wanted.append(experiment == _experiment_called(session, query.experiment_name))
    if query.experiment_id is not None:
        wanted.append(experiment == query.experiment_id)
    return wanted


def wanted_experiments(query: Wanted) -> list[ColumnElement[bool]]:
    """The conditions of the experiments that the query asks for."""
    wanted = _labelled(query, Experiment, ExperimentTag, ExperimentTag.experiment_id)
    if query.text is not None:
        wanted.append(_has_words(Experiment.search_text, folded(query.text)))
    return wanted


def _labelled(query: Wanted, table: Any, tags: Any, owner: Any) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if query.tag is not None:
        wanted.append(Scanned(table.id).in_(select(owner).where(tags.tag == query.tag)))
    if query.pinned is not None:
        wanted.append(Scanned(table.pinned) == query.pinned)
    if query.created_after is not None:
        wanted.append(table.created_at > query.created_after)
    if query.created_before is not None:
        wanted.append(table.created_at < query.created_before)
    return wanted


def _task_mentions(needle: str) -> ColumnElement[bool]:
    mentions = _has_words(EvaluationTask.search_text, needle)
    if not LETTERS_OF_AN_ID.issuperset(needle):
        return mentions
    task_id = EvaluationTask.task_id
    begins = select(EvaluationTask.id).where(task_id >= needle, task_id < needle + "g")
    return or_(mentions, EvaluationTask.id.in_(begins))


def _has_words(text: Any, needle: str) -> ColumnElement[bool]:
    """Whether the text has every word of the needle, wherever each stands."""
    return and_(*(text.contains(word, autoescape=True) for word in needle.split()))


def _experiment_called(session: Session, name: str) -> int:
    """The id of that experiment, found first so that no row needs a join; 0 is nobody's."""
    return session.execute(select(Experiment.id).where(Experiment.name == name)).scalar() or 0


def _page(
    session: Session,
    query: TaskQuery | ExperimentQuery,
    wanted: Sequence[ColumnElement[bool]],
    table: type[EvaluationTask] | type[Experiment],
) -> ListPage:
    column = getattr(table, query.sort)
    nullable = column.property.columns[0].nullable
    cursor = _cursor(query, column)
    counting = _cheap_count(query)
    at_once = bool(wanted) and cursor is None and counting is None and _by_time(query)
    reach = max(query.limit, COUNTED_AT_ONCE) if at_once else query.limit
    # Where nothing is filtered an index gives the order; else all matches are sorted.
    sorted_by = column if _by_time(query) or not wanted else Scanned(column)
    places = select(table.id).where(*wanted)
    places = places.order_by(*ordering(query, sorted_by, table.id, nullable=nullable))
    if cursor is not None:
        places = places.where(beyond(query, cursor, sorted_by, table.id, nullable=nullable))
    # Past the mapper, which thousands of plain ids do not need.
    found = session.connection().execute(places.limit(reach + 1)).scalars().all()
    if cursor is not None:
        total = cursor.total
    elif len(found) <= reach:
        total = len(found)
    else:
        if counting is None:
            counting = select(func.count()).select_from(table).where(*wanted)
        total = session.execute(counting).scalar_one()
    shown = found[: query.limit]
    if len(found) <= query.limit:
        return ListPage(shown, total, None)
    key = session.execute(select(column).where(table.id == shown[-1])).scalar_one()
    return ListPage(shown, total, Cursor(query.sort, query.order, key, shown[-1], total).text())


def _cheap_count(query: TaskQuery | ExperimentQuery) -> Select[int] | None:
    """A query for the total that looks at few rows; None where the matches must be counted."""
    asked = query.model_dump(include=set(type(query).model_fields) - PAGING, exclude_defaults=True)
    of_tasks = isinstance(query, TaskQuery)
    if not asked and of_tasks:
        # Experiments count their tasks in the transactions that add and remove them.
        return select(func.coalesce(func.sum(Experiment.total_tasks), 0))
    if asked.keys() == {"tag"}:
        tags = TaskTag if of_tasks else ExperimentTag
        return select(func.count()).select_from(tags).where(tags.tag == query.tag)
    return None


def _by_time(query: TaskQuery | ExperimentQuery) -> bool:
    """Whether the one index that holds everything has the rows in the wanted order."""
    return query.sort in (TaskSort.CREATED_AT, ExperimentSort.CREATED_AT)


def _cursor(query: TaskQuery | ExperimentQuery, column: Any) -> Cursor | None:
    if query.cursor is None:
        return None
    kind = column.type.python_type
    return parsed(query.cursor, sort=query.sort, order=query.order, kind=kind)
