"""Removes many tasks at once, in parts, so that other writers come to their turn in between."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.errors import NotFound
from llm_simulator.models import EvaluationTask, Experiment
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.event_log import record_deletions
from llm_simulator.task_manager.history.queries import no_experiment
from llm_simulator.task_manager.lifecycle import ACTIVE
from llm_simulator.task_manager.manager import TaskManager
from llm_simulator.task_manager.rows.experiment_counters import counted

AT_ONCE = 500
"""Tasks removed in one transaction."""


def remove_experiment(database: Database, manager: TaskManager, experiment_id: int) -> int:
    """How many tasks went with the experiment; active ones were stopped first. Raises NotFound.

    A task that is submitted to it meanwhile goes too.
    """
    removed, left = 0, 1
    while left:
        for task_id in _active_tasks(database, experiment_id):
            removed += _stopped(manager, task_id)
        with database.writing() as session:
            gone = remove_tasks(session, _ended_tasks(session, experiment_id))
            left = _locked_tasks(session, experiment_id)
            if not left:
                session.execute(delete(Experiment).where(Experiment.id == experiment_id))
            record_deletions(session, gone)
        removed += len(gone)
        manager.changed()
    return removed


def remove_tasks(session: Session, rows: Sequence[int]) -> list[tuple[str, str]]:
    """Which of these tasks were there and are gone, with their results, and not counted.

    Each by its id and its experiment's name, to be logged at the transaction's end.
    """
    found = session.execute(
        delete(EvaluationTask)
        .where(EvaluationTask.id.in_(rows))
        .returning(EvaluationTask.task_id, EvaluationTask.experiment_id, EvaluationTask.status)
        .execution_options(synchronize_session=False)
    ).all()
    # In the order of their ids: two removals at once must not wait for each other.
    gone: list[tuple[str, str]] = []
    for experiment_id in sorted({row.experiment_id for row in found}):
        of_it = [row for row in found if row.experiment_id == experiment_id]
        completed = sum(row.status == TaskState.COMPLETED for row in of_it)
        discount = counted(experiment_id, total=-len(of_it), completed=-completed)
        name = session.execute(discount).scalar_one()
        gone += [(row.task_id, name) for row in of_it]
    return gone


def _ended_tasks(session: Session, experiment_id: int) -> Sequence[int]:
    """Rows of some tasks that have ended; those that somebody changes just now come later."""
    query = (
        select(EvaluationTask.id)
        .where(EvaluationTask.experiment_id == experiment_id)
        .where(EvaluationTask.status.not_in(ACTIVE))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return session.execute(query).scalars().all()


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


def _locked_tasks(session: Session, experiment_id: int) -> int:
    """How many tasks there are; no more are submitted until the transaction ends."""
    row = select(Experiment.id).where(Experiment.id == experiment_id).with_for_update()
    if session.execute(row).first() is None:
        raise no_experiment(experiment_id)
    of_it = EvaluationTask.experiment_id == experiment_id
    query = select(func.count()).select_from(EvaluationTask).where(of_it)
    return session.execute(query).scalar_one()
