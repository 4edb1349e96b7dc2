"""What a request for several concurrencies, objectives or chips brings back."""

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.search.prepared import prepare
from llm_simulator.planner.specs.search import REPLICA_LADDER, ladder_of
from tests.deployments import evaluated as evaluate_request
from tests.deployments import read

LOAD = {"input_seq_length": 2048, "output_seq_length": 256}
BODY = {
    "model": "llama-3.1-70b",
    "topology": "servers-4x8",
    "hardware": "h100-sxm",
    "inference": LOAD,
    "search_constraints": {
        "max_chips": 16,
        "serving": "both",
        "objective": "throughput_per_chip",
    },
}


def _evaluated(constraints=None, **changes):
    asked = BODY["search_constraints"] | (constraints or {})
    return evaluate_request(BODY | {"search_constraints": asked} | changes)


def test_a_load_without_a_concurrency_is_tried_at_a_ladder():
    request = read(BODY)
    prepared = prepare(request)
    assert prepared.problem.concurrencies[:6] == (1, 2, 3, 4, 6, 8)
    assert prepared.problem.per_replica == REPLICA_LADDER
    assert prepared.problem.concurrencies == ladder_of(16)
    assert read(request.snapshot()) == request


def test_the_front_has_the_best_of_each_objective_and_shows_both_ways_to_serve():
    objectives = ["throughput_per_chip", "tpot", "ttft", "cost"]
    asked = {"pareto": objectives, "max_tpot_ms": 40, "top_k": 3, "batch_sizes": [8, 64, 512]}
    result = _evaluated(asked)
    front = result["trade_offs"]
    assert front["objectives"] == objectives
    best = max(point["scores"][0] for point in front["points"])
    shown = result["top_k_plans"][0]
    assert best == shown["score"] == pytest.approx(shown["tps_per_chip"])
    for point in front["points"]:
        assert point["tpot"] <= 40
        assert point["scores"][1] == pytest.approx(1000 / point["tpot"])
        assert (point["serving"] == "disaggregated") == ("pools" in point)
    assert {point["serving"] for point in front["points"]} == {"aggregated", "disaggregated"}
    kinds = {plan["serving"] for plan in result["best_of_serving"]}
    assert kinds == {"aggregated", "disaggregated"}


def test_the_fewest_chips_that_serve_a_rate():
    """Sizing: with one chip less the rate is not reached."""
    asked = {"objective": "chips", "min_request_rate": 5.0, "max_tpot_ms": 40, "top_k": 1}
    result = _evaluated(asked | {"serving": "aggregated"})
    [best] = result["top_k_plans"]
    assert best["throughput"] / LOAD["output_seq_length"] >= 5
    fewer = asked | {"serving": "aggregated", "max_chips": best["chips"] - 1}
    nothing = _evaluated(fewer)
    assert nothing["top_k_plans"] == []
    assert "requests/s" in nothing["infeasible_plans"][0]["infeasible_reason"]


def test_pools_of_two_kinds_of_chip_cost_and_serve_as_each_kind_does():
    asked = {"serving": "disaggregated", "objective": "cost", "batch_sizes": [64]}
    prices = {"chip_usd_per_hour": {"h100-sxm": 3.0, "h200-sxm": 5.0}}
    mixed = _evaluated(asked, decode_hardware="h200-sxm", economics=prices)
    plan = mixed["top_k_plans"][0]
    chips = [plan["pools"][name]["chips"] for name in ("prefill", "decode")]
    assert plan["economics"]["usd_per_hour"] == pytest.approx(3 * chips[0] + 5 * chips[1])
    tokens_per_usd = plan["throughput"] * 3600 / plan["economics"]["usd_per_hour"]
    assert plan["score"] == pytest.approx(tokens_per_usd)
    assert plan["pools"]["decode"]["memory"]["capacity_gb"] == pytest.approx(150.75, abs=0.01)
    assert plan["pools"]["prefill"]["memory"]["capacity_gb"] == pytest.approx(85.52, abs=0.01)
    request = read(BODY | {"decode_hardware": "h200-sxm", "economics": prices})
    assert read(request.snapshot()) == request


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"decode_hardware": "h300"}, "decode_hardware"),
        ({"decode_hardware": "h20", "search_constraints": {}}, "decode_hardware"),
        ({"hardware": "h20", "search_constraints": {"objective": "cost"}}, "objective"),
        ({"search_constraints": {"pareto": ["cost"]}}, "pareto"),
        ({"search_constraints": {"pareto": ["ttft", "ttft"]}}, "pareto"),
        (
            {"search_constraints": {"serving": "both", "pareto": ["ttft", "tpot", "chips"]}},
            "pareto",
        ),
        ({"search_constraints": {"batch_sizes": []}}, "batch_sizes"),
        ({"search_constraints": {"batch_sizes": [0]}}, "batch_sizes"),
        ({"search_constraints": {"batch_sizes": "all"}}, "batch_sizes"),
        ({"search_constraints": {"min_request_rate": -1}}, "min_request_rate"),
    ],
)
def test_what_can_t_be_searched_for_names_its_field(change, field):
    with pytest.raises(InvalidInput) as caught:
        prepare(read(BODY | change))
    assert any(field in problem.field for problem in caught.value.problems)


def test_every_combination_of_degrees_is_accounted_for():
    stats = _evaluated()["search_stats"]
    assert stats["illegal_plans"] == sum(stats["illegal_reasons"].values()) > 0
    assert stats["evaluated_plans"] + stats["pruned_plans"] == stats["total_plans"]
    assert stats["feasible_plans"] + stats["infeasible_plans"] == stats["evaluated_plans"]


def test_limits_at_a_percentile_are_kept_by_single_requests():
    load = LOAD | {"batch_size": 64, "traffic": {"arrivals": "poisson", "request_rate": 4.0}}
    asked = {"serving": "aggregated", "max_ttft_ms": 1500, "objective": "goodput", "top_k": 5}
    result = _evaluated(asked | {"limit_percentile": "p99"}, inference=load)
    assert result["top_k_plans"]
    for rank, plan in enumerate(result["top_k_plans"], start=1):
        assert plan["rank"] == rank
        assert plan["simulated"]["ttft"]["p99_ms"] <= 1500
        assert plan["score"] == plan["simulated"]["goodput"]
    for plan in result["infeasible_plans"]:
        if plan["reason_code"] == "max_ttft_p99":
            assert plan["simulated"]["ttft"]["p99_ms"] > 1500 >= plan["ttft"]
    told = result["warnings"][-1]
    assert told["code"].startswith("percentile_tried")
    assert f"{told['values']['kept']} keep them at p99" in told["message"]


@pytest.mark.parametrize(
    "change",
    [{"inference": LOAD}, {"search_constraints": {"serving": "both", "limit_percentile": "p90"}}],
)
def test_a_percentile_needs_simulated_requests(change):
    load = LOAD | {"batch_size": 8, "traffic": {"arrivals": "poisson", "request_rate": 4.0}}
    body = BODY | {"inference": load, "search_constraints": {"limit_percentile": "p90"}}
    with pytest.raises(InvalidInput, match="limit_percentile"):
        read(body | change)
