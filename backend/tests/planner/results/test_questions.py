"""Three questions: the most from the chips there are, the fewest chips, how fast one plan is."""

import pytest

from llm_simulator.planner.specs.search import LADDER
from tests.deployments import evaluated

LOAD = {"input_seq_length": 1024, "output_seq_length": 256}
LLAMA = {"model": "llama-3.1-70b", "topology": "pod-64", "hardware": "h100-sxm", "inference": LOAD}


def _found(body=None, **constraints):
    return evaluated(LLAMA | (body or {}) | {"search_constraints": constraints})


def test_replicas_fill_the_chips():
    only = {"tp": [8], "pp": [1], "sp": [1]}
    found = _found(max_tpot_ms=40, allowed=only)
    answer, best = found["answer"], found["top_k_plans"][0]
    assert (answer["replicas"], answer["replica"]["tp"], answer["replica"]["dp"]) == (8, 8, 1)
    assert (answer["chips"], answer["idle_chips"]) == (64, 0)
    assert answer["sentence"].startswith("8 replicas of TP8 on 64 chips: ")
    one = _found(max_tpot_ms=40, allowed=only | {"dp": [1]})["top_k_plans"][0]
    assert best["throughput"] == pytest.approx(8 * one["throughput"])
    assert best["batch_size"] == 8 * one["batch_size"]


@pytest.mark.parametrize("chips", [60, 13])
def test_chips_that_no_replica_fits_on_are_said(chips):
    found = _found(max_chips=chips, allowed={"tp": [8], "pp": [1], "sp": [1]})
    answer = found["answer"]
    assert answer["available_chips"] == chips
    assert answer["replicas"] == chips // 8
    assert answer["idle_chips"] == chips % 8 > 0
    assert f"{chips % 8} more chips are not used." in answer["sentence"]


def test_nothing_on_fewer_chips_serves_more():
    """Throughput of the whole fleet: of one replica at any step of the ladder, times replicas."""
    best = _found(max_tpot_ms=40)["top_k_plans"][0]
    single = _found(max_tpot_ms=40, objective="throughput_per_chip", allowed={"dp": [1]}, top_k=100)
    fleets = [plan["throughput"] * (64 // plan["chips"]) for plan in single["top_k_plans"]]
    assert best["throughput"] == pytest.approx(max(fleets))


def test_each_replica_climbs_the_ladder():
    small = {
        "model": "llama-3.1-8b",
        "inference": {"input_seq_length": 64, "output_seq_length": 64},
    }
    best = _found(small)["top_k_plans"][0]
    assert best["chips"] == 64
    assert best["batch_size"] > LADDER[-1]


def test_a_rate_that_takes_many_replicas_is_carried():
    found = _found(min_request_rate=120, objective="chips", max_tpot_ms=60)
    best = found["top_k_plans"][0]
    assert best["throughput"] / 256 >= 120
    fewer = _found(min_request_rate=120, max_chips=best["chips"] - 1, max_tpot_ms=60)
    assert fewer["top_k_plans"] == []


def test_so_many_users_are_served_on_the_fewest_chips():
    users = {"inference": LOAD | {"batch_size": 1000}}
    best = _found(users, objective="chips", max_tpot_ms=40)["top_k_plans"][0]
    assert best["batch_size"] == 1000
    fewer = _found(users, max_chips=best["chips"] - 1, max_tpot_ms=40)
    assert fewer["top_k_plans"] == []


def test_one_plan_is_answered_as_it_is():
    plan = {"search_mode": "manual", "manual_parallelism": {"tp": 4, "dp": 2}}
    answer = _found(plan, max_tpot_ms=40)["answer"]
    assert answer["sentence"].startswith("2 replicas of TP4 on 8 chips: ")
