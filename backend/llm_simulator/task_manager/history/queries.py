"""What the database says about tasks and experiments. Lists never touch the large columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, func, select

from llm_simulator.database import Database
from llm_simulator.errors import NotFound
from llm_simulator.models import (
    Base,
    EvaluationPoints,
    EvaluationTask,
    Experiment,
    ExperimentTag,
    TaskTag,
)
from llm_simulator.planner.results.points import PointLayout
from llm_simulator.schemas.experiments import ExperimentDetail, ExperimentList, ExperimentSummary
from llm_simulator.schemas.labels import TAG_SEPARATOR
from llm_simulator.schemas.lists import ExperimentQuery, TaskQuery
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import TaskList, TaskResults, TaskStatus, TaskSummary
from llm_simulator.stored.points import sent_points
from llm_simulator.task_manager.history.lists import experiment_page, task_page
from llm_simulator.task_manager.lifecycle import ACTIVE, FINAL
from llm_simulator.task_manager.rows.detail_rows import NOTHING, stored_details

MOST_TASKS_OF_AN_EXPERIMENT = 1000
NO_POINTS = PointLayout(points=0, feasible=0, bytes=0, columns=[])
"""Of a task that has not ended, of a sweep, and of what is older than points are."""


def _tags(tag: Any, owner: Any, row: Any) -> ColumnElement[Any]:
    """A row's tags as one text."""
    joined = func.aggregate_strings(tag, TAG_SEPARATOR)
    return select(joined).where(owner == row).correlate(row.table).scalar_subquery().label("tags")


TASK_TAGS = _tags(TaskTag.tag, TaskTag.task_id, EvaluationTask.id)
EXPERIMENT_TAGS = _tags(ExperimentTag.tag, ExperimentTag.experiment_id, Experiment.id)


@cache
def tasks_as(schema: type[BaseModel], *more: Any) -> Select[*tuple[Any, ...]]:
    """The query for what the schema shows of tasks, and ``more``; each has its row's id too."""
    beside = {"experiment_name": Experiment.name.label("experiment_name"), "tags": TASK_TAGS}
    columns = _shown(schema, {**_columns(EvaluationTask), **beside})
    return select(EvaluationTask.id.label("row"), *columns, *more).join(Experiment)


@cache
def experiments_as(schema: type[BaseModel], *more: Any) -> Select[*tuple[Any, ...]]:
    """The query for what the schema shows of experiments, and ``more``."""
    return select(*_shown(schema, {**_columns(Experiment), "tags": EXPERIMENT_TAGS}), *more)


def _columns(table: type[Base]) -> dict[str, Any]:
    return {column.key: getattr(table, column.key) for column in table.__table__.columns}


def _shown(schema: type[BaseModel], columns: Mapping[str, Any]) -> list[Any]:
    names = [field.alias or name for name, field in schema.model_fields.items()]
    return [columns[name] for name in names if name in columns]


def no_task(task_id: str) -> NotFound:
    """The error for an unknown task."""
    return NotFound(f"No task '{task_id}'.")


def no_experiment(experiment_id: int) -> NotFound:
    """The error for an unknown experiment."""
    return NotFound(f"No experiment {experiment_id}.")


