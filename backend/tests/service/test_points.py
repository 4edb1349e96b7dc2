"""The feasible points of a task, from a real server: described, sent, exported, forgotten."""

import zlib
from typing import Any

import httpx
import numpy as np
import pytest

from llm_simulator.planner.evaluate import evaluate
from llm_simulator.planner.results.points import DIGITS
from llm_simulator.stored.points import GZIP, packed_points, sent_points
from tests.deployments import read
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, submitted

SEARCH: dict[str, Any] = {"search_constraints": {"batch_sizes": [1, 8, 64], "top_k": 3}}


@pytest.fixture(scope="module")
def done(client: httpx.Client) -> str:
    """The id of a completed task."""
    task_id = submitted(client, quick("points", **SEARCH))
    assert ended(client, task_id)["status"] == "completed"
    return task_id


def columns(client: httpx.Client, task_id: str, **headers: str) -> dict[str, Any]:
    """A task's columns, as a client reads them."""
    address = f"{EVALUATION}/tasks/{task_id}/points"
    layout = client.get(address).raise_for_status().json()
    data = client.get(f"{address}/data", headers=headers).raise_for_status().content
    assert len(data) == layout["bytes"]
    return {
        column["name"]: np.frombuffer(
            data, np.dtype(column["type"]), layout["points"], column["offset"]
        )
        for column in layout["columns"]
    }


def test_every_feasible_point_is_sent(client: httpx.Client, done: str) -> None:
    found = columns(client, done)
    results = client.get(f"{EVALUATION}/tasks/{done}/results").json()
    assert len(found["tpot"]) > len(results["top_k_plans"])
    best = results["top_k_plans"][0]
    assert found["throughput"].max() == pytest.approx(best["throughput"], rel=2.0**-DIGITS)
    lines = client.get(f"{EVALUATION}/tasks/{done}/points/csv").raise_for_status().text.splitlines()
    assert len(lines) == 1 + len(found["tpot"])
    assert lines[0].split(",")[: len(found)] == [*found]
    plain = columns(client, done, **{"Accept-Encoding": "identity"})
    assert all(np.array_equal(plain[name], found[name]) for name in found)


@pytest.mark.parametrize("priced", [True, False])
def test_stored_points_are_those_that_were_found(priced: bool) -> None:
    body = {
        name: part for name, part in quick("points", **SEARCH).items() if name != "experiment_name"
    }
    if not priced:
        body["hardware"] = read(body).deployment.chip.model_dump(mode="json") | {
            "name": "own",
            "price_usd_per_hour": None,
        }
    table = evaluate(read(body)).points
    assert table is not None
    assert np.isnan(table.columns()["usd_per_million_output_tokens"]).all() != priced
    stored = packed_points(table, output_tokens=256)
    assert stored == packed_points(table, output_tokens=256)
    assert len(stored["data"]) < len(zlib.compress(table.data, 9))
    sent = sent_points(stored["layout"], stored["data"])
    assert zlib.decompress(sent, GZIP) == table.data


def test_a_task_without_points_has_none(client: httpx.Client) -> None:
    sweep = quick("points", sweep=["inference.input_seq_length=[1k, 4k]"])
    task_id = submitted(client, sweep)
    ended(client, task_id)
    assert columns(client, task_id) == {}
    unknown = client.get(f"{EVALUATION}/tasks/nobody/points/data")
    assert unknown.status_code == 404


def test_points_go_with_their_task(client: httpx.Client) -> None:
    task_id = submitted(client, quick("points", **SEARCH))
    ended(client, task_id)
    client.delete(f"{EVALUATION}/tasks/{task_id}").raise_for_status()
    assert client.get(f"{EVALUATION}/tasks/{task_id}/points").status_code == 404
