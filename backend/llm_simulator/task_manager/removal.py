"""Removes many tasks at once, in parts, so that other writers come to their turn in between."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.errors import NotFound
from llm_simulator.models import EvaluationTask, Experiment, now
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.history import no_experiment
from llm_simulator.task_manager.lifecycle import ACTIVE
from llm_simulator.task_manager.manager import TaskManager

AT_ONCE = 500
"""Tasks removed in one transaction."""


def remove_experiment(database: Database, manager: TaskManager, experiment_id: int) -> int:
    """How many tasks went with the experiment; active ones were stopped first. Raises NotFound.

    A task that is submitted to it meanwhile goes too.
    """
    removed = 0
    while True:
        for task_id in _active_tasks(database, experiment_id):
            removed += _stopped(manager, task_id)
        with database.writing() as session:
            _locked(session, experiment_id)
            of_it = EvaluationTask.experiment_id == experiment_id
            ended = EvaluationTask.status.not_in(ACTIVE)
            part = session.execute(select(EvaluationTask.id).where(of_it, ended).limit(AT_ONCE))
            removed += remove_tasks(session, part.scalars().all())
            left = select(func.count()).select_from(EvaluationTask).where(of_it)
            if session.execute(left).scalar_one() == 0:
                session.execute(delete(Experiment).where(Experiment.id == experiment_id))
                return removed


def remove_tasks(session: Session, rows: Sequence[int]) -> int:
    """How many of these tasks were there and are gone, with their results, and not counted."""
    gone = session.execute(
        delete(EvaluationTask)
        .where(EvaluationTask.id.in_(rows))
        .returning(EvaluationTask.experiment_id, EvaluationTask.status)
        .execution_options(synchronize_session=False)
    ).all()
    # In the order of their ids: two removals at once must not wait for each other.
    for experiment_id in sorted({row.experiment_id for row in gone}):
        states = [row.status for row in gone if row.experiment_id == experiment_id]
        _discount(session, experiment_id, states)
    return len(gone)


def _discount(session: Session, experiment_id: int, states: Sequence[str]) -> None:
    session.execute(
        update(Experiment)
        .where(Experiment.id == experiment_id)
        .values(
            total_tasks=Experiment.total_tasks - len(states),
            completed_tasks=Experiment.completed_tasks - states.count(TaskState.COMPLETED),
            updated_at=now(),
        )
        .execution_options(synchronize_session=False)
    )


def _active_tasks(database: Database, experiment_id: int) -> Sequence[str]:
    with database.reading() as session:
        return (
            session.execute(
                select(EvaluationTask.task_id)
                .where(EvaluationTask.experiment_id == experiment_id)
                .where(EvaluationTask.status.in_(ACTIVE))
            )
            .scalars()
            .all()
        )


def _stopped(manager: TaskManager, task_id: str) -> bool:
    """Whether the task was there to be deleted; somebody else may have been faster."""
    try:
        manager.delete(task_id)
    except NotFound:
        return False
    return True


def _locked(session: Session, experiment_id: int) -> None:
    """Holds off submissions to the experiment until the transaction ends."""
    row = select(Experiment.id).where(Experiment.id == experiment_id).with_for_update()
    if session.execute(row).first() is None:
        raise no_experiment(experiment_id)
