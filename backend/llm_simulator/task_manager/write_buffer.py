"""What running tasks have computed and not yet stored, and how it is stored: all at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from llm_simulator.database import Database
from llm_simulator.models import EvaluationTask
from llm_simulator.planner.evaluate import AnyOutcome
from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.chunks import forget_chunks, packed, store_chunks
from llm_simulator.task_manager.commands import ChunkComputed, ChunkLost, PlanLaidOut
from llm_simulator.task_manager.event_log import tell_others
from llm_simulator.task_manager.task_rows import StoredTask, held

FIGURES = {
    "progress",
    "message",
    "search_stats",
    "evaluations",
    "rate",
    "seconds_left",
    "best_so_far",
}


@dataclass
class Unwritten:
    """One running task's news since they were last stored."""

    task: StoredTask
    progress: TaskUpdate | None = None
    fingerprint: str | None = None
    """Of a plan laid out anew, which makes all stored before void."""
    outcomes: dict[int, tuple[int, AnyOutcome]] = field(default_factory=dict)
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


class WriteBuffer:
    """The news of all running tasks, by task."""

    def __init__(self, database: Database, server_id: str) -> None:
        self._database = database
        self._server_id = server_id
        self._news: dict[str, Unwritten] = {}
        self.urgent = False
        """Whether something is in it that must not be lost with the server: a worker's death."""

    def __bool__(self) -> bool:
        return bool(self._news)

    def add(self, report: PlanLaidOut | ChunkComputed | ChunkLost) -> None:
        """Has what a run reports stored with the next ``flush``."""
        task = report.task
        if isinstance(report, PlanLaidOut):
            self._news[task.task_id] = Unwritten(task, fingerprint=report.fingerprint)
            return
        news = self._news.setdefault(task.task_id, Unwritten(task))
        if isinstance(report, ChunkComputed):
            news.outcomes[report.chunk] = (report.attempt, report.outcome)
            news.progress = report.progress
        else:
            news.attempts[report.chunk] = report.attempt
            self.urgent = True

    def forget(self, task_id: str) -> None:
        """A task's news need no more be stored."""
        self._news.pop(task_id, None)

    def flush(self) -> tuple[bool, list[StoredTask]]:
        """Stores all news: whether outcomes were among them, and the tasks no longer ours."""
        news = list(self._news.values())
        refused = write(self._database, news, self._server_id) if news else []
        self._news.clear()
        self.urgent = False
        return any(one.outcomes for one in news), refused


def write(database: Database, news: Iterable[Unwritten], server_id: str = "") -> list[StoredTask]:
    """Stores all news in one transaction; the tasks no longer ours, whose news are refused."""
    ordered = sorted(news, key=lambda one: one.task.row)
    rows = [one.rows() for one in ordered]
    refused: list[StoredTask] = []
    with database.writing(durable=False) as session:
        for one, chunks in zip(ordered, rows, strict=True):
            if not _advanced(session, one):
                refused.append(one.task)
                continue
            if one.fingerprint is not None:
                forget_chunks(session, one.task.row)
            store_chunks(session, chunks)
            tell_others(session, f"progress {server_id} {one.task.task_id}")
    return refused


def _advanced(session: Session, one: Unwritten) -> bool:
    """Whether the task still runs for the one who took it up; notes its progress then."""
    values: dict[str, Any] = {"epoch": one.task.epoch}
    if one.progress is not None:
        values |= one.progress.model_dump(include=FIGURES)
    if one.fingerprint is not None:
        values["plan_fingerprint"] = one.fingerprint
    changed = session.execute(
        update(EvaluationTask)
        .where(held(one.task))
        .where(EvaluationTask.status == TaskState.RUNNING)
        .values(values)
        .returning(EvaluationTask.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None
