"""Simulated figures in a result: where they stand, in which units, and what warns."""

import json

import pytest

from llm_simulator.planner.results.plan import Plan
from tests.deployments import evaluated_deployment

LOAD = {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 256}
PLAN = {"search_mode": "manual", "manual_parallelism": {"dp": 2, "tp": 4}}


def evaluated(traffic, model="llama-3.1-70b", load=LOAD, **more):
    return evaluated_deployment(
        topology="server-8",
        model=model,
        hardware="h200-sxm",
        inference=load | {"traffic": traffic},
        **more,
    )


def test_without_traffic_nothing_is_simulated():
    assert {plan["simulated"] for plan in evaluated(None)["top_k_plans"]} == {None}


def test_the_plans_that_are_shown_are_simulated_in_milliseconds():
    result = evaluated({"requests_per_slot": 20})
    assert result["top_k_plans"]
    for plan in result["top_k_plans"]:
        assert plan["simulated"]["tpot"]["mean_ms"] == pytest.approx(plan["tpot"], rel=0.25)
        assert plan["simulated"]["throughput"] == pytest.approx(plan["throughput"], rel=0.1)
        assert plan["simulated"]["ttft"]["p99_ms"] > plan["ttft"]


def test_plans_that_do_not_fit_are_not_simulated():
    result = evaluated({}, load=LOAD | {"batch_size": 4000})
    nearest = result["infeasible_plans"]
    assert nearest
    assert {plan["simulated"] for plan in nearest} == {None}


def test_at_most_twenty_plans_are_simulated():
    result = evaluated(
        {"requests_per_slot": 1}, model="qwen3-30b-a3b", search_constraints={"top_k": 30}
    )
    shown = [plan["simulated"] is not None for plan in result["top_k_plans"]]
    assert shown == [True] * 20 + [False] * 10


def test_a_simulated_plan_is_plain_json_in_the_shape_of_the_api():
    (plan,) = evaluated({"arrivals": "poisson", "request_rate": 2.0}, **PLAN)["top_k_plans"]
    assert json.loads(json.dumps(plan, allow_nan=False)) == plan
    assert Plan.model_validate(plan).model_dump()["simulated"] == plan["simulated"]


def test_results_stored_before_there_were_simulations_can_still_be_read():
    (plan,) = evaluated(None, **PLAN)["top_k_plans"]
    del plan["simulated"]
    assert Plan.model_validate(plan).simulated is None


def test_an_overload_is_a_warning():
    result = evaluated({"arrivals": "poisson", "request_rate": 1000.0}, **PLAN)
    (warning,) = result["warnings"]
    assert (warning["code"], warning["values"]) == ("overloaded", {"overloaded": 1, "simulated": 1})
    assert warning["message"] == (
        "Requests arrive faster than 1 of 1 simulated plans serve them; their latencies grow as "
        "long as the traffic lasts. Lower request_rate, or raise batch_size if memory allows."
    )


def test_the_stricter_limit_decides_what_is_served_in_time():
    traffic = {"arrivals": "poisson", "request_rate": 6.0}
    (free,) = evaluated(traffic, **PLAN)["top_k_plans"]
    median = free["simulated"]["ttft"]["p50_ms"]
    (limited,) = evaluated(
        traffic,
        load=LOAD | {"max_ttft_ms": 1e6},
        search_constraints={"max_ttft_ms": max(median, free["ttft"] * 1.001)},
        **PLAN,
    )["top_k_plans"]
    assert free["simulated"]["share_within_limits"] == 1
    assert limited["simulated"]["share_within_limits"] < 1


def test_the_same_request_gives_the_same_figures():
    once, again = (
        evaluated({"arrivals": "poisson", "request_rate": 2.0, "seed": 3}, **PLAN)["top_k_plans"]
        for _ in range(2)
    )
    assert once == again


def test_pools_are_said_not_to_be_simulated():
    result = evaluated_deployment(
        topology="server-8",
        model="llama-3.1-8b",
        hardware="h100-sxm",
        inference={
            "batch_size": 8,
            "input_seq_length": 128,
            "output_seq_length": 16,
            "traffic": {"arrivals": "closed_loop", "requests_per_slot": 2},
        },
        search_constraints={"serving": "both", "top_k": 3},
    )
    assert "simulated_aggregated_only" in [warning["code"] for warning in result["warnings"]]
