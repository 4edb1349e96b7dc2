"""A submission that is sent twice is stored once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update

from llm_simulator.database import Database
from llm_simulator.errors import InvalidInput
from llm_simulator.models import EvaluationTask, SubmissionKey, now
from llm_simulator.task_manager.rows.submission_keys import KEPT, key_of, submitted_once
from llm_simulator.task_manager.store import TaskStore
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, refused
from tests.service.test_store import counters, submission

FIRST = key_of("a key", {"a": 1, "b": 2})


def sent(database: Database, text: str = "a key", body: object = None) -> str:
    """The task that a submission with this key and body leads to."""
    key = key_of(text, body or {"b": 2, "a": 1})
    wanted = replace(submission(), key=key)
    return submitted_once(database, key, lambda: TaskStore(database).create(wanted))


def test_a_racing_repetition_finds_the_first_task(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: sent(database), range(24)))
    assert len(set(ids)) == 1
    assert counters(database) == (1, 0)
    with database.reading() as session:
        assert session.execute(select(func.count(EvaluationTask.id))).scalar_one() == 1


def test_a_key_stands_for_one_body_and_for_one_day(database: Database) -> None:
    first = sent(database)
    assert sent(database, "another") != first
    with pytest.raises(InvalidInput, match="Idempotency-Key"):
        sent(database, body={"a": 2})
    with database.writing() as session:
        session.execute(
            update(SubmissionKey).values(created_at=now() - KEPT - timedelta(minutes=1))
        )
    assert sent(database, body={"a": 2}) != first


def test_a_deleted_task_frees_its_key(database: Database) -> None:
    first = sent(database)
    TaskStore(database).delete(first)
    assert sent(database) != first


def test_a_response_that_was_lost_is_asked_for_again(client: httpx.Client) -> None:
    def send(**changes: object) -> httpx.Response:
        headers = {"Idempotency-Key": "once"}
        return client.post(f"{EVALUATION}/submit", json=quick("twice", **changes), headers=headers)

    first, again = send().raise_for_status().json(), send().json()
    assert again == first
    assert client.get(f"{EVALUATION}/tasks?experiment_name=twice").json()["total"] == 1
    assert refused(send(description="new"), 422, "invalid_input") == ["Idempotency-Key"]
    empty = {"Idempotency-Key": "x" * 256}
    answer = client.post(f"{EVALUATION}/submit", json=quick(), headers=empty)
    assert refused(answer, 422, "invalid_input") == ["idempotency-key"]