class History:
    """Questions to the database, each on one consistent state."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def task(self, task_id: str) -> TaskStatus:
        """A task's present state; raises NotFound."""
        query = tasks_as(TaskStatus).where(EvaluationTask.task_id == task_id)
        with self._database.reading() as session:
            row = session.execute(query).first()
        if row is None:
            raise no_task(task_id)
        return TaskStatus.model_validate(row)

    def tasks(self, query: TaskQuery) -> TaskList:
        """One page of the tasks that the query asks for; raises InvalidInput for its cursor."""
        with self._database.reading() as session:
            page = task_page(session, query)
            wanted = tasks_as(TaskSummary).where(EvaluationTask.id.in_(page.rows))
            rows = {row.row: row for row in session.execute(wanted)}
        return TaskList(
            tasks=[TaskSummary.model_validate(rows[row]) for row in page.rows],
            total=page.total,
            next_cursor=page.next_cursor,
        )

    def active(self) -> list[TaskSummary]:
        """All pending and running tasks, oldest first."""
        query = tasks_as(TaskSummary).where(EvaluationTask.status.in_(ACTIVE))
        with self._database.reading() as session:
            rows = session.execute(query.order_by(EvaluationTask.id))
            return [TaskSummary.model_validate(row) for row in rows]

    def counts(self) -> dict[TaskState, int]:
        """How many tasks there are in each state."""
        query = select(EvaluationTask.status, func.count()).group_by(EvaluationTask.status)
        with self._database.reading() as session:
            found = {TaskState(status): count for status, count in session.execute(query)}
        return {state: found.get(state, 0) for state in TaskState}

    def ended_since(self, moment: datetime) -> dict[TaskState, int]:
        """How many tasks have ended since, by how they ended."""
        query = select(EvaluationTask.status, func.count()).group_by(EvaluationTask.status)
        query = query.where(EvaluationTask.completed_at >= moment)
        with self._database.reading() as session:
            found = {TaskState(status): count for status, count in session.execute(query)}
        return {state: found.get(state, 0) for state in TaskState if state in FINAL}

    def results(self, task_id: str) -> TaskResults:
        """A task's ranked and infeasible plans; raises NotFound."""
        query = tasks_as(TaskResults)
        with self._database.reading() as session:
            task = session.execute(query.where(EvaluationTask.task_id == task_id)).first()
            if task is None:
                raise no_task(task_id)
            found = stored_details(session, [task.row]).get(task.row, NOTHING)
        return TaskResults.model_validate(
            {
                **task._mapping,
                "warnings": task.warnings or [],
                **found.findings,
                "top_k_plans": [plan for plan in found.plans if plan["is_feasible"]],
                "infeasible_plans": [plan for plan in found.plans if not plan["is_feasible"]],
            }
        )

    def points(self, task_id: str) -> PointLayout:
        """What the data of a task's points has, nothing where it has none; raises NotFound."""
        [layout] = self._of_points(task_id, EvaluationPoints.layout)
        return NO_POINTS if layout is None else PointLayout.model_validate(layout)

    def point_data(self, task_id: str) -> bytes | None:
        """The data of a task's points in gzip's format; raises NotFound."""
        layout, data = self._of_points(task_id, EvaluationPoints.layout, EvaluationPoints.data)
        return None if data is None else sent_points(layout, data)

    def _of_points(self, task_id: str, *columns: Any) -> Sequence[Any]:
        query = select(*columns).select_from(EvaluationTask).outerjoin(EvaluationPoints)
        with self._database.reading() as session:
            row = session.execute(query.where(EvaluationTask.task_id == task_id)).first()
        if row is None:
            raise no_task(task_id)
        return row

    def experiments(self, query: ExperimentQuery) -> ExperimentList:
        """One page of the experiments that the query asks for; raises InvalidInput."""
        with self._database.reading() as session:
            page = experiment_page(session, query)
            wanted = experiments_as(ExperimentSummary).where(Experiment.id.in_(page.rows))
            rows = {row.id: row for row in session.execute(wanted)}
        return ExperimentList(
            experiments=[ExperimentSummary.model_validate(rows[row]) for row in page.rows],
            total=page.total,
            next_cursor=page.next_cursor,
        )

    def experiment(self, experiment_id: int) -> ExperimentDetail:
        """An experiment with its newest tasks; raises NotFound."""
        query = experiments_as(ExperimentDetail).where(Experiment.id == experiment_id)
        with self._database.reading() as session:
            experiment = session.execute(query).first()
            if experiment is None:
                raise no_experiment(experiment_id)
            tasks = session.execute(
                tasks_as(TaskSummary)
                .where(EvaluationTask.experiment_id == experiment_id)
                .order_by(EvaluationTask.created_at.desc(), EvaluationTask.id.desc())
                .limit(MOST_TASKS_OF_AN_EXPERIMENT)
            ).all()
        return ExperimentDetail.model_validate(
            {**experiment._mapping, "tasks": [TaskSummary.model_validate(row) for row in tasks]}
        )
