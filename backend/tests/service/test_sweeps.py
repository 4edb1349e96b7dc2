"""A sweep as a task: submitted, watched, stored, read; refused by name."""

import httpx

from tests.service.running_server import eventually
from tests.service.submissions import quick


def test_a_sweep_is_a_task_whose_results_have_the_table(client: httpx.Client) -> None:
    axes = [
        {"field": "hardware", "values": ["h200-sxm", "a100-sxm"]},
        "inference.input_seq_length=[1k, 4k, 16k]",
    ]
    answer = client.post("/api/evaluation/submit", json=quick("sweep", sweep=axes))
    assert answer.status_code == 200, answer.text
    assert "6 points" in answer.json()["message"]
    task = f"/api/evaluation/tasks/{answer.json()['task_id']}"
    eventually(lambda: client.get(task).json()["status"] == "completed", "the sweep ends")
    results = client.get(f"{task}/results").json()
    table = results["sweep"]
    assert [axis["values"] for axis in table["axes"]] == [
        ["h200-sxm", "a100-sxm"],
        [1024, 4096, 16384],
    ]
    assert [point["index"] for point in table["points"]] == [
        [a, b] for a in (0, 1) for b in range(3)
    ]
    best = table["points"][3 * table["best"][0] + table["best"][1]]
    assert results["top_k_plans"][0]["throughput"] == best["throughput"]
    assert results["search_stats"]["evaluated_plans"] == sum(p["plans"] for p in table["points"])


def test_an_impossible_point_is_refused_at_submission(client: httpx.Client) -> None:
    axes = ["chip.memory_bandwidth=2 TB/s, 3 parsec"]
    answer = client.post("/api/evaluation/submit", json=quick("sweep", sweep=axes))
    assert answer.status_code == 422
    [problem] = answer.json()["error"]["fields"]
    assert problem["field"] == "sweep[0].values[1]"


def test_a_single_evaluation_has_no_sweep(client: httpx.Client) -> None:
    task_id = client.post("/api/evaluation/submit", json=quick()).json()["task_id"]
    assert client.get(f"/api/evaluation/tasks/{task_id}/results").json()["sweep"] is None
