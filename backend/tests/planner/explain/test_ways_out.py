"""A search without a feasible plan says what would fit."""

from typing import Any

import pytest

from llm_simulator import explain
from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.evaluate import parse_request
from llm_simulator.planner.results.change import Change
from tests.service.submissions import quick

ASKED = {name: value for name, value in quick().items() if name != "experiment_name"}
TIGHT = {"max_tpot_ms": 0.5}


@pytest.mark.parametrize("serving", ["aggregated", "disaggregated"])
def test_they_are_the_working_changes_of_the_nearest_plan(serving: str) -> None:
    request = ASKED | {"search_constraints": TIGHT | {"serving": serving}}
    result = evaluate_request(request)
    assert result.ways_out
    snapshot = parse_request(request, builtin_catalogue()).snapshot()
    changes = explain(snapshot, result.infeasible_plans[0]).changes
    assert result.ways_out == [change for change in changes if change.works]


def test_a_limit_that_would_be_kept_is_kept() -> None:
    [limit] = [
        change
        for change in evaluate_request(ASKED | {"search_constraints": TIGHT}).ways_out
        if change.kind == "limit"
    ]
    looser = {"max_tpot_ms": float(limit.after or 0) * (1 + 1e-12)}
    assert evaluate_request(ASKED | {"search_constraints": looser}).top_k_plans


@pytest.mark.parametrize(
    "changes", [{}, {"search_constraints": TIGHT, "sweep": ["inference.batch_size=32, 64"]}]
)
def test_there_are_none_of_what_fits_and_of_a_sweep(changes: dict[str, object]) -> None:
    assert evaluate_request(ASKED | changes).ways_out == []


MEASURED: dict[str, Any] = {
    "model": "llama-3.1-70b",
    "hardware": "h100-sxm",
    "topology": "server-8",
    "inference": {
        "engine": "vllm",
        "batch_size": 32,
        "input_seq_length": 1024,
        "output_seq_length": 256,
    },
    "search_mode": "manual",
    "manual_parallelism": {"tp": 8},
}


def in_other_weights(request: dict[str, Any], tightness: float) -> tuple[Change, dict[str, Any]]:
    """The way out by another format of the weights where TPOT is to be a share of what it is, and
    the request that it stands for."""
    tpot = evaluate_request(request).top_k_plans[0].tpot
    tight = request | {"search_constraints": {"max_tpot_ms": tightness * tpot}}
    ways = {change.kind: change for change in evaluate_request(tight).ways_out}
    found = ways["weight_dtype"]
    return found, tight | {"inference": MEASURED["inference"] | {"weight_dtype": found.after}}


def test_another_format_has_the_calibration_of_its_precision() -> None:
    change, request = in_other_weights(MEASURED, 0.9)
    assert "calibration" not in change.sentence
    assert change.calibration_of is None
    [plan] = evaluate_request(request).top_k_plans
    assert (change.ttft, change.tpot) == (plan.ttft, plan.tpot)


def test_a_given_calibration_stays_and_is_named() -> None:
    calibration = parse_request(MEASURED, builtin_catalogue()).snapshot()["calibration"]
    factors = calibration["factors"] | {"gemm_start": 2 * calibration["factors"]["gemm_start"]}
    given = {"calibration": calibration | {"factors": factors}}
    change, request = in_other_weights(MEASURED | given, 0.9)
    assert change.sentence.endswith("Its calibration is the one given, of bf16.")
    assert change.calibration_of == "bf16"
    [plan] = evaluate_request(request).top_k_plans
    assert (change.ttft, change.tpot) == (plan.ttft, plan.tpot)


def test_ways_out_of_a_percentile_say_that_they_are_means() -> None:
    load = MEASURED["inference"] | {
        "traffic": {"arrivals": "poisson", "request_rate": 2.0, "requests": 64}
    }
    limits = TIGHT | {"limit_percentile": "p99"}
    found = evaluate_request(MEASURED | {"inference": load, "search_constraints": limits})
    assert found.ways_out
    assert all("In the mean" in change.sentence for change in found.ways_out)
