"""Explanations over HTTP: the same as in Python, errors by name, a trace that Perfetto reads."""

from typing import Any

import httpx
import pytest

from llm_simulator import explain
from tests.service.submissions import quick

EXPLAIN = "/api/evaluation/explain"


def asked(**changes: Any) -> dict[str, Any]:
    """A small request with a plan to explain."""
    body = quick(**changes)
    del body["experiment_name"]
    return {"plan": {"parallelism": {"tp": 2}}} | body


def test_an_explanation_is_that_of_python(previews: httpx.Client) -> None:
    body = asked()
    answer = previews.post(EXPLAIN, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-encoding"] == "gzip"
    request = {name: part for name, part in body.items() if name != "plan"}
    assert answer.json() == explain(request, body["plan"]).model_dump(mode="json")


def test_a_plan_of_a_preview_is_explained_as_it_came(previews: httpx.Client) -> None:
    request = asked()
    del request["plan"]
    [plan, *_] = previews.post("/api/evaluation/preview", json=request).json()["top_k_plans"]
    found = previews.post(EXPLAIN, json=request | {"plan": plan}).json()
    figures = ("parallelism", "batch_size", "ttft", "tpot", "throughput", "latency", "memory")
    assert {name: found["plan"][name] for name in figures} == {name: plan[name] for name in figures}


def test_the_schedules_come_as_a_trace(previews: httpx.Client) -> None:
    answer = previews.post(EXPLAIN, json=asked(), params={"form": "trace"})
    events = answer.json()["traceEvents"]
    spans = [event for event in events if event["ph"] == "X"]
    assert spans
    for span in spans:
        assert span["dur"] >= 0
        assert {"name", "cat", "ts", "pid", "tid"} <= span.keys()
    named = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name"}
    assert {(span["pid"], span["tid"]) for span in spans} <= named


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"plan": None}, "plan"),
        ({"plan": {"parallelism": {"tp": 3}}}, "plan.parallelism.tp"),
        ({"plan": {"parallelism": {"tp": 0}}}, "plan.parallelism.tp"),
        ({"plan": 3}, "plan"),
        ({"model": "nobody"}, "model"),
        ({"sensitivity": True}, "sensitivity"),
    ],
)
def test_nonsense_is_named(previews: httpx.Client, changes: dict[str, Any], field: str) -> None:
    answer = previews.post(EXPLAIN, json=asked() | changes)
    assert answer.status_code == 422
    assert field in [problem["field"] for problem in answer.json()["error"]["fields"]]
    assert "Traceback" not in answer.text


def test_a_plan_that_does_not_fit_is_explained(previews: httpx.Client) -> None:
    load = {"batch_size": 4096, "input_seq_length": 8192, "output_seq_length": 16}
    found = previews.post(EXPLAIN, json=asked(inference=load)).json()
    assert found["plan"]["is_feasible"] is False
    changes = {change["kind"]: change for change in found["changes"]}
    assert changes["concurrency"]["works"]
    assert changes["concurrency"]["after"] < 4096
