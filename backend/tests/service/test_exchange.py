"""Exports, and experiments that move from one installation to another with nothing lost."""

import csv
import io
import json
from typing import Any

import httpx
import orjson
import pytest
from pyarrow import parquet

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.database import Database
from llm_simulator.task_manager.exchange.archive import archive
from llm_simulator.task_manager.exchange.restore import restored
from llm_simulator.task_manager.history.queries import History
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, refused, submitted, task

CATALOGUE = builtin_catalogue()


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    """An experiment of two tasks, as the server exports it."""
    name = "=Überführung\n"
    first = submitted(
        client,
        quick(name.strip(), description="Read me.", priority=3, search_constraints={"top_k": 3}),
    )
    tight = quick()["inference"] | {"max_tpot_ms": 0.001}
    second = submitted(client, quick(name, inference=tight))
    for task_id in (first, second):
        ended(client, task_id)
    experiment_id = task(client, first)["experiment_id"]
    client.patch(f"{EVALUATION}/tasks/{first}", json={"tags": ["a", "b"], "pinned": True})
    client.patch(f"{EVALUATION}/experiments/{experiment_id}", json={"tags": ["moved"]})
    answer = client.get(f"{EVALUATION}/experiments/{experiment_id}/export").raise_for_status()
    assert "attachment" in answer.headers["content-disposition"]
    return answer.json()


def exported(database: Database, experiment_id: int) -> dict[str, Any]:
    """The experiment as a document."""
    return orjson.loads(b"".join(archive(database, experiment_id)))


def imported(database: Database, content: Any) -> Any:
    """What storing the content gives."""
    return restored(database, orjson.dumps(content), CATALOGUE)


def test_an_experiment_moves_with_nothing_lost(database: Database, document: Any) -> None:
    first = imported(database, document)
    assert (first.tasks, first.renamed_tasks) == (2, {})
    assert first.results == sum(len(item["results"]) for item in document["tasks"])
    again = exported(database, first.experiment_id)
    assert again | {"exported_at": None} == document | {"exported_at": None}
    [best] = [item for item in document["tasks"] if item["pinned"]]
    stored = History(database).task(best["task_id"])
    assert (stored.best_score, stored.tags) == (best["results"][0]["score"], ["a", "b"])
    assert stored.priority == 3
    detail = History(database).experiment(first.experiment_id)
    assert (detail.total_tasks, detail.completed_tasks) == (2, 2)


def test_what_is_there_already_stays_and_the_newcomer_gets_new_ids(
    database: Database, document: Any
) -> None:
    first, second, third = (imported(database, document) for _ in range(3))
    names = [item.experiment_name for item in (first, second, third)]
    assert names == ["=Überführung", "=Überführung (2)", "=Überführung (3)"]
    assert set(second.renamed_tasks) == {item["task_id"] for item in document["tasks"]}
    moved = exported(database, second.experiment_id)
    new = [second.renamed_tasks[item["task_id"]] for item in document["tasks"]]
    assert [item["task_id"] for item in moved["tasks"]] == new
    same = [item | {"task_id": None} for item in document["tasks"]]
    assert [item | {"task_id": None} for item in moved["tasks"]] == same
    assert exported(database, first.experiment_id)["tasks"] == document["tasks"]


def test_a_task_that_had_not_ended_does_not_start_here(database: Database, document: Any) -> None:
    waits = document["tasks"][0] | {"status": "running", "results": [], "completed_at": None}
    done = imported(database, document | {"tasks": [waits]})
    detail = History(database).experiment(done.experiment_id)
    assert [item.status for item in detail.tasks] == ["cancelled"]
    assert detail.completed_tasks == 0


def changed(document: Any, path: str, value: Any) -> Any:
    """A copy of the document with another value at a dotted path."""
    copy = json.loads(json.dumps(document))
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = copy
    for part in way:
        place = place[part]
    place[last] = value
    return copy


