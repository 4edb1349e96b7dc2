"""The HTTP surface, over real HTTP."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from llm_simulator.schemas.errors import ErrorResponse
from llm_simulator.schemas.experiments import ExperimentDetail
from llm_simulator.schemas.tasks import TaskResults
from tests.service.running_server import RunningServer, eventually
from tests.service.submissions import long, quick

EVALUATION = "/api/evaluation"


def submitted(client: httpx.Client, body: dict[str, Any]) -> str:
    """The id of a task submitted with ``body``."""
    answer = client.post(f"{EVALUATION}/submit", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["task_id"]


def task(client: httpx.Client, task_id: str) -> dict[str, Any]:
    """A task's present state."""
    return client.get(f"{EVALUATION}/tasks/{task_id}").raise_for_status().json()


def ended(client: httpx.Client, task_id: str) -> dict[str, Any]:
    """A task's state once it is no longer active."""
    active = ("pending", "running")
    eventually(lambda: task(client, task_id)["status"] not in active, f"{task_id} ends")
    return task(client, task_id)


def refused(answer: httpx.Response, status: int, code: str) -> list[str]:
    """The fields that a refusal of this status and code names."""
    assert answer.status_code == status, answer.text
    error = ErrorResponse.model_validate(answer.json()).error
    assert error.code == code
    assert error.message
    return [problem.field for problem in error.fields]


def test_disaggregated_deployments_come_back_with_both_pools(client: httpx.Client) -> None:
    body = quick("pools", search_constraints={"serving": "both", "top_k": 200})
    task_id = submitted(client, body)
    done = ended(client, task_id)
    assert (done["status"], done["progress"], done["error"]) == ("completed", 100, None)
    results = client.get(f"{EVALUATION}/tasks/{task_id}/results").json()
    plans = TaskResults.model_validate(results).top_k_plans
    assert {plan.serving for plan in plans} == {"aggregated", "disaggregated"}
    for plan in plans:
        assert (plan.pools is not None) == (plan.serving == "disaggregated")
        if plan.pools is not None:
            assert plan.chips == plan.pools.prefill.chips + plan.pools.decode.chips
    # Deployments may share the plan in the columns: the one of their decode pool.
    degrees = [tuple(plan.parallelism.model_dump().values()) for plan in plans]
    assert len(set(degrees)) < len(degrees)


def test_a_submitted_evaluation_is_completed(client: httpx.Client, server: RunningServer) -> None:
    task_id = submitted(client, quick("completed"))
    done = ended(client, task_id)
    assert (done["status"], done["progress"], done["error"]) == ("completed", 100, None)
    stats = done["search_stats"]
    assert stats["feasible_plans"] + stats["infeasible_plans"] == stats["total_plans"]
    for moment in ("created_at", "started_at", "completed_at"):
        assert datetime.fromisoformat(done[moment]).tzinfo == UTC
    results = client.get(f"{EVALUATION}/tasks/{task_id}/results").json()
    TaskResults.model_validate(results)
    assert [plan["rank"] for plan in results["top_k_plans"]] == [
        n + 1 for n in range(len(results["top_k_plans"]))
    ]
    assert results["request"]["model"]["name"] == "llama-3.1-8b"
    with sqlite3.connect(server.database) as connection:
        [(stored,)] = connection.execute(
            "SELECT count(*) FROM evaluation_results r JOIN evaluation_tasks t ON r.task_id = t.id"
            " WHERE t.task_id = ?",
            (task_id,),
        )
    connection.close()
    assert stored == len(results["top_k_plans"]) + len(results["infeasible_plans"])


def test_a_manual_evaluation_gives_the_one_plan(client: httpx.Client) -> None:
    plan = {"dp": 1, "tp": 8, "pp": 1, "ep": 1, "sp": 1, "moe_tp": 1}
    prices = {"chip_usd_per_hour": 2.5, "source": "our contract"}
    body = quick("manual", search_mode="manual", manual_parallelism=plan, economics=prices)
    task_id = submitted(client, body)
    assert ended(client, task_id)["search_stats"]["total_plans"] == 1
    results = client.get(f"{EVALUATION}/tasks/{task_id}/results").json()
    [best] = results["top_k_plans"]
    assert best["parallelism"] == plan | {"dcp": 1}
    assert best["economics"]["usd_per_hour"] == 20.0
    assert results["request"]["economics"]["sources"]["chip_usd_per_hour"] == "our contract"
    assert best["sensitivity"]["bottleneck"]["throughput"]["sentence"]


