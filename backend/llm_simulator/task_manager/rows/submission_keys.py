"""Idempotency-Keys: a submission that is sent twice under one key is stored once.

The key is stored in the transaction that stores the task, so neither is ever there alone; of two
requests at once the database's unique key refuses the second, which then finds the first's task.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from llm_simulator.database import Database, inserting
from llm_simulator.errors import InvalidInput
from llm_simulator.models import EvaluationTask, SubmissionKey, now

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Key:
    """A client's key and what it was sent with."""

    text: str
    body_hash: str


def key_of(text: str, body: Any) -> Key:
    """The key with the hash of a JSON-able body, in which the order of fields means nothing."""
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return Key(text, hashlib.sha256(canonical).hexdigest())


def submitted_once(database: Database, key: Key | None, submit: Callable[[], str]) -> str:
    """The id of the task that was submitted under the key, by ``submit`` if by nobody before.

    Raises InvalidInput when the key was used with another body within its time.
    """
    if key is None:
        return submit()
    earlier = _earlier(database, key)
    if earlier is not None:
        return earlier
    try:
        return submit()
    except IntegrityError:
        earlier = _earlier(database, key)
        if earlier is None:
            raise
        return earlier


def hold(session: Session, keys: Sequence[tuple[Key | None, int]]) -> None:
    """Stores the keys of new tasks; raises IntegrityError when one was used meanwhile."""
    moment = now()
    rows = [
        {"key": key.text, "body_hash": key.body_hash, "task_id": row, "created_at": moment}
        for key, row in keys
        if key is not None
    ]
    if rows:
        session.execute(delete(SubmissionKey).where(SubmissionKey.created_at < moment - KEPT))
        # In one order for all, so that no two transactions wait for each other.
        session.execute(inserting(session, SubmissionKey), sorted(rows, key=itemgetter("key")))


def _earlier(database: Database, key: Key) -> str | None:
    query = (
        select(EvaluationTask.task_id, SubmissionKey.body_hash)
        .join(EvaluationTask, EvaluationTask.id == SubmissionKey.task_id)
        .where(SubmissionKey.key == key.text)
        .where(SubmissionKey.created_at >= now() - KEPT)
    )
    with database.reading() as session:
        row = session.execute(query).first()
    if row is None:
        return None
    if row.body_hash != key.body_hash:
        raise InvalidInput.at(
            HEADER, "was used for another submission within 24 hours; send a new key with this one"
        )
    return row.task_id
