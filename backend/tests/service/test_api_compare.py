"""Comparisons over real HTTP."""

import httpx
import pytest

from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, refused, submitted


def test_results_of_several_tasks_are_aligned(client: httpx.Client) -> None:
    load = quick()["inference"] | {"batch_size": 64}
    small, large = (
        submitted(client, quick("small")),
        submitted(client, quick("large", inference=load)),
    )
    for task_id in (small, large):
        ended(client, task_id)
    asked = [{"task_id": small, "rank": 1}, {"task_id": small, "rank": 2}, {"task_id": large}]
    answer = client.post(f"{EVALUATION}/compare", json={"results": asked})
    table = answer.raise_for_status().json()
    names = [(column["task_id"], column["rank"]) for column in table["results"]]
    assert names == [(small, 1), (small, 2), (large, 1)]
    plans = client.get(f"{EVALUATION}/tasks/{small}/results").json()["top_k_plans"][:2]
    plans += client.get(f"{EVALUATION}/tasks/{large}/results").json()["top_k_plans"][:1]
    rows = {row["name"]: row for row in table["metrics"]}
    for name in ("throughput", "ttft", "tpot", "chips", "mfu"):
        values = [plan[name] for plan in plans]
        assert rows[name]["values"] == values
        assert rows[name]["differences"] == [value - values[0] for value in values]
        assert rows[name]["ratios"][0] == 1
    assert (rows["ttft"]["unit"], rows["ttft"]["better"]) == ("ms", "lower")
    assert rows["ttft"]["intervals"][2] == [plans[2]["ttft_low"], plans[2]["ttft_high"]]
    assert "goodput" not in rows
    assert {"field": "inference.batch_size", "values": [32, 32, 64]} in table["inputs"]
    assert "inference.input_seq_length" not in [item["field"] for item in table["inputs"]]


def test_a_column_says_plan_chips_load_and_what_its_cost_rests_on(client: httpx.Client) -> None:
    rented = quick("rented", economics={"chip_usd_per_hour": 9.5})
    asked = [submitted(client, quick("usual")), submitted(client, rented)]
    for task_id in asked:
        ended(client, task_id)
    body = {"results": [{"task_id": task_id} for task_id in asked]}
    table = client.post(f"{EVALUATION}/compare", json=body).raise_for_status().json()
    usual, other = table["results"]
    assert (usual["model_name"], usual["chip_name"]) == ("llama-3.1-8b", "h200-sxm")
    assert (usual["batch_size"], usual["input_seq_length"]) == (32, 1024)
    assert usual["latency"]["decode"]["total_ms"] > 0
    assert [price["field"] for price in usual["prices"]] == ["hardware.price_usd_per_hour"]
    assert [price["value"] for price in other["prices"]] == [9.5]
    [cost] = [row for row in table["metrics"] if row["name"] == "cost"]
    plan = client.get(f"{EVALUATION}/tasks/{asked[1]}/results").json()["top_k_plans"][0]
    assert cost["values"][1] == plan["economics"]["usd_per_million_output_tokens"]


def test_a_swept_task_stands_for_its_best_point(client: httpx.Client) -> None:
    swept = quick("swept", sweep=["inference.input_seq_length=512, 2048"])
    asked = [submitted(client, quick("single")), submitted(client, swept)]
    for task_id in asked:
        ended(client, task_id)
    body = {"results": [{"task_id": task_id} for task_id in asked]}
    table = client.post(f"{EVALUATION}/compare", json=body).raise_for_status().json()
    found = client.get(f"{EVALUATION}/tasks/{asked[1]}/results").json()["sweep"]
    best = found["axes"][0]["values"][found["best"][0]]
    assert table["results"][1]["input_seq_length"] == best
    assert {"field": "inference.input_seq_length", "values": [1024, best]} in table["inputs"]


@pytest.mark.parametrize(
    ("results", "status", "field"),
    [
        ([], 422, ["results"]),
        ([{"task_id": "x", "rank": 1}], 422, ["results"]),
        ([{"task_id": "x", "rank": 0}] * 2, 422, ["results.rank"]),
        ([{"task_id": "x"}] * 51, 422, ["results"]),
        ([{"task_id": "x"}] * 2, 404, []),
    ],
)
def test_what_can_not_be_compared_is_said(
    client: httpx.Client, results: object, status: int, field: list[str]
) -> None:
    answer = client.post(f"{EVALUATION}/compare", json={"results": results})
    code = "invalid_input" if status == 422 else "not_found"
    assert refused(answer, status, code) == field


def test_a_rank_that_is_not_there_is_not_found(client: httpx.Client) -> None:
    task_id = submitted(client, quick("ranks"))
    ended(client, task_id)
    asked = [{"task_id": task_id}, {"task_id": task_id, "rank": 999}]
    answer = client.post(f"{EVALUATION}/compare", json={"results": asked})
    refused(answer, 404, "not_found")
    assert "rank 999" in answer.json()["error"]["message"]
