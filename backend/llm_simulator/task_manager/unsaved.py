"""What running tasks have computed and not yet stored, and how it is stored."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import EvaluationTask
from llm_simulator.planner.search.outcome import Outcome
from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.chunks import forget_chunks, packed, store_chunks
from llm_simulator.task_manager.event_log import tell_others
from llm_simulator.task_manager.task_rows import StoredTask, held


@dataclass
class Unsaved:
    """One running task's news since they were last stored."""

    task: StoredTask
    update: TaskUpdate | None = None
    fingerprint: str | None = None
    """Of a plan laid out anew, which makes all stored before void."""
    outcomes: dict[int, tuple[int, Outcome]] = field(default_factory=dict)
    """By chunk: the attempt that gave it, and the outcome."""
    attempts: dict[int, int] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """The rows of evaluation_chunks."""
        row = self.task.row
        lost = [
            {"task_id": row, "chunk": chunk, "attempt": attempt, "outcome": None}
            for chunk, attempt in self.attempts.items()
            if chunk not in self.outcomes
        ]
        computed = [
            {"task_id": row, "chunk": chunk, "attempt": attempt, "outcome": packed(outcome)}
            for chunk, (attempt, outcome) in self.outcomes.items()
        ]
        return lost + computed


def save(database: Database, news: Iterable[Unsaved], server_id: str = "") -> list[StoredTask]:
    """Stores all news in one transaction; the tasks no longer ours, whose news are refused."""
    ordered = sorted(news, key=lambda unsaved: unsaved.task.row)
    rows = [unsaved.rows() for unsaved in ordered]
    refused: list[StoredTask] = []
    with database.writing(durable=False) as session:
        for unsaved, chunks in zip(ordered, rows, strict=True):
            if not _advanced(session, unsaved):
                refused.append(unsaved.task)
                continue
            if unsaved.fingerprint is not None:
                forget_chunks(session, unsaved.task.row)
            store_chunks(session, chunks)
            tell_others(session, f"progress {server_id} {unsaved.task.task_id}")
    return refused


def _advanced(session: Session, unsaved: Unsaved) -> bool:
    """Whether the task still runs for the one who took it up; notes its progress then."""
    values: dict[str, Any] = {"epoch": unsaved.task.epoch}
    if unsaved.update is not None:
        values |= unsaved.update.model_dump(include=FIGURES)
    if unsaved.fingerprint is not None:
        values["plan_fingerprint"] = unsaved.fingerprint
    changed = session.execute(
        update(EvaluationTask)
        .where(held(unsaved.task))
        .where(EvaluationTask.status == TaskState.RUNNING)
        .values(values)
        .returning(EvaluationTask.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


FIGURES = {
    "progress",
    "message",
    "search_stats",
    "evaluations",
    "rate",
    "seconds_left",
    "best_so_far",
}
