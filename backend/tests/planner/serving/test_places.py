"""More requests in flight than an engine runs at once: the others wait for a place."""

from typing import Any

import pytest

from llm_simulator import evaluate_deployment, explain

LOAD = {"input_seq_length": 1024, "output_seq_length": 256, "engine": "vllm"}
QWEN = {"model": "qwen3-32b", "topology": "server-8", "hardware": "h100-sxm"}
TP2: dict[str, Any] = {"search_mode": "manual", "manual_parallelism": {"tp": 2}}
IN_FLIGHT, PLACES = 64, 16


def shown(concurrency: int | None = None, search: dict[str, Any] = TP2, **load: Any) -> Any:
    """The plan that ranks first."""
    given = {} if concurrency is None else {"batch_size": concurrency}
    result = evaluate_deployment(**QWEN, **search, inference=LOAD | load | given)
    return result.top_k_plans[0]


def test_those_that_run_are_served_as_if_the_others_were_not_there():
    waiting, alone = shown(IN_FLIGHT, max_num_seqs=PLACES), shown(PLACES)
    assert waiting.throughput == pytest.approx(alone.throughput)
    assert waiting.tpot == pytest.approx(alone.tpot)
    assert waiting.e2e_latency == pytest.approx(IN_FLIGHT / PLACES * alone.e2e_latency)
    memory = {part.name: part.gb for part in waiting.memory.parts}
    assert memory["kv_cache"] == {part.name: part.gb for part in alone.memory.parts}["kv_cache"]


def test_the_wait_for_a_place_is_a_part_of_ttft_of_its_own():
    plan = shown(IN_FLIGHT, max_num_seqs=PLACES)
    own = {operator.name: operator.time_ms for operator in plan.latency.prefill.operators}
    assert own["place"] == pytest.approx(plan.ttft - shown(PLACES).ttft)
    assert sum(own.values()) == pytest.approx(plan.ttft)


def test_simulated_requests_wait_as_long():
    closed_loop = {"arrivals": "closed_loop"}
    plan = shown(IN_FLIGHT, max_num_seqs=PLACES, traffic=closed_loop)
    assert plan.simulated.ttft.mean_ms == pytest.approx(plan.ttft, rel=0.05)
    assert plan.simulated.tpot.mean_ms == pytest.approx(plan.tpot, rel=0.1)


def test_room_for_all_changes_no_latency():
    assert shown(IN_FLIGHT, max_num_seqs=IN_FLIGHT).ttft == shown(IN_FLIGHT).ttft


def test_a_search_fills_the_places_and_no_more():
    best = shown(search={}, max_num_seqs=8)
    assert best.batch_size == 8 * best.parallelism.dp
    pools = shown(search={"search_constraints": {"serving": "disaggregated"}}, max_num_seqs=8)
    assert pools.pools.decode.batch <= 8


def test_what_would_fit_counts_no_more_than_the_places():
    def capacity(in_flight):
        load = LOAD | {"batch_size": in_flight, "max_num_seqs": PLACES}
        return explain(QWEN | TP2 | {"inference": load}).capacity

    found = capacity(IN_FLIGHT)
    assert found.largest_concurrency == PLACES
    assert shown(IN_FLIGHT, max_num_seqs=PLACES).sensitivity.memory.max_batch_size == PLACES
    together = capacity(PLACES).largest_context_at_concurrency
    assert found.largest_context_at_concurrency == together
