"""A limit on the time of a whole request: what a search keeps, says and is how sure of."""

import pytest

from tests.deployments import evaluated

OUTPUT = 256
REQUEST = {
    "model": "llama-3.1-8b",
    "topology": "server-8",
    "hardware": "h100-sxm",
    "inference": {"input_seq_length": 1024, "output_seq_length": OUTPUT},
}
LIMIT = 3000.0


def _found(**constraints):
    return evaluated({**REQUEST, "search_constraints": {"top_k": 50, **constraints}})


def _whole(plan):
    return plan["ttft"] + (OUTPUT - 1) * plan["tpot"]


@pytest.mark.parametrize("serving", ["aggregated", "both"])
def test_no_shown_plan_takes_longer_than_the_limit(serving):
    plans = _found(max_e2e_latency_ms=LIMIT, serving=serving)["top_k_plans"]
    assert plans
    for plan in plans:
        assert plan["e2e_latency"] == pytest.approx(_whole(plan))
        assert plan["e2e_latency"] <= LIMIT


def test_the_limit_on_whole_requests_is_what_single_limits_would_add_up_to():
    free = _found(batch_sizes=[64])["top_k_plans"]
    kept = _found(batch_sizes=[64], max_e2e_latency_ms=LIMIT)["top_k_plans"]
    wanted = [plan["parallelism"] for plan in free if _whole(plan) <= LIMIT]
    assert [plan["parallelism"] for plan in kept] == wanted
    assert 0 < len(wanted) < len(free)


def test_the_limit_may_stand_in_the_load_and_the_stricter_counts():
    load = {**REQUEST["inference"], "max_e2e_latency_ms": LIMIT}
    constraints = {"max_e2e_latency_ms": 2 * LIMIT, "top_k": 50}
    found = evaluated({**REQUEST, "inference": load, "search_constraints": constraints})
    assert found["top_k_plans"] == _found(max_e2e_latency_ms=LIMIT)["top_k_plans"]


def test_what_misses_it_says_by_how_much():
    result = _found(max_e2e_latency_ms=1)
    nearest = result["infeasible_plans"][0]
    assert result["top_k_plans"] == []
    assert nearest["reason_code"] == "max_e2e_latency"
    assert "over the limit of 1 ms" in nearest["infeasible_reason"]
    [missed] = nearest["missed_limits"]
    assert missed["needed"] == pytest.approx(_whole(nearest))


def test_a_plan_says_how_probable_it_is_that_the_limit_holds():
    for risk, least in (("mean", 0.4), ("cautious", 0.8)):
        best = _found(max_e2e_latency_ms=LIMIT, risk=risk)["top_k_plans"][0]
        [limit] = best["limits"]
        assert (limit["code"], limit["limit"]) == ("max_e2e_latency", pytest.approx(LIMIT))
        assert least - 1e-9 <= limit["probability"] <= 1


def test_a_percentile_of_whole_requests_is_judged_by_simulation():
    load = {**REQUEST["inference"], "batch_size": 64, "traffic": {"arrivals": "closed_loop"}}
    found = evaluated(
        {
            **REQUEST,
            "inference": load,
            "search_constraints": {"max_e2e_latency_ms": LIMIT, "limit_percentile": "p99"},
        }
    )
    for plan in found["top_k_plans"]:
        assert plan["simulated"]["end_to_end"]["p99_ms"] <= LIMIT