DEEP: Any = json.loads("[" * 60 + "]" * 60)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("format", "zip", "archive.format"),
        ("version", 2, "archive.version"),
        ("experiment.name", "", "archive.experiment.name"),
        ("experiment.name", "a\x00b", "archive"),
        ("experiment.model_config", {"a": DEEP}, "archive"),
        ("experiment.tags", ["x"] * 30, "archive.experiment.tags"),
        ("tasks.0.task_id", "../../etc", "archive.tasks[0].task_id"),
        ("tasks.0.status", "lost", "archive.tasks[0].status"),
        ("tasks.0.status", "failed", "archive.tasks[0].results"),
        ("tasks.0.created_at", "yesterday", "archive.tasks[0].created_at"),
        ("tasks.0.request.model.hidden_size", -1, "archive.tasks[0].request.model.hidden_size"),
        ("tasks.0.request.secret", 1, "archive.tasks[0].request.secret"),
        ("tasks.0.results.0.ttft", "fast", "archive.tasks[0].results[0].ttft"),
        ("tasks.0.results.0.rank", 2**40, "archive.tasks[0].results[0].rank"),
        ("tasks.0.results.0.rank", 2, "archive.tasks[0].results"),
        ("tasks.0.results.0.parallelism.tp", "8", "archive.tasks[0].results[0].parallelism.tp"),
        ("tasks.0.results.0", {}, "archive.tasks[0].results[0]"),
    ],
)
def test_a_hostile_document_is_refused_by_its_field(
    document: Any, path: str, value: Any, field: str, client: httpx.Client
) -> None:
    before = client.get(f"{EVALUATION}/tasks").json()["total"]
    body = changed(document, path, value)
    answer = client.post(f"{EVALUATION}/experiments/import", json=body)
    assert refused(answer, 422, "invalid_input")[0] == field
    assert client.get(f"{EVALUATION}/tasks").json()["total"] == before


def test_a_document_larger_than_a_submission_may_be_is_taken(
    client: httpx.Client, document: Any
) -> None:
    body = json.dumps(document) + " " * 2_500_000
    answer = client.post(f"{EVALUATION}/experiments/import", content=body)
    assert answer.raise_for_status().json()["tasks"] == 2
    for text in ("{", "[" * 100_000, "null", "[]"):
        answer = client.post(f"{EVALUATION}/experiments/import", content=text)
        assert refused(answer, 422, "invalid_input") == ["archive"]


def lines(client: httpx.Client, table: str, **query: Any) -> list[dict[str, str]]:
    """A table's lines as a spreadsheet reads them."""
    params = query | {"format": "csv"}
    answer = client.get(f"{EVALUATION}/export/{table}", params=params).raise_for_status()
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_tables_are_the_same_in_every_format(client: httpx.Client, document: Any) -> None:
    name = {"experiment_name": "=Überführung"}
    plans = sum(len(item["results"]) for item in document["tasks"])
    for table, count in (("tasks", 2), ("results", plans)):
        url = f"{EVALUATION}/export/{table}"
        whole = client.get(url, params=name).raise_for_status().json()
        flat = lines(client, table, **name)
        binary = client.get(url, params=name | {"format": "parquet"}).raise_for_status()
        columns = parquet.read_table(io.BytesIO(binary.content)).to_pylist()
        assert len(whole) == len(flat) == len(columns) == count
        for row, line, column in zip(whole, flat, columns, strict=True):
            assert row["task_id"] == line["task_id"] == column["task_id"]
            score = "score" if table == "results" else "best_score"
            assert row[score] == column[score]
            assert line[score] == ("" if row[score] is None else str(row[score]))


def test_no_cell_becomes_a_formula(client: httpx.Client, document: Any) -> None:
    [first, *_] = lines(client, "tasks", experiment_name="=Überführung")
    assert first["experiment_name"] == "'=Überführung"
    names = [line["name"] for line in lines(client, "experiments", tag="moved")]
    assert names
    assert all(name.startswith("'=") for name in names)
    assert first["task_id"] == document["tasks"][0]["task_id"]


def test_what_can_not_be_exported_is_said(client: httpx.Client) -> None:
    refused(client.get(f"{EVALUATION}/export/secrets"), 422, "invalid_input")
    answer = client.get(f"{EVALUATION}/export/tasks?format=xls")
    assert refused(answer, 422, "invalid_input") == ["format"]
    refused(client.get(f"{EVALUATION}/experiments/2147483647/export"), 404, "not_found")
    assert client.get(f"{EVALUATION}/export/results?task_id=nobody").json() == []
