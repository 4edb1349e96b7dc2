"""A disaggregated deployment that a request gives: both pools, their instances and plans."""

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.search.prepared import prepare
from tests.deployments import evaluated, read

PREFILL = {"instances": 1, "parallelism": {"tp": 8}}
DECODE = {"instances": 2, "parallelism": {"tp": 4}}
GIVEN = {
    "topology": "servers-4x8",
    "model": "llama-3.1-70b",
    "hardware": "h100-sxm",
    "inference": {"batch_size": 32, "input_seq_length": 2048, "output_seq_length": 512},
    "search_mode": "manual",
}


def asked(prefill=None, decode=None, **changes):
    pools = {"prefill": PREFILL | (prefill or {}), "decode": DECODE | (decode or {})}
    return GIVEN | {"manual_pools": pools} | changes


def the_plan(*pools, **changes):
    [plan] = evaluated(asked(*pools, **changes))["top_k_plans"]
    return plan


def problem_of(body):
    with pytest.raises(InvalidInput) as caught:
        prepare(read(body))
    [problem] = caught.value.problems
    return problem.field, problem.message


def test_both_pools_are_what_was_given():
    plan = the_plan()
    prefill, decode = plan["pools"]["prefill"], plan["pools"]["decode"]
    assert (prefill["instances"], prefill["parallelism"]["tp"]) == (1, 8)
    assert (decode["instances"], decode["parallelism"]["tp"]) == (2, 4)
    assert plan["chips"] == 16
    assert plan["serving"] == "disaggregated"


def test_requests_in_flight_are_those_that_wait_prefill_and_decode():
    plan = the_plan()
    rate = plan["throughput"] / 512
    # The first token comes out of the first of 512 decode steps.
    assert rate * (plan["ttft"] + 511 * plan["tpot"]) / 1000 == pytest.approx(32)


def test_a_decode_rank_runs_what_arrives():
    assert the_plan()["pools"]["decode"]["batch"] == 16
    assert the_plan(None, {"instances": 4})["pools"]["decode"]["batch"] == 8


def test_requests_beyond_the_places_wait_for_one():
    free, limited = the_plan(), the_plan(None, {"max_batch_size": 8})
    assert limited["pools"]["decode"]["batch"] == 8
    assert limited["tpot"] < free["tpot"]
    # 16 of 32 requests decode: the others wait one turn of 512 steps.
    assert limited["ttft"] == pytest.approx(512 * limited["tpot"], rel=0.05)


def test_a_prefill_pool_that_is_too_small_leaves_decode_ranks_half_empty():
    long = {"inference": GIVEN["inference"] | {"batch_size": 256, "output_seq_length": 16}}
    plan = the_plan(**long)
    assert plan["pools"]["prefill"]["utilization"] > 0.95
    assert plan["pools"]["decode"]["batch"] < 64
    more = the_plan({"instances": 2}, **long)
    assert more["ttft"] < 0.6 * plan["ttft"]


def test_each_concurrency_is_judged():
    body = asked(search_constraints={"batch_sizes": [1, 8, 64], "objective": "tpot"})
    result = evaluated(body)
    assert result["search_stats"]["total_plans"] == 3
    assert result["top_k_plans"][0]["batch_size"] == 1


def test_a_limit_that_is_missed_is_the_reason():
    result = evaluated(asked(search_constraints={"max_ttft_ms": 1}))
    assert not result["top_k_plans"]
    assert "TTFT" in result["infeasible_plans"][0]["infeasible_reason"]


def test_a_decode_pool_may_be_of_another_chip():
    plan = the_plan(decode_hardware="h200-sxm")
    assert plan["tpot"] < the_plan()["tpot"]


def test_the_snapshot_gives_the_request_back():
    request = read(asked(None, {"max_batch_size": 8}))
    assert read(request.snapshot()) == request


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (asked(search_mode="auto"), "manual_pools", "set search_mode to manual"),
        (asked(manual_parallelism={"tp": 8}), "manual_pools", "one plan, or a plan for each"),
        (
            asked(search_constraints={"serving": "aggregated"}),
            "search_constraints.serving",
            "serve disaggregated",
        ),
        (asked({"instances": 4}), "manual_pools", "uses 40 chips, the topology has 32"),
        (asked(None, {"parallelism": {"dp": 64}}), "manual_pools.decode.parallelism", "chips"),
        (asked({"instances": 0}), "manual_pools.prefill.instances", "greater than 0"),
        (GIVEN, "manual_parallelism", "or give manual_pools"),
    ],
)
def test_what_contradicts_itself_is_refused(body, field, words):
    named, message = problem_of(body)
    assert named == field
    assert words in message


def test_a_rule_is_named_with_its_pool():
    with pytest.raises(InvalidInput) as caught:
        prepare(read(asked(None, {"parallelism": {"tp": 3}})))
    assert {p.field for p in caught.value.problems} == {"manual_pools.decode.parallelism.tp"}
