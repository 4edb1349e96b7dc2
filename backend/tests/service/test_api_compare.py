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