def test_given_pools_are_kept_and_evaluated(client: httpx.Client) -> None:
    pool = {"instances": 2, "parallelism": {"tp": 2}}
    pools = {"prefill": pool, "decode": pool | {"max_batch_size": 8}}
    task_id = submitted(client, quick("pools", search_mode="manual", manual_pools=pools))
    assert ended(client, task_id)["search_constraints"]["serving"] == "disaggregated"
    results = client.get(f"{EVALUATION}/tasks/{task_id}/results").json()
    [best] = results["top_k_plans"]
    assert best["pools"]["decode"]["instances"] == 2
    assert results["request"]["manual_pools"]["decode"]["max_batch_size"] == 8


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"experiment_name": "   "}, "experiment_name"),
        ({"experiment_name": "x" * 201}, "experiment_name"),
        ({"experiment_name": "a\x00b"}, "experiment_name"),
        ({"topology": "pod-65"}, "topology"),
        ({"topology": 3}, "topology"),
        ({"model": "llama-9"}, "model"),
        ({"model": {"hidden_size": -1}}, "model.hidden_size"),
        ({"hardware": "h1000"}, "hardware"),
        ({"economics": {"pue": 0.9}}, "economics.pue"),
        ({"inference": {"batch_size": 0}}, "inference.batch_size"),
        ({"inference": {"batch_size": 1}}, "inference.input_seq_length"),
        ({"search_mode": "both"}, "search_mode"),
        ({"search_mode": "manual"}, "manual_parallelism"),
        ({"search_mode": "manual", "manual_pools": {"prefill": {}}}, "manual_pools.decode"),
        ({"search_constraints": {"top_k": 0}}, "search_constraints.top_k"),
        ({"search_constraints": {"objective": "fame"}}, "search_constraints.objective"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_impossible_input_names_its_field(
    client: httpx.Client, change: dict[str, Any], field: str
) -> None:
    before = client.get(f"{EVALUATION}/tasks").json()["total"]
    answer = client.post(f"{EVALUATION}/submit", json=quick("impossible") | change)
    assert field in refused(answer, 422, "invalid_input")
    assert client.get(f"{EVALUATION}/tasks").json()["total"] == before


@pytest.mark.parametrize("text", ["{", "[1]", "null", '{"topology": NaN}', "[" * 100_000, ""])
def test_a_body_that_is_not_json_is_refused(client: httpx.Client, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post(f"{EVALUATION}/submit", content=text, headers=headers)
    assert refused(answer, 422, "invalid_input") == ["body"]


def test_a_number_beyond_floats_is_refused(client: httpx.Client) -> None:
    text = json.dumps(quick("infinite")).replace('"batch_size": 32', '"batch_size": 1e999')
    headers = {"Content-Type": "application/json"}
    answer = client.post(f"{EVALUATION}/submit", content=text, headers=headers)
    assert refused(answer, 422, "invalid_input")


def test_a_body_too_large_is_refused(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    url = f"{EVALUATION}/submit"
    declared = client.post(url, content=b" " * 2_000_001, headers=headers)
    assert refused(declared, 413, "invalid_input") == []
    streamed = client.post(url, content=iter([b" " * 100_000] * 21), headers=headers)
    assert refused(streamed, 413, "invalid_input") == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tasks/unknown"),
        ("GET", "/tasks/unknown/results"),
        ("POST", "/tasks/unknown/cancel"),
        ("DELETE", "/tasks/unknown"),
        ("GET", "/experiments/2147483647"),
        ("GET", "/nothing"),
    ],
)
def test_an_unknown_id_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    refused(client.request(method, EVALUATION + path), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=asleep", "status"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("experiment_name=%00", "experiment_name"),
    ],
)
def test_an_unreadable_query_names_its_field(client: httpx.Client, query: str, field: str) -> None:
    answer = client.get(f"{EVALUATION}/tasks?{query}")
    assert refused(answer, 422, "invalid_input") == [field]


def test_a_task_that_has_ended_can_not_be_cancelled(client: httpx.Client) -> None:
    task_id = submitted(client, quick("ended"))
    before = ended(client, task_id)
    refused(client.post(f"{EVALUATION}/tasks/{task_id}/cancel"), 409, "conflict")
    assert task(client, task_id) == before


