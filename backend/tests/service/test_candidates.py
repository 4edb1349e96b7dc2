"""Hypothetical chips as a task: counted, submitted, stored, read; refused by name."""

import httpx

from tests.service.running_server import eventually
from tests.service.submissions import quick

GRID = {"memory_bandwidth": [1, 2], "memory_capacity": "80 GB, 192 GB", "price": [1, 1.5, 2]}


def test_candidates_are_a_task_whose_results_have_the_table(client: httpx.Client) -> None:
    asked = quick("chips", candidates={"grid": GRID, "price_shares": {"memory_bandwidth": 0.3}})
    answer = client.post("/api/evaluation/submit", json=asked)
    assert answer.status_code == 200, answer.text
    assert "12 hypothetical chips" in answer.json()["message"]
    task = f"/api/evaluation/tasks/{answer.json()['task_id']}"
    eventually(lambda: client.get(task).json()["status"] == "completed", "the task ends")
    results = client.get(f"{task}/results").json()
    table = results["candidates"]
    assert [row["number"] for row in table["rows"]] == list(range(12))
    assert table["figures"] == ["memory_bandwidth", "memory_capacity", "price"]
    assert table["base"]["score"] <= results["top_k_plans"][0]["score"]
    assert results["top_k_plans"][0]["score"] == table["rows"][table["best"]]["score"]
    assert results["request"]["candidates"] == asked["candidates"]
    assert results["sweep"] is None
    assert table["worth_sentence"].startswith("Most worth raising")


def test_an_impossible_chip_is_refused_at_submission(client: httpx.Client) -> None:
    for candidates, field in (
        ({"grid": {"memory_bandwidth": ["3 parsec"]}}, "candidates.grid.memory_bandwidth[0]"),
        ({"list": [{"colour": 2}]}, "candidates.list[0].colour"),
    ):
        answer = client.post("/api/evaluation/submit", json=quick("x", candidates=candidates))
        assert answer.status_code == 422
        [problem] = answer.json()["error"]["fields"]
        assert problem["field"] == field


def test_candidates_are_counted_by_their_speeds(previews: httpx.Client) -> None:
    body = quick("count")
    del body["experiment_name"]
    one = previews.post("/api/evaluation/count", json=body).json()
    many = previews.post("/api/evaluation/count", json={**body, "candidates": {"grid": GRID}})
    # Two bandwidths, the base chip, and two steps of each of its four figures.
    # Two bandwidths, two capacities, three prices.
    assert many.json()["candidates"] == 2 * 2 * 3
    assert one["candidates"] is None
    assert many.json()["evaluations"] == (2 + 1 + 8) * one["evaluations"]
