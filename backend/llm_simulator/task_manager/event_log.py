"""The log of events: every change of a task's state, stored in the change's own transaction.

Sequence numbers follow the order in which the changes were committed, also where several servers
write: whoever has seen number n has seen, or can read, all before it.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from llm_simulator.database import Database, inserting
from llm_simulator.models import EvaluationTask, LoggedEvent
from llm_simulator.schemas.events import Event, TaskDeleted, TaskUpdate
from llm_simulator.task_manager.history.queries import tasks_as

KEPT = 10_000
"""Events that can be told again to a client that was away."""
AT_ONCE = 1_000
"""Events read at once."""
STEP = 1_000_000
"""Room between two stored events for the numbers of progress, which is told but not stored."""
CHANNEL = "tier6_tasks"
_ORDER = 0x54494552
"""Key of PostgreSQL's lock that makes numbers follow commits: "TIER"."""

# Statements that every change executes are built once: that was a third of a change's time.
_PRESENT = (
    tasks_as(TaskUpdate)
    .where(EvaluationTask.id.in_(bindparam("rows", expanding=True)))
    .order_by(EvaluationTask.id)
)
_AFTER = (
    select(LoggedEvent.sequence, LoggedEvent.event)
    .where(LoggedEvent.sequence > bindparam("known"))
    .order_by(LoggedEvent.sequence)
    .limit(bindparam("most"))
)

_ORDERED_AND_TOLD = select(func.pg_advisory_xact_lock(_ORDER), func.pg_notify(CHANNEL, ""))
"""Makes the events' numbers follow the commits; others are told when this one is done."""

Stored = TypeAdapter[Event](Annotated[Event, Field(discriminator="type")])


def record_changes(session: Session, task_rows: Sequence[int]) -> None:
    """Logs the present state of these tasks; the last statement of its transaction."""
    if not task_rows:
        return
    rows = session.execute(_PRESENT, {"rows": task_rows})
    _append(session, [TaskUpdate.model_validate({**row._mapping, "sequence": 0}) for row in rows])


def record_deletions(session: Session, gone: Sequence[tuple[str, str]]) -> None:
    """Logs tasks that are gone, by id and experiment; the last statement of its transaction."""
    if not gone:
        return
    _append(
        session,
        [TaskDeleted(task_id=task, experiment_name=name, sequence=0) for task, name in gone],
    )


def tell_others(session: Session, payload: str) -> None:
    """Wakes all servers on the same PostgreSQL once the transaction is committed."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_notify(CHANNEL, payload)))


def _append(session: Session, events: Sequence[Event]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        # In one: every way to the database and back gives the interpreter to other threads.
        session.execute(_ORDERED_AND_TOLD)
    rows = [
        {
            "task_id": event.task_id,
            "experiment_name": event.experiment_name,
            "event": event.model_dump(mode="json", exclude={"sequence"}),
        }
        for event in events
    ]
    session.execute(inserting(session, LoggedEvent), rows)


class EventLog:
    """Reads the log. Numbers here are those that clients see: stored ones times ``STEP``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> int:
        """The number of the newest event; 0 when there is none."""
        with self._database.reading() as session:
            newest = session.execute(select(func.max(LoggedEvent.sequence))).scalar_one()
        return (newest or 0) * STEP

    def after(self, sequence: int, limit: int = AT_ONCE) -> list[Event]:
        """The events after this number, oldest first."""
        with self._database.reading() as session:
            rows = session.execute(_AFTER, {"known": sequence // STEP, "most": limit}).all()
        return [_event(number, event) for number, event in rows]

    def since(
        self, sequence: int, *, task_id: str | None = None, experiment: str | None = None
    ) -> list[Event] | None:
        """The events after this number, of one task or experiment where given, oldest first.

        None when the log does not reach back so far, or does not know the number.
        """
        known = sequence // STEP
        query = select(LoggedEvent.sequence, LoggedEvent.event).where(LoggedEvent.sequence > known)
        if task_id is not None:
            query = query.where(LoggedEvent.task_id == task_id)
        if experiment is not None:
            query = query.where(LoggedEvent.experiment_name == experiment)
        bounds = select(func.min(LoggedEvent.sequence), func.max(LoggedEvent.sequence))
        with self._database.reading() as session:
            # In this order: what is trimmed in between is noticed.
            rows = session.execute(query.order_by(LoggedEvent.sequence)).all()
            oldest, newest = session.execute(bounds).one()
        if known > (newest or 0) or known < (oldest or 1) - 1:
            return None
        return [_event(number, event) for number, event in rows]

    def trim(self, kept: int = KEPT) -> None:
        """Forgets all but the newest ``kept`` events."""
        with self._database.writing(durable=False) as session:
            newest = session.execute(select(func.max(LoggedEvent.sequence))).scalar_one() or 0
            session.execute(delete(LoggedEvent).where(LoggedEvent.sequence <= newest - kept))


def _event(number: int, event: Mapping[str, Any]) -> Event:
    return Stored.validate_python({**event, "sequence": number * STEP})