def test_concurrent_submissions_join_one_experiment(client: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as threads:
        created = list(threads.map(lambda _: submitted(client, quick("shared")), range(24)))
    for task_id in created:
        assert ended(client, task_id)["status"] == "completed"
    listed = client.get(f"{EVALUATION}/tasks", params={"experiment_name": "shared"}).json()
    assert {item["task_id"] for item in listed["tasks"]} == set(created)
    experiments = client.get(f"{EVALUATION}/experiments").json()["experiments"]
    [shared] = [item for item in experiments if item["name"] == "shared"]
    assert (shared["total_tasks"], shared["completed_tasks"]) == (24, 24)


def test_a_joined_experiment_keeps_every_configuration(client: httpx.Client) -> None:
    first = submitted(client, quick("joined", description="First."))
    second = submitted(client, quick("joined", description="Second.", model="qwen3-32b"))
    experiment_id = task(client, first)["experiment_id"]
    assert task(client, second)["experiment_id"] == experiment_id
    detail = client.get(f"{EVALUATION}/experiments/{experiment_id}").json()
    ExperimentDetail.model_validate(detail)
    assert (detail["description"], detail["model_config"]["name"]) == ("First.", "llama-3.1-8b")
    assert [item["task_id"] for item in detail["tasks"]] == [second, first]
    snapshot = client.get(f"{EVALUATION}/tasks/{second}/results").json()["request"]
    assert snapshot["model"]["name"] == "qwen3-32b"
    for task_id in (first, second):
        ended(client, task_id)


def test_a_deleted_task_is_gone(client: httpx.Client) -> None:
    task_id = submitted(client, quick("deleted"))
    experiment_id = ended(client, task_id)["experiment_id"]
    assert client.delete(f"{EVALUATION}/tasks/{task_id}").json()["success"] is True
    refused(client.get(f"{EVALUATION}/tasks/{task_id}"), 404, "not_found")
    detail = client.get(f"{EVALUATION}/experiments/{experiment_id}").json()
    assert (detail["total_tasks"], detail["completed_tasks"], detail["tasks"]) == (0, 0, [])


def test_running_tasks_are_listed_until_they_are_cancelled(client: httpx.Client) -> None:
    task_id = submitted(client, long("listed"))
    running = client.get(f"{EVALUATION}/running").json()["tasks"]
    assert task_id in [item["task_id"] for item in running]
    answer = client.post(f"{EVALUATION}/tasks/{task_id}/cancel")
    assert answer.json()["success"] is True
    assert task(client, task_id)["status"] == "cancelled"
    running = client.get(f"{EVALUATION}/running").json()["tasks"]
    assert task_id not in [item["task_id"] for item in running]


@pytest.mark.parametrize("kind", ["models", "chips", "topologies", "workloads"])
def test_the_catalogue_is_listed_and_read(client: httpx.Client, kind: str) -> None:
    listed = client.get(f"/api/catalogue/{kind}").json()[kind]
    assert listed
    for item in listed:
        whole = client.get(f"/api/catalogue/{kind}/{item['name']}").json()
        assert (whole["title"], whole["source"]) == (item["title"], item["source"])
        assert whole["spec"]
    refused(client.get(f"/api/catalogue/{kind}/..%2F..%2Fetc"), 404, "not_found")


def test_only_listed_origins_may_use_the_api(client: httpx.Client) -> None:
    ours = client.get("/healthz", headers={"Origin": "http://localhost:3100"})
    assert ours.headers["access-control-allow-origin"] == "http://localhost:3100"
    foreign = client.get("/healthz", headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers


def test_the_page_answers_its_own_addresses(client: httpx.Client) -> None:
    for path in ("/", "/history", "/tasks/some-id"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
    refused(client.get("/assets/missing.js"), 404, "not_found")
    refused(client.get("/..%2f..%2fpyproject.toml"), 404, "not_found")
    refused(client.get("/ws/unknown"), 404, "not_found")


def test_every_part_may_be_a_preset_s_name(client: httpx.Client) -> None:
    parts = {"topology": "server-8", "model": "llama-3.1-8b", "hardware": "mi300x"}
    body = parts | {"experiment_name": "by name", "inference": "chat"}
    assert ended(client, submitted(client, body))["status"] == "completed"


def test_the_example_request_is_accepted(client: httpx.Client) -> None:
    example = Path(__file__).parents[3] / "examples" / "deepseek-v3-on-64-chips.json"
    task_id = submitted(client, json.loads(example.read_text("utf-8")))
    assert ended(client, task_id)["search_stats"]["total_plans"] == 1880


def test_a_large_search_is_counted_by_a_worker_and_refused_as_a_small_one(
    client: httpx.Client,
) -> None:
    large = quick("large", model="deepseek-v3", topology="cluster-1024")
    none = large | {"search_constraints": {"allowed": {"tp": [7]}}}
    answer = client.post(f"{EVALUATION}/submit", json=none)
    if answer.status_code == 200:
        # Its workers were not there in time: the task says what the request was not told.
        assert "leaves no legal plan" in ended(client, answer.json()["task_id"])["error"]
        answer = client.post(f"{EVALUATION}/submit", json=none)
    assert answer.status_code == 422
    [problem] = answer.json()["error"]["fields"]
    assert problem["field"] == "search_constraints.allowed"
    counted = 'tier6_call_seconds_count{function="total_plans",outcome="failed"}'
    assert counted in client.get("/metrics").text
