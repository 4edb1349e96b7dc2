"""Disaggregated deployments as a user reads them, beside aggregated ones."""

import json
from itertools import pairwise

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.evaluate import (
    Chunk,
    assemble,
    evaluate_chunk,
    outcome_as_json,
    outcome_from_json,
    running_stats,
)
from llm_simulator.planner.results.plan import InfeasiblePlan, Plan
from llm_simulator.planner.search.layout import Table
from llm_simulator.planner.search.prepared import prepare
from tests.deployments import evaluated_deployment, read

LOAD = {"batch_size": 64, "input_seq_length": 2048, "output_seq_length": 512}
SMALL = {
    "topology": "servers-4x8",
    "model": "llama-3.1-70b",
    "hardware": "h100-sxm",
    "inference": LOAD,
}

PER_CHIP = {"objective": "throughput_per_chip"}


def _evaluated(serving, **constraints):
    return evaluated_deployment(
        **SMALL, search_constraints={"serving": serving, **PER_CHIP, **constraints}
    )


@pytest.fixture(scope="module")
def pools():
    return _evaluated("disaggregated", max_ttft_ms=2000)


@pytest.fixture(scope="module")
def both():
    return _evaluated("both", max_ttft_ms=2000)


def test_both_pools_are_described_and_their_chips_add_up(pools):
    for plan in pools["top_k_plans"]:
        assert plan["serving"] == "disaggregated"
        parts = plan["pools"]
        assert plan["chips"] == parts["prefill"]["chips"] + parts["decode"]["chips"]
        assert plan["parallelism"] == parts["decode"]["parallelism"]
        assert plan["kv_transfer_ms"] > 0
        for pool in parts.values():
            assert pool["chips"] == pool["instances"] * pool["chips_per_instance"]
            assert 0 < pool["utilization"] <= 1
            assert pool["memory"]["total_gb"] <= pool["memory"]["usable_gb"]


def test_the_rate_of_each_pool_times_its_utilisation_is_that_of_the_deployment(pools):
    for plan in pools["top_k_plans"]:
        for pool in plan["pools"].values():
            requests = pool["instances"] * pool["rate"] * pool["utilization"]
            assert requests * 512 == pytest.approx(plan["throughput"])


def test_breakdowns_add_up_and_name_transfer_and_queueing(pools):
    for plan in pools["top_k_plans"]:
        for phase, total in (("prefill", plan["ttft"]), ("decode", plan["tpot"])):
            latency = plan["latency"][phase]
            assert latency["total_ms"] == pytest.approx(total)
            assert sum(o["time_ms"] for o in latency["operators"]) == pytest.approx(total)
        times = {o["name"]: o["time_ms"] for o in plan["latency"]["prefill"]["operators"]}
        assert times["kv_transfer"] == pytest.approx(plan["kv_transfer_ms"])
        assert times["first_decode_step"] == pytest.approx(plan["tpot"])
        assert "queueing" in times


def test_one_ranking_holds_aggregated_and_disaggregated_plans(both, pools):
    alone = _evaluated("aggregated", max_ttft_ms=2000)
    scores = [plan["score"] for plan in both["top_k_plans"]]
    separate = [p["score"] for result in (alone, pools) for p in result["top_k_plans"]]
    assert scores == sorted(separate, reverse=True)[: len(scores)]
    assert [plan["rank"] for plan in both["top_k_plans"]] == list(range(1, len(scores) + 1))


def test_every_deployment_is_accounted_for(both, pools):
    alone = _evaluated("aggregated", max_ttft_ms=2000)
    for result in (both, pools):
        stats = result["search_stats"]
        assert stats["evaluated_plans"] + stats["pruned_plans"] == stats["total_plans"]
        assert stats["feasible_plans"] + stats["infeasible_plans"] == stats["evaluated_plans"]
        assert sum(stats["pruned_reasons"].values()) == stats["pruned_plans"]
        assert sum(stats["infeasible_reasons"].values()) == stats["infeasible_plans"]
    totals = [result["search_stats"]["total_plans"] for result in (alone, pools, both)]
    assert totals[0] + totals[1] == totals[2]


def test_the_order_of_chunks_and_a_second_run_change_nothing(both):
    constraints = {"serving": "both", "max_ttft_ms": 2000, **PER_CHIP}
    request = read(SMALL | {"search_constraints": constraints})
    prepared = prepare(request)
    cuts: dict[Table, list[int]] = {
        "plans": [0, 7, 100, len(prepared.plans)],
        "instances": [0, 5, len(prepared.instances)],
    }
    chunks = [Chunk(table, *cut) for table, edges in cuts.items() for cut in pairwise(edges)]
    outcomes = [evaluate_chunk(request, chunk) for chunk in chunks]
    stats = running_stats(outcomes, prepared.total_plans)
    assert stats.evaluated_plans == prepared.total_plans
    kept = json.loads(json.dumps([outcome_as_json(outcome) for outcome in outcomes]))
    again = assemble(request, [outcome_from_json(part) for part in kept[::-1]]).as_json()
    assert again["top_k_plans"] == both["top_k_plans"]
    assert again["infeasible_plans"] == both["infeasible_plans"]


def test_the_service_stores_and_shows_all_of_it(both):
    stored = json.loads(json.dumps(both, allow_nan=False))
    for plan in stored["top_k_plans"]:
        shown = Plan.model_validate(plan).model_dump()
        assert shown["pools"] == plan.get("pools")
        assert shown["serving"] == plan["serving"]
    assert all(InfeasiblePlan.model_validate(plan) for plan in stored["infeasible_plans"])


def test_a_result_stored_before_there_were_pools_is_aggregated(both):
    plan = next(p for p in both["top_k_plans"] if p["serving"] == "aggregated")
    old = {name: value for name, value in plan.items() if name != "serving"}
    assert Plan.model_validate(old).serving == "aggregated"


def test_a_plan_given_by_hand_serves_in_both_pools():
    result = evaluated_deployment(
        **SMALL,
        search_mode="manual",
        manual_parallelism={"tp": 4},
        search_constraints={"serving": "disaggregated"},
    )
    [best] = result["top_k_plans"]
    plans = [pool["parallelism"] for pool in best["pools"].values()]
    assert plans == [{"dp": 1, "tp": 4, "pp": 1, "ep": 1, "sp": 1, "moe_tp": 1, "dcp": 1}] * 2


def test_what_does_not_fit_says_which_pool():
    load = LOAD | {"weight_dtype": "bf16"}
    result = evaluated_deployment(
        **SMALL | {"inference": load},
        search_mode="manual",
        manual_parallelism={"tp": 1},
        search_constraints={"serving": "disaggregated"},
    )
    [plan] = result["infeasible_plans"]
    assert result["top_k_plans"] == []
    assert plan["reason_code"] == "memory"
    assert plan["infeasible_reason"].startswith("prefill pool needs ")
    assert "decode pool needs " in plan["infeasible_reason"]


def test_a_cluster_too_small_for_two_pools_says_so():
    result = _evaluated("disaggregated", max_chips=3)
    assert result["top_k_plans"] == []
    assert "more than the 3 there are" in result["infeasible_plans"][0]["infeasible_reason"]


def test_copies_of_the_model_are_instances_not_dp():
    with pytest.raises(InvalidInput, match="single copy"):
        _evaluated("disaggregated", allowed={"dp": [4]})


def test_an_unknown_way_to_serve_is_refused():
    with pytest.raises(InvalidInput, match=r"search_constraints\.serving"):
        _evaluated("shared")
