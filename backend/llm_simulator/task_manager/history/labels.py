"""What users change of stored tasks and experiments: names, descriptions, tags, pins."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from llm_simulator.database import Database, inserting
from llm_simulator.errors import Conflict
from llm_simulator.models import EvaluationTask, Experiment, ExperimentTag, TaskTag, now
from llm_simulator.schemas.labels import ExperimentLabels, TaskLabels
from llm_simulator.task_manager.history.queries import no_experiment, no_task
from llm_simulator.task_manager.rows.search_columns import (
    MOST_SEARCHED,
    experiment_search_text,
    folded,
)


class Labels:
    """Changes of labels, each in one transaction; what is not given stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def label_task(self, task_id: str, labels: TaskLabels) -> None:
        """Changes a task's tags and pin; raises NotFound."""
        with self._database.writing() as session:
            wanted = select(EvaluationTask.id).where(EvaluationTask.task_id == task_id)
            row = session.execute(wanted.with_for_update()).scalar_one_or_none()
            if row is None:
                raise no_task(task_id)
            if labels.pinned is not None:
                pin = update(EvaluationTask).where(EvaluationTask.id == row)
                session.execute(pin.values(pinned=labels.pinned))
            if labels.tags is not None:
                replace_tags(session, TaskTag.task_id, row, labels.tags)

    def label_experiment(self, experiment_id: int, labels: ExperimentLabels) -> None:
        """Changes an experiment; raises NotFound, Conflict when another one has its new name."""
        try:
            with self._database.writing() as session:
                _change(session, experiment_id, labels)
        except IntegrityError as error:
            raise Conflict(
                f"Another experiment is called '{labels.name}'; choose another name."
            ) from error


def replace_tags(session: Session, owner: Any, row: int, tags: Sequence[str]) -> None:
    """Gives a task or experiment these tags and no others; ``owner`` is the tag's column."""
    table = owner.class_
    session.execute(delete(table).where(owner == row))
    if tags:
        session.execute(inserting(session, table), [{"tag": tag, owner.key: row} for tag in tags])


def _change(session: Session, experiment_id: int, labels: ExperimentLabels) -> None:
    if labels.name is not None:
        # Its tasks first, then itself: the order of whoever ends a task and counts it.
        tasks = select(EvaluationTask.id).where(EvaluationTask.experiment_id == experiment_id)
        session.execute(tasks.order_by(EvaluationTask.id).with_for_update())
    experiment = session.get(Experiment, experiment_id, with_for_update=True)
    if experiment is None:
        raise no_experiment(experiment_id)
    if labels.name is not None and labels.name != experiment.name:
        _rename_in_tasks(session, experiment, labels.name)
        experiment.name = labels.name
    if labels.description is not None:
        experiment.description = labels.description or None
    if labels.pinned is not None:
        experiment.pinned = labels.pinned
    experiment.search_text = experiment_search_text(experiment.name, experiment.description)
    experiment.updated_at = now()
    session.flush()
    if labels.tags is not None:
        replace_tags(session, ExperimentTag.experiment_id, experiment_id, labels.tags)


def _rename_in_tasks(session: Session, experiment: Experiment, name: str) -> None:
    """Its tasks are found by the new name: their searched text begins with it."""
    rest = func.substr(EvaluationTask.search_text, len(folded(experiment.name)) + 1)
    session.execute(
        update(EvaluationTask)
        .where(EvaluationTask.experiment_id == experiment.id)
        .values(search_text=func.substr(folded(name) + rest, 1, MOST_SEARCHED))
        .execution_options(synchronize_session=False)
    )
