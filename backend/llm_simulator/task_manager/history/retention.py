"""Removes what is old: tasks that ended long ago, with their results, unless they are pinned.

A result's age counts from when it was stored here, so what was imported yesterday is new.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import EvaluationResult, EvaluationTask, Experiment, now
from llm_simulator.schemas.retention import RetentionReport
from llm_simulator.task_manager.event_log import record_deletions
from llm_simulator.task_manager.history.removal import AT_ONCE, remove_tasks
from llm_simulator.task_manager.lifecycle import FINAL

SECONDS_BETWEEN = 24 * 3600.0

log = structlog.get_logger(__name__)


class Retention:
    """Applies the rule at the start and once a day; nothing at all without a number of days."""

    def __init__(
        self,
        database: Database,
        days: int | None,
        told: Callable[[], None],
        seconds_between: float = SECONDS_BETWEEN,
    ) -> None:
        self._database = database
        self._days = days
        self._told = told
        self._between = seconds_between
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_removing, name="retention", daemon=True)

    def start(self) -> None:
        """Begins."""
        if self._days is not None:
            self._thread.start()

    def stop(self) -> None:
        """Ends after the part that is being removed."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep_removing(self) -> None:
        assert self._days is not None
        while not self._stopping.is_set():
            try:
                report = removed(self._database, self._days, self._told, self._stopping)
                log.info("retention", tasks=report.tasks, results=report.results)
            except (OperationalError, InterfaceError):
                log.exception("retention_failed")
            self._stopping.wait(self._between)


def counted(database: Database, days: int) -> RetentionReport:
    """What would be removed now."""
    before = now() - timedelta(days=days)
    with database.reading() as session:
        return _report(session, days, before)


def removed(
    database: Database,
    days: int,
    told: Callable[[], None],
    stopping: threading.Event | None = None,
) -> RetentionReport:
    """What was removed now, part by part, with experiments that have nothing left.

    After each part ``told`` is called: the log of events has its deletions.
    """
    before = now() - timedelta(days=days)
    with database.reading() as session:
        pinned = _report(session, days, before).pinned
    tasks = results = 0
    while not (stopping and stopping.is_set()):
        with database.writing() as session:
            part = _part(session, before)
            if not part:
                break
            results += _results_of(session, part)
            experiments = _experiments_of(session, part)
            gone = remove_tasks(session, part)
            _remove_empty(session, experiments)
            record_deletions(session, gone)
        tasks += len(gone)
        told()
    return RetentionReport(
        days=days, before=before, tasks=tasks, results=results, pinned=pinned, removed=True
    )


def _report(session: Session, days: int, before: datetime) -> RetentionReport:
    old = and_(_old(before), ~_pinned())
    rows = select(EvaluationTask.id).join(Experiment).where(old)
    results = select(func.count()).where(EvaluationResult.task_id.in_(rows))
    return RetentionReport(
        days=days,
        before=before,
        tasks=_number(session, old),
        results=session.execute(results).scalar_one(),
        pinned=_number(session, and_(_old(before), _pinned())),
        removed=False,
    )


def _part(session: Session, before: datetime) -> list[int]:
    rows = select(EvaluationTask.id).join(Experiment).where(_old(before), ~_pinned())
    rows = rows.limit(AT_ONCE).with_for_update(of=EvaluationTask, skip_locked=True)
    return list(session.execute(rows).scalars())


def _old(before: datetime) -> ColumnElement[bool]:
    stored_since = select(EvaluationResult.id).where(
        EvaluationResult.task_id == EvaluationTask.id, EvaluationResult.created_at >= before
    )
    return and_(
        EvaluationTask.completed_at < before,
        EvaluationTask.status.in_(FINAL),
        ~stored_since.exists(),
    )


def _pinned() -> ColumnElement[bool]:
    return or_(EvaluationTask.pinned, Experiment.pinned)


def _number(session: Session, condition: ColumnElement[bool]) -> int:
    count = select(func.count()).select_from(EvaluationTask).join(Experiment).where(condition)
    return session.execute(count).scalar_one()


def _results_of(session: Session, rows: list[int]) -> int:
    count = select(func.count()).where(EvaluationResult.task_id.in_(rows))
    return session.execute(count).scalar_one()


def _experiments_of(session: Session, rows: list[int]) -> list[int]:
    owners = select(EvaluationTask.experiment_id).where(EvaluationTask.id.in_(rows)).distinct()
    return list(session.execute(owners).scalars())


def _remove_empty(session: Session, experiments: list[int]) -> None:
    """Removes those that have lost their last task."""
    session.execute(
        delete(Experiment)
        .where(Experiment.id.in_(experiments), Experiment.total_tasks == 0)
        .execution_options(synchronize_session=False)
    )
