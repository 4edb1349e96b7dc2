"""Moves a waiting task before another one.

Its place is a moment to have joined the queue at, so that waiting counts on from there as for all
others; and its priority becomes that of its neighbours as far as theirs would contradict the place.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.orm import Session

from llm_simulator.models import EvaluationTask
from llm_simulator.schemas.states import TaskState

STEP = 1.0
"""Seconds between a task and the one it is moved to the end behind, or to the front before."""
LEAST = 1e-3
"""A smaller gap between two tasks is widened before one is put into it."""
_IS_PENDING = EvaluationTask.status == TaskState.PENDING


@dataclass(frozen=True)
class Place:
    """Where a moved task comes to stand."""

    queue_key: float
    priority: int


def place_before(session: Session, moved: int, before: int | None, priority: int) -> Place:
    """The place just before that waiting task, at the queue's end where there is none."""
    following = None if before is None else _task(session, before)
    preceding = _last(session, moved, following)
    if following is None:
        key = 0.0 if preceding is None else preceding.queue_key + STEP
    elif preceding is None:
        key = following.queue_key - STEP
    else:
        key = _between(session, preceding, following)
    most = priority if preceding is None else min(priority, preceding.priority)
    return Place(key, most if following is None else max(most, following.priority))


def _task(session: Session, row: int) -> Row[*tuple[Any, ...]]:
    return session.execute(_query().where(EvaluationTask.id == row)).one()


def _last(
    session: Session, moved: int, following: Row[*tuple[Any, ...]] | None
) -> Row[*tuple[Any, ...]] | None:
    """The waiting task that the moved one comes behind."""
    others = _query().where(_IS_PENDING, EvaluationTask.id != moved)
    if following is not None:
        others = others.where(_before(following.queue_key, following.id))
    last = others.order_by(EvaluationTask.queue_key.desc(), EvaluationTask.id.desc())
    return session.execute(last.limit(1)).first()


def _between(
    session: Session, preceding: Row[*tuple[Any, ...]], following: Row[*tuple[Any, ...]]
) -> float:
    gap = following.queue_key - preceding.queue_key
    if gap >= LEAST:
        return preceding.queue_key + gap / 2
    # All who come before step ahead together: among them nothing changes.
    session.execute(
        update(EvaluationTask)
        .where(_IS_PENDING, _before(following.queue_key, following.id))
        .values(
            queue_key=EvaluationTask.queue_key - STEP,
            waiting_since=EvaluationTask.waiting_since - STEP,
        )
        .execution_options(synchronize_session=False)
    )
    return following.queue_key - STEP / 2


def _before(queue_key: float, row: int) -> Any:
    key = EvaluationTask.queue_key
    return or_(key < queue_key, and_(key == queue_key, EvaluationTask.id < row))


def _query() -> Any:
    return select(EvaluationTask.id, EvaluationTask.queue_key, EvaluationTask.priority)
