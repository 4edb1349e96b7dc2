"""Questions that people keep: evaluations that were not submitted, or will be once more."""

from typing import Any

from sqlalchemy import delete, func, select

from llm_simulator.database import Database, inserting
from llm_simulator.errors import Conflict, NotFound
from llm_simulator.models import SavedQuestion, now

MOST = 500
"""So many can be looked through and are sent at once."""


def saved_questions(database: Database) -> list[SavedQuestion]:
    """All of them, by name."""
    with database.reading() as session:
        return list(session.scalars(select(SavedQuestion).order_by(SavedQuestion.name)))


def save_question(database: Database, name: str, request: dict[str, Any]) -> SavedQuestion:
    """Keeps ``request`` under ``name``, in place of what had it; raises Conflict at ``MOST``."""
    values = {"request": request, "updated_at": now()}
    with database.writing() as session:
        others = select(func.count(SavedQuestion.id)).where(SavedQuestion.name != name)
        if session.execute(others).scalar_one() >= MOST:
            raise Conflict(f"{MOST} questions are saved; delete one first.")
        session.execute(
            inserting(session, SavedQuestion)
            .values(name=name, **values)
            .on_conflict_do_update(index_elements=["name"], set_=values)
        )
        return session.scalars(select(SavedQuestion).where(SavedQuestion.name == name)).one()


def delete_question(database: Database, question_id: int) -> None:
    """Removes one; raises NotFound."""
    with database.writing() as session:
        wanted = delete(SavedQuestion).where(SavedQuestion.id == question_id)
        if session.scalar(wanted.returning(SavedQuestion.id)) is None:
            raise NotFound(f"No saved question has the id {question_id}.")
