"""Exports, and experiments that move from one installation to another with nothing lost."""

import csv
import io
import json
from itertools import chain
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from pyarrow import parquet
from sqlalchemy import QueuePool

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.database import Database
from llm_simulator.errors import InvalidInput
from llm_simulator.models import EvaluationTask, Experiment, exported_columns
from llm_simulator.schemas.exchange import ArchivedExperiment, ArchivedTask, ExportQuery
from llm_simulator.task_manager.exchange.archive import archive
from llm_simulator.task_manager.exchange.restore import restored
from llm_simulator.task_manager.exchange.tables import TABLES
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.store import TaskStore
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, refused, submitted, task
from tests.service.test_listing import between_statements

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


@pytest.fixture(scope="module")
def found(client: httpx.Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """An experiment whose tasks have findings, as the server exports it, and their results."""
    name = "findings"
    both = {"serving": "both", "pareto": ["throughput", "ttft"], "top_k": 3}
    bodies = (
        quick(name, sweep=["inference.input_seq_length=[1k, 4k]"]),
        quick(name, search_constraints=both),
    )
    ids = [submitted(client, body) for body in bodies]
    for task_id in ids:
        assert ended(client, task_id)["status"] == "completed"
    experiment_id = task(client, ids[0])["experiment_id"]
    document = client.get(f"{EVALUATION}/experiments/{experiment_id}/export").raise_for_status()
    results = {
        task_id: client.get(f"{EVALUATION}/tasks/{task_id}/results").raise_for_status().json()
        for task_id in ids
    }
    return document.json(), results


def exported(database: Database, experiment_id: int) -> dict[str, Any]:
    """The experiment as a document."""
    return orjson.loads(b"".join(archive(database, experiment_id)))


def imported(database: Database, content: Any) -> Any:
    """What storing the content gives."""
    return restored(database, orjson.dumps(content), CATALOGUE, most_tasks=100)


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


def test_sweeps_and_findings_move_too(database: Database, found: Any) -> None:
    document, results = found
    done = imported(database, document)
    assert exported(database, done.experiment_id)["tasks"] == document["tasks"]
    for task_id, result in results.items():
        assert History(database).results(task_id).model_dump(mode="json") == result
    sweep, search = results.values()
    assert len(sweep["sweep"]["points"]) == 2
    assert search["trade_offs"]["points"]
    assert {plan["serving"] for plan in search["best_of_serving"]} == {
        "aggregated",
        "disaggregated",
    }


def test_an_archive_of_the_first_version_is_read(database: Database, document: Any) -> None:
    tasks = [dict(item) for item in document["tasks"]]
    for item in tasks:
        del item["findings"]
    assert imported(database, document | {"version": 1, "tasks": tasks}).tasks == 2


def test_a_plan_with_empty_fields_of_the_other_kind_is_read(
    database: Database, document: Any
) -> None:
    """As all were stored before there was one schema for plans."""
    tasks = json.loads(json.dumps(document["tasks"]))
    for plan in [plan for item in tasks for plan in item["results"]]:
        none = ("reason_code",) if plan["is_feasible"] else ("rank", "score", "sensitivity")
        plan |= {"missed_limits": [], **dict.fromkeys(none)}
    done = imported(database, document | {"tasks": tasks})
    assert exported(database, done.experiment_id)["tasks"] == tasks
    assert History(database).results(tasks[0]["task_id"]).top_k_plans


def test_every_column_moves_or_is_said_to_stay() -> None:
    for table, schema, beside in (
        (EvaluationTask, ArchivedTask, {"tags", "results", "findings"}),
        (Experiment, ArchivedExperiment, {"tags"}),
    ):
        fields = {field.alias or name for name, field in schema.model_fields.items()}
        assert fields == {column.key for column in exported_columns(table)} | beside
        assert table.here_only < set(table.__table__.columns.keys())


def many(database: Database, document: Any) -> tuple[int, list[Any]]:
    """The id of a stored experiment of six tasks, and these as they are exported."""
    tasks = [item | {"task_id": str(uuid4())} for item in document["tasks"] * 3]
    return imported(database, document | {"tasks": tasks}).experiment_id, tasks


def test_a_task_deleted_during_an_export_is_missing_as_a_whole(
    database: Database, document: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_simulator.task_manager.exchange.parts.AT_ONCE", 1)
    experiment_id, tasks = many(database, document)
    store = TaskStore(database)
    parts = archive(database, experiment_id)
    text = [next(parts), next(parts)]
    store.delete(tasks[3]["task_id"])
    # The second task goes between the queries for its plans and for itself.
    between_statements(database, lambda: store.delete(tasks[1]["task_id"]))
    text += parts
    assert orjson.loads(b"".join(text))["tasks"] == [*tasks[:3], *tasks[4:]]
    left = [tasks[number] for number in (0, 2, 4, 5)]
    assert exported(database, experiment_id)["tasks"] == left


def test_no_connection_is_held_while_a_part_is_sent(database: Database, document: Any) -> None:
    experiment_id, _ = many(database, document)
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    rows = [table.rows(database, ExportQuery()) for table in TABLES.values()]
    for part in chain(archive(database, experiment_id), *rows):
        assert part
        assert pool.checkedout() == 0


def test_more_tasks_than_an_import_may_have_are_refused(database: Database, document: Any) -> None:
    with pytest.raises(InvalidInput, match="have 2 requests, more than the 1 "):
        restored(database, orjson.dumps(document), CATALOGUE, most_tasks=1)
    sweep = [{"field": "inference.input_seq_length", "values": list(range(10, 200))}]
    [one, *_] = document["tasks"]
    swept = one | {"request": one["request"] | {"sweep": sweep}}
    with pytest.raises(InvalidInput, match="have 191 requests, more than the 100 "):
        imported(database, document | {"tasks": [swept]})


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
        ("version", 4, "archive.version"),
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
        ("tasks.0.request.sweep", 5, "archive.tasks[0].request.sweep"),
        ("tasks.0.results.0.ttft", "fast", "archive.tasks[0].results[0].ttft"),
        ("tasks.0.results.0.rank", 2**40, "archive.tasks[0].results[0].rank"),
        ("tasks.0.results.0.rank", 0, "archive.tasks[0].results[0].rank"),
        ("tasks.0.results.0.rank", 2, "archive.tasks[0].results"),
        ("tasks.0.results.0.parallelism.tp", "8", "archive.tasks[0].results[0].parallelism.tp"),
        ("tasks.0.results.0", {}, "archive.tasks[0].results[0]"),
        ("tasks.0.results.0.secret", 1, "archive.tasks[0].results[0].secret"),
        ("tasks.0.results.0.memory.secret", 1, "archive.tasks[0].results[0].memory.secret"),
        ("tasks.0.findings", {"sweep": {}}, "archive.tasks[0].findings.sweep.axes"),
        ("tasks.0.findings", {"secret": 1}, "archive.tasks[0].findings.secret"),
        ("tasks.0.secret", 1, "archive.tasks[0].secret"),
        ("experiment.secret", 1, "archive.experiment.secret"),
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


def test_of_many_wrong_tasks_the_first_is_told(database: Database, document: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        imported(database, document | {"tasks": [{}] * 100})
    fields = {problem.field for problem in refusal.value.problems}
    assert "archive.tasks[0].task_id" in fields
    assert not any("tasks[1]" in field for field in fields)


def test_a_hostile_sweep_is_refused(database: Database, found: Any) -> None:
    document, _ = found
    for cases in (5, [{}], [{"case": 1, "calibration": 1}]):
        body = changed(document, "tasks.0.request.calibration", {"cases": cases})
        with pytest.raises(InvalidInput, match=r"archive\.tasks\[0\]\.request\.calibration"):
            imported(database, body)


def test_a_document_larger_than_a_submission_may_be_is_taken(
    client: httpx.Client, document: Any
) -> None:
    body = json.dumps(document) + " " * 2_500_000
    url, headers = f"{EVALUATION}/experiments/import", {"Content-Type": "application/json"}
    answer = client.post(url, content=body, headers=headers)
    assert answer.raise_for_status().json()["tasks"] == 2
    for text in ("{", "[" * 100_000, "null", "[]"):
        answer = client.post(url, content=text, headers=headers)
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


def test_every_plain_figure_of_a_plan_is_a_column(client: httpx.Client, document: Any) -> None:
    [first, *_] = lines(client, "results", task_id=document["tasks"][0]["task_id"])
    plan = document["tasks"][0]["results"][0]
    for name, value in {
        "tp": plan["parallelism"]["tp"],
        "batch_size": plan["batch_size"],
        "memory_gb": plan["memory"]["total_gb"],
        "latency_decode_total_ms": plan["latency"]["decode"]["total_ms"],
        "economics_usd_per_hour": plan["economics"]["usd_per_hour"],
        "pools_prefill_tp": "",
    }.items():
        assert first[name] == str(value)


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
