"""What is stored of a running task's finished chunks, so that a killed one goes on after them."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from llm_simulator.database import inserting
from llm_simulator.executors.identity import code_identity
from llm_simulator.models import EvaluationChunk, EvaluationTask
from llm_simulator.planner.evaluate import AnyOutcome, Chunk, outcome_as_json, outcome_from_json

FAST = 1
"""zlib's level: three quarters of what the best one saves, in a fifth of its time."""


@dataclass(frozen=True)
class Resumed:
    """What earlier runs of a task have left; true only of a plan with this fingerprint."""

    fingerprint: str | None = None
    outcomes: Mapping[int, AnyOutcome] = field(default_factory=dict)
    attempts: Mapping[int, int] = field(default_factory=dict)
    """Tries begun of chunks that cost workers and have no outcome yet."""


def plan_fingerprint(total_plans: int, chunks: Sequence[Chunk]) -> str:
    """What two layouts of a search into chunks have in common if and only if they are the same.

    The code counts: another one may give other outcomes.
    """
    layout = json.dumps([code_identity(), total_plans, [chunk.as_json() for chunk in chunks]])
    return sha256(layout.encode()).hexdigest()


def packed(outcome: AnyOutcome) -> bytes:
    """An outcome as it is stored. Plain ``json``: it alone keeps every float, infinite ones too."""
    return zlib.compress(json.dumps(outcome_as_json(outcome), separators=(",", ":")).encode(), FAST)


def unpacked(stored: bytes) -> AnyOutcome:
    """The outcome that was packed."""
    return outcome_from_json(json.loads(zlib.decompress(stored)))


def resumed(session: Session, task_row: int, fingerprint: str | None) -> Resumed:
    """What is stored of a task's chunks."""
    rows = session.execute(
        select(EvaluationChunk.chunk, EvaluationChunk.attempt, EvaluationChunk.outcome)
        .where(EvaluationChunk.task_id == task_row)
        .order_by(EvaluationChunk.chunk)
    ).all()
    return Resumed(
        fingerprint=fingerprint,
        outcomes={chunk: unpacked(outcome) for chunk, _, outcome in rows if outcome is not None},
        attempts={chunk: attempt for chunk, attempt, outcome in rows if outcome is None},
    )


def store_chunks(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores outcomes and attempts, each in place of what was known of its chunk."""
    if not rows:
        return
    insert = inserting(session, EvaluationChunk)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["task_id", "chunk"],
            set_={"attempt": insert.excluded.attempt, "outcome": insert.excluded.outcome},
        ),
        list(rows),
    )


def forget_chunks(session: Session, task_row: int) -> None:
    """Deletes what is stored of a task's chunks."""
    session.execute(delete(EvaluationChunk).where(EvaluationChunk.task_id == task_row))


def stored_outcomes(session: Session, task_id: str) -> list[AnyOutcome]:
    """The stored outcomes of an active task, in order."""
    rows = session.execute(
        select(EvaluationChunk.outcome)
        .join(EvaluationTask)
        .where(EvaluationTask.task_id == task_id)
        .where(EvaluationChunk.outcome.is_not(None))
        .order_by(EvaluationChunk.chunk)
    ).scalars()
    return [unpacked(outcome) for outcome in rows if outcome is not None]
