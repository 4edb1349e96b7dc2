"""Pools matched: a case worked by hand, its limits, and what must hold for every pair."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.serving.breakdown import pool_breakdown
from llm_simulator.planner.serving.disaggregated import MatchedPools, joining_link
from llm_simulator.planner.serving.instances import (
    DecodeInstances,
    PrefillInstances,
    decode_instances,
    decode_memory,
    prefill_instances,
    prefill_memory,
    prompt_cache,
)
from tests.deployments import CATALOGUE, catalogued, plan

SEVENTY: dict[str, Any] = {
    "output_seq_length": 100,
    "prefill_utilization": 0.8,
    "decode_utilization": 0.92,
    "pool_handover": 0.0,
}
# 80 layers, keys and values of 8 heads of 128 elements in bf16, 1,024 tokens.
PROMPT_CACHE = 80 * 2 * 8 * 128 * 2 * 1024


def _column(value):
    return np.array([value])


def by_hand(prefill_count, decode_count, *, requests=40, **load: Any):
    """Prefill instances of 4 requests/s on 2 chips, decode instances of 5 requests/s on 1 chip."""
    names = ("memory", "usable", "ideal_compute", "ideal_memory", "filled_by")
    nothing = {name: _column(0.0) for name in names}
    prefill = PrefillInstances(
        chips=_column(2),
        batch=_column(1),
        rate=_column(4.0),
        time=_column(0.25),
        senders=_column(2),
        **nothing,
    )
    decode = DecodeInstances(
        chips=_column(1),
        batch=_column(10),
        slots=_column(10),
        tpot=_column(0.02),
        receivers=_column(1),
        **nothing,
    )
    deployed = catalogued("llama-3.1-70b", batch_size=requests, **SEVENTY | load)
    return MatchedPools(
        deployed, requests, deployed, prefill, _column(prefill_count), decode, _column(decode_count)
    )


def test_the_slower_pool_sets_the_rate_and_little_s_law_the_wait():
    # Engines reach 0.95 of the chip's 0.75 of a link, and start messages in 1.5 latencies.
    transfer = PROMPT_CACHE / (450e9 * 0.75 * 0.95) + 1.5 * 1.9e-6
    one_to_one, two_to_one = by_hand(1, 1), by_hand(2, 1)
    assert one_to_one.transfer[0] == pytest.approx(transfer, rel=1e-3)
    # Prefill: 0.8 of 4; the round without waiting is prefill, transfer and 100 tokens of 20 ms.
    assert one_to_one.request_rate[0] == pytest.approx(3.2)
    assert one_to_one.throughput[0] == pytest.approx(320)
    assert one_to_one.queueing[0] == pytest.approx(40 / 3.2 - 2.25 - transfer, rel=1e-6)
    assert one_to_one.ttft[0] == pytest.approx(40 / 3.2 - 99 * 0.02)
    # Decode: 0.92 of 10 slots / 2 s, against 0.8 of 8 in the prefill pool.
    assert two_to_one.request_rate[0] == pytest.approx(4.6)
    assert two_to_one.chips[0] == 5


def test_few_requests_go_round_as_the_loop_lets_them():
    pools = by_hand(2, 1, requests=5)
    # Five requests in ten slots: W = 4/5 * rho / (2 * 4 * (1 - rho)), and N = X (W + L).
    rho = pools.request_rate[0] / 8
    wait = 0.8 * rho / (8 * (1 - rho))
    alone = 2.25 + pools.transfer[0]
    assert pools.queueing[0] == pytest.approx(wait, rel=1e-9)
    assert pytest.approx(pools.request_rate[0] * (wait + alone)) == 5


def test_one_request_waits_for_nobody():
    for counts in ((1, 1), (3, 2)):
        pools = by_hand(*counts, requests=1)
        assert pools.queueing[0] == pytest.approx(0, abs=1e-12)
        assert pools.ttft[0] == pytest.approx(0.25 + pools.transfer[0] + 0.02)


def test_a_request_is_handed_over_once_a_round():
    at_once, later = (by_hand(3, 2, requests=1, pool_handover=s) for s in (0.0, 0.25))
    assert later.ttft[0] == pytest.approx(at_once.ttft[0] + 0.25)
    assert later.round_alone[0] == pytest.approx(at_once.round_alone[0] + 0.25)
    assert later.tpot[0] == at_once.tpot[0]


def test_a_slow_link_bounds_the_rate():
    deployed = by_hand(4, 2).deployment
    link = deployed.topology.links["c2c"].model_copy(update={"bandwidth": 0.5e9})
    topology = deployed.topology.model_copy(update={"links": {"c2c": link}})
    pools = replace(by_hand(4, 2), deployment=replace(deployed, topology=topology))
    # Two decode chips take in 0.75 x 0.95 x 0.5 GB/s each.
    assert pools.request_rate[0] == pytest.approx(2 * 0.35625e9 / PROMPT_CACHE)


def test_the_prompt_s_cache_counts_every_layer_once():
    assert prompt_cache(catalogued("llama-3.1-70b")) == PROMPT_CACHE
    # A latent of 512 + 64 elements in 61 layers, however many chips copy it.
    assert prompt_cache(catalogued("deepseek-v3")) == 61 * 576 * 2 * 1024


def test_pools_meet_over_the_slowest_tier_of_the_unit_that_holds_both():
    deployed = catalogued(topology="pod-64")
    link = joining_link(deployed, np.array([2, 8, 9, 33, 64, 100]))
    inside, across = 450e9 * 0.75 * 0.95, 50e9 * 0.75 * 0.95
    bandwidths = [inside, inside, across, across, across, across]
    assert np.asarray(link.bandwidth).tolist() == pytest.approx(bandwidths)
    assert link.latency[3] > link.latency[2] > link.latency[0]


def test_overlap_leaves_the_last_layer():
    plain, overlapped = by_hand(1, 1), by_hand(1, 1, overlap_kv_transfer=True)
    latency = joining_link(plain.deployment, plain.chips).latency[0]
    sending = plain.transfer[0] - latency
    assert overlapped.transfer[0] - latency == pytest.approx(sending / 80)


def test_a_prefill_instance_holds_its_prompts_and_a_decode_instance_all_requests():
    deployed = catalogued("llama-3.1-70b", output_seq_length=7168)
    plans, batch = plan(tp=4), np.array([2])
    token = PROMPT_CACHE / 1024 / 4
    prefill, decode = (make(deployed, plans, batch) for make in (prefill_memory, decode_memory))
    assert float(prefill.kv_cache[0]) == pytest.approx(2 * 1024 * token)
    assert float(decode.kv_cache[0]) == pytest.approx(2 * 8192 * token)


def test_a_prefill_instance_works_off_one_step_of_prompts_at_a_time():
    deployed = catalogued("llama-3.1-8b", input_seq_length=2048)
    one, four = (prefill_instances(deployed, plan(), np.array([n])) for n in (1, 4))
    assert one.rate[0] == pytest.approx(1 / one.time[0])
    assert four.rate[0] == pytest.approx(4 / four.time[0])
    assert one.rate[0] < four.rate[0]
    # A longer prompt than the budget takes several steps, one prompt at a time.
    long = prefill_instances(replace_input(deployed, 32768), plan(), np.array([1]))
    assert long.time[0] > 16 * one.time[0]


def replace_input(deployed, length):
    load = deployed.workload.model_copy(update={"input_seq_length": length})
    return replace(deployed, workload=load)


@st.composite
def pairs(draw):
    """Random pairs of pools of any model on a small topology under any load."""
    deployed = catalogued(
        draw(st.sampled_from(list(CATALOGUE.models))),
        draw(st.sampled_from(["h100-sxm", "b200-sxm", "sg2262"])),
        draw(st.sampled_from(["server-8", "servers-4x8", "rack-72"])),
        batch_size=draw(st.integers(1, 10_000)),
        input_seq_length=draw(st.integers(1, 100_000)),
        output_seq_length=draw(st.integers(1, 20_000)),
        overlap_kv_transfer=draw(st.booleans()),
    )
    plans = enumerate_plans(deployed, deployed.topology.chips)
    random = np.random.default_rng(draw(st.integers(0, 10**9)))
    prefill, decode = (plans[random.integers(0, len(plans), 12)] for _ in range(2))
    batches = [random.integers(1, high, 12) for high in (5, 300)]
    counts = [random.integers(1, 6, 12) for _ in range(2)]
    matched = MatchedPools(
        deployed,
        deployed.workload.batch_size,
        deployed,
        prefill_instances(deployed, prefill, batches[0]),
        counts[0],
        decode_instances(deployed, decode, batches[1]),
        counts[1],
    )
    return matched, prefill, decode


@given(pairs())
@settings(max_examples=40, deadline=None)
def test_little_s_law_holds_and_no_figure_leaves_its_bounds(drawn):
    pools, _, _ = drawn
    load = pools.deployment.workload
    seconds = pools.ttft + (load.output_seq_length - 1) * pools.tpot
    assert pools.request_rate * seconds == pytest.approx(load.batch_size, rel=1e-9)
    assert (pools.request_rate <= pools.prefill_rate * (1 + 1e-9)).all()
    assert (pools.request_rate <= pools.decode_rate * (1 + 1e-9)).all()
    for utilisation in (pools.mfu, pools.mbu):
        assert (utilisation > 0).all()
        assert (utilisation <= 1).all()


@given(pairs())
@settings(max_examples=25, deadline=None)
def test_operators_add_up_to_both_latencies(drawn):
    pools, prefill, decode = drawn
    parts = pool_breakdown(pools, prefill, decode)
    for phase, total in ((parts.prefill, pools.ttft), (parts.decode, pools.tpot)):
        assert phase.seconds.sum(axis=(0, 1)) == pytest.approx(total, rel=1e-9)


@given(pairs(), st.floats(1.01, 10))
@settings(max_examples=25, deadline=None)
def test_a_faster_link_between_the_pools_slows_nothing(drawn, factor):
    pools, _, _ = drawn
    topology = pools.deployment.topology
    links = {
        tier: link.model_copy(update={"bandwidth": link.bandwidth * factor})
        for tier, link in topology.links.items()
    }
    faster = replace(pools.deployment, topology=topology.model_copy(update={"links": links}))
    after = replace(pools, deployment=faster)
    assert (after.transfer < pools.transfer).all()
    assert (after.request_rate >= pools.request_rate * (1 - 1e-12)).all()
    assert (after.ttft <= pools.ttft * (1 + 1e-12)).all()


@given(pairs())
@settings(max_examples=25, deadline=None)
def test_another_instance_of_either_kind_slows_nothing(drawn):
    pools, _, _ = drawn
    # The same links, so that a larger pool does not reach beyond a board.
    link = dict.fromkeys(("c2c", "b2b", "r2r", "p2p"), pools.deployment.topology.links["c2c"])
    topology = pools.deployment.topology.model_copy(update={"links": link})
    pools = replace(pools, deployment=replace(pools.deployment, topology=topology))
    for name in ("prefill_count", "decode_count"):
        more = replace(pools, **{name: getattr(pools, name) + 1})
        assert (more.request_rate >= pools.request_rate * (1 - 1e-12)).all()


@given(pairs())
@settings(max_examples=15, deadline=None)
def test_a_table_equals_its_rows(drawn):
    pools, prefill, decode = drawn
    deployed = pools.deployment
    for row in (0, 5, 11):
        at = slice(row, row + 1)
        alone = MatchedPools(
            deployed,
            pools.population,
            deployed,
            prefill_instances(deployed, prefill[at], pools.prefill.batch[at]),
            pools.prefill_count[at],
            decode_instances(deployed, decode[at], pools.decode.batch[at]),
            pools.decode_count[at],
        )
        for name in ("ttft", "tpot", "throughput", "mfu", "mbu", "transfer"):
            assert getattr(alone, name)[0] == pytest.approx(getattr(pools, name)[row], rel=1e-12)
