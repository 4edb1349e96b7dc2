"""A limit at a percentile of single requests is looked for down the whole ranking."""

from tests.deployments import evaluated

LOAD = {
    "batch_size": 64,
    "input_seq_length": 1024,
    "output_seq_length": 128,
    "traffic": {"arrivals": "poisson", "request_rate": 8.0, "requests": 100, "seed": 1},
}
BODY = {"model": "llama-3.1-8b", "topology": "server-8", "hardware": "h100-sxm", "inference": LOAD}


def asked(**constraints):
    return evaluated(
        BODY
        | {"search_constraints": {"top_k": 3, "objective": "throughput_per_chip", **constraints}}
    )


def test_statistics_count_what_the_simulations_found_out():
    """The limit lies between what the best plan's mean and what its slowest requests take."""
    best = asked()["top_k_plans"][0]
    limit = (best["tpot"] + best["simulated"]["tpot"]["p99_ms"]) / 2
    mean = asked(max_tpot_ms=limit)
    found = asked(max_tpot_ms=limit, limit_percentile="p99")
    stats = found["search_stats"]
    kept = found["top_k_plans"]
    untried = stats["pruned_reasons"].get("not_simulated", 0)
    refused = stats["infeasible_reasons"].get("max_tpot_p99", 0)
    assert stats["feasible_plans"] == len(kept) <= 3
    assert all(plan["simulated"]["tpot"]["p99_ms"] <= limit for plan in kept)
    assert len(kept) + refused + untried == mean["search_stats"]["feasible_plans"]
    assert stats["total_plans"] == mean["search_stats"]["total_plans"]
    assert mean["decision"]["first_is_robust"] is not None
    assert (found["decision"]["first_is_robust"], found["decision"]["robust"]) == (None, None)


def test_the_search_goes_on_down_the_ranking_until_enough_plans_keep_the_limit():
    """Of plans ranked by chips the first are the slowest: those that keep it stand far behind."""
    everything = evaluated(BODY | {"search_constraints": {"objective": "chips", "top_k": 200}})[
        "top_k_plans"
    ]
    fastest = min(everything, key=lambda plan: plan["tpot"])
    limit = fastest["tpot"] * 1.3
    found = asked(objective="chips", max_ttft_ms=1e6, max_tpot_ms=1e6, limit_percentile="p99")
    assert len(found["top_k_plans"]) == 3
    late = asked(objective="chips", max_tpot_ms=limit, limit_percentile="p99")
    sentence = late["warnings"][-1]["message"]
    assert "keep them at p99" in sentence
    assert len(late["top_k_plans"]) == 3 or "not tried" not in sentence
