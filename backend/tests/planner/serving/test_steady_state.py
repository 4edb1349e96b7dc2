"""What users see: known measurements, limits, and the properties every plan must have."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.serving.breakdown import breakdown
from llm_simulator.planner.serving.queueing import closed_loop_response_time
from llm_simulator.planner.serving.steady_state import serving, steady_state
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.expert_load import SkewedLoad
from llm_simulator.planner.specs.speculation import Speculation
from tests.deployments import CATALOGUE, catalogued, plan, served

MTP = Speculation(draft_tokens=2, acceptance_rate=0.7)
DRAFT_MODEL = Speculation(draft_tokens=4, acceptance_rate=0.5, method="draft_model", draft_cost=0.1)


@st.composite
def deployments(draw):
    """Any model on any chip and small topology under any load."""
    return catalogued(
        draw(st.sampled_from(list(CATALOGUE.models))),
        draw(st.sampled_from(list(CATALOGUE.chips))),
        draw(st.sampled_from(["server-8", "servers-4x8", "rack-72"])),
        batch_size=draw(st.integers(1, 100_000)),
        input_seq_length=draw(st.integers(1, 200_000)),
        output_seq_length=draw(st.integers(1, 50_000)),
        max_batched_tokens=draw(st.sampled_from([512, 2048, 8192])),
        step_overhead=draw(st.sampled_from([0.0, 1e-3])),
        prefix_cache_hit_rate=draw(st.sampled_from([0.0, 0.5, 0.999])),
        speculative=draw(st.sampled_from([None, MTP, DRAFT_MODEL])),
        expert_load=draw(st.sampled_from(["uniform", SkewedLoad(power_law=0.6)])),
    )


def _plans(deployed):
    return enumerate_plans(deployed, deployed.topology.chips)


@pytest.mark.parametrize(("chip", "measured_ms"), [("h100-sxm", 15.6), ("a100-sxm", 32.4)])
def test_llama_70b_on_eight_chips_is_near_the_measured_kernels(chip, measured_ms):
    """TP8, 1024/1024, batch 64: kernel measurements summed (peers.md); roofline tools say 6-12."""
    state = served(catalogued("llama-3.1-70b", chip), tp=8)
    assert state.tpot[0] * 1e3 == pytest.approx(measured_ms, rel=0.2)


@given(deployments())
@settings(max_examples=40, deadline=None)
def test_utilisation_stays_below_one_without_clamping(deployed):
    state = steady_state(deployed, _plans(deployed))
    for utilisation in (state.mfu, state.mbu):
        assert (utilisation > 0).all()
        assert (utilisation <= 1).all()


@given(deployments())
@settings(max_examples=25, deadline=None)
def test_every_figure_is_finite_and_positive(deployed):
    with np.errstate(all="raise", under="ignore"):
        state = steady_state(deployed, _plans(deployed))
    for column in (state.ttft, state.tpot, state.throughput):
        assert np.isfinite(column).all()
        assert (column > 0).all()


@given(
    deployments(),
    st.sampled_from(["memory_bandwidth", "link", "peak_flops"]),
    st.floats(1.01, 4),
)
@settings(max_examples=40, deadline=None)
def test_faster_hardware_slows_no_plan(deployed, part, factor):
    faster = _faster(deployed, part, factor)
    plans = _plans(deployed)
    before, after = steady_state(deployed, plans), steady_state(faster, plans)
    assert (after.tpot <= before.tpot * (1 + 1e-9)).all()
    assert (after.throughput >= before.throughput * (1 - 1e-9)).all()


def test_links_between_boards_past_what_peers_write_over_slow_no_plan():
    deployed = catalogued(
        "apertus-70b",
        "ascend-910c",
        "servers-4x8",
        batch_size=5,
        input_seq_length=6,
        output_seq_length=2,
        speculative=MTP,
        max_batched_tokens=512,
    )
    plans = _plans(deployed)
    before, after = (
        steady_state(each, plans).tpot for each in (deployed, _faster(deployed, "link", 2.0))
    )
    assert (after <= before * (1 + 1e-9)).all()


def _faster(deployed, part, factor):
    chip, topology = deployed.chip, deployed.topology
    if part == "link":
        links = {
            tier: link.model_copy(update={"bandwidth": link.bandwidth * factor})
            for tier, link in topology.links.items()
        }
        return replace(deployed, topology=topology.model_copy(update={"links": links}))
    if part == "peak_flops":
        peak = {unit: flops * factor for unit, flops in chip.peak_flops.items()}
        return replace(deployed, chip=chip.model_copy(update={"peak_flops": peak}))
    bandwidth = chip.memory_bandwidth * factor
    return replace(deployed, chip=chip.model_copy(update={"memory_bandwidth": bandwidth}))


@given(deployments(), st.integers(0, 10**9))
@settings(max_examples=20, deadline=None)
def test_a_table_equals_its_rows(deployed, seed):
    plans = _plans(deployed)
    table = steady_state(deployed, plans)
    for row in np.random.default_rng(seed).integers(0, len(plans), 5):
        alone = steady_state(deployed, plans[slice(row, row + 1)])
        for name in ("ttft", "tpot", "throughput", "mfu", "mbu"):
            assert getattr(alone, name)[0] == pytest.approx(getattr(table, name)[row], rel=1e-12)


@given(deployments())
@settings(max_examples=20, deadline=None)
def test_operators_add_up_to_both_latencies(deployed):
    plans = _plans(deployed)[slice(0, 50)]
    state, parts = steady_state(deployed, plans), breakdown(serving(deployed, plans))
    for phase, total in ((parts.prefill, state.ttft), (parts.decode, state.tpot)):
        assert phase.seconds.sum(axis=(0, 1)) == pytest.approx(total, rel=1e-9)


def test_throughput_is_concurrency_over_the_time_of_a_request():
    state = served(catalogued("llama-3.1-8b"), tp=2)
    seconds = state.ttft + 1023 * state.tpot
    assert state.throughput == pytest.approx(64 * 1024 / seconds)


def test_one_request_does_not_wait_for_others():
    deployed = catalogued("llama-3.1-8b", batch_size=1)
    parts = breakdown(serving(deployed, plan()))
    for phase, name in ((parts.prefill, "queueing"), (parts.decode, "prefill_interference")):
        assert phase.seconds[phase.operators.index(name)] == pytest.approx(0)


def test_longer_outputs_take_longer_per_token():
    short, long = (
        served(catalogued("llama-3.1-8b", output_seq_length=n)).tpot for n in (1024, 8192)
    )
    assert long > short


def test_longer_prompts_raise_the_time_to_first_token_more_than_linearly():
    short, long = (
        served(catalogued("llama-3.1-8b", batch_size=1, input_seq_length=n)).ttft
        for n in (8192, 65536)
    )
    assert long > 8 * short


def test_larger_batches_give_more_tokens_at_longer_latency():
    small, large = (served(catalogued("llama-3.1-70b", batch_size=b), tp=8) for b in (8, 64))
    assert large.throughput > 4 * small.throughput
    assert large.tpot > small.tpot


def test_pipeline_stages_work_at_the_same_time():
    """Two stages on slow links beat one: both are busy, each with half of the model."""
    deployed = catalogued("llama-3.1-70b", batch_size=512, step_overhead=0.0)
    one, two = served(deployed), served(deployed, pp=2)
    assert two.throughput > 1.5 * one.throughput


def test_links_matter():
    slow = {"links": {"c2c": CATALOGUE.topologies["pod-64"].spec.links["b2b"]}}
    near = served(catalogued("llama-3.1-70b"), tp=8)
    far = served(catalogued("llama-3.1-70b", topology_changes=slow), tp=8)
    assert far.tpot > 1.2 * near.tpot


def test_crossing_servers_costs_more_than_staying_within():
    within = served(catalogued("llama-3.1-70b", topology="rack-72"), tp=16)
    across = served(catalogued("llama-3.1-70b", topology="pod-64"), tp=16)
    assert across.tpot > within.tpot


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("compute_efficiency", 0.4),
        ("memory_efficiency", 0.4),
        ("link_efficiency", 0.2),
        ("kernel_latency", 2e-5),
    ],
)
def test_every_efficiency_setting_has_an_effect(field, value):
    base = served(catalogued("llama-3.1-70b"), tp=8)
    worse = served(catalogued("llama-3.1-70b", chip_changes={field: value}), tp=8)
    assert worse.ttft > base.ttft
    assert worse.throughput < base.throughput


def test_fp8_serves_faster_than_bf16():
    bf16 = served(catalogued("llama-3.1-70b"), tp=8)
    fp8 = served(
        catalogued("llama-3.1-70b", weight_dtype=Dtype.FP8, activation_dtype=Dtype.FP8), tp=8
    )
    assert fp8.tpot < bf16.tpot
    assert fp8.ttft < bf16.ttft


def test_prompt_longer_than_the_step_budget_comes_in_chunks():
    whole, chunked = (
        served(
            catalogued(
                "llama-3.1-8b", batch_size=1, input_seq_length=8192, max_batched_tokens=budget
            )
        ).ttft[0]
        for budget in (8192, 1024)
    )
    assert whole < chunked < 2 * whole


def test_the_closed_loop_has_its_two_limits():
    light = closed_loop_response_time(alone=1.0, demand=1.0, elsewhere=1e9, population=100)
    assert light == pytest.approx(1.0, rel=1e-3)
    full = closed_loop_response_time(alone=1.0, demand=1.0, elsewhere=5.0, population=1000)
    assert full == pytest.approx(1000 - 5, rel=1e-2)


HEADED = {"vocab_size": 4_000_000}
"""A head as heavy as many layers, on the last stage alone."""


def test_a_lone_request_passes_the_head_once_whatever_the_stages():
    """Two stages of Llama with a vocabulary of four millions: not twice the slower stage."""
    deployed = catalogued("llama-3.1-8b", batch_size=1, step_overhead=0.0, model_changes=HEADED)
    one, two = served(deployed), served(deployed, pp=2)
    assert one.tpot[0] < two.tpot[0] < one.tpot[0] + 2e-4
    assert one.ttft[0] < two.ttft[0] < one.ttft[0] * 1.1


def test_many_requests_wait_for_the_stage_with_the_head():
    deployed = catalogued("llama-3.1-8b", batch_size=64, step_overhead=0.0, model_changes=HEADED)
    parts = serving(deployed, plan(pp=2))
    assert parts.decode.slowest.tolist() == [2]
    assert parts.decode.time[0] > 0.8 * parts.decode.through[0]
    assert parts.phases.decode_steps == 2 * parts.decode.time


def test_stages_of_one_kind_take_equal_parts():
    deployed = catalogued("llama-3.1-70b", batch_size=64, step_overhead=0.0)
    parts = serving(deployed, plan(pp=4))
    share = parts.decode.time[0] / parts.decode.through[0]
    assert 0.25 < share < 0.28


@given(deployments())
@settings(max_examples=20, deadline=None)
def test_all_stages_together_take_no_longer_than_each_as_long_as_the_slowest(deployed):
    plans = _plans(deployed)
    served_plans = serving(deployed, plans)
    for step in (served_plans.decode, served_plans.mixed):
        assert (step.time <= step.through * (1 + 1e-9)).all()
        assert (step.through <= plans.pp * step.time * (1 + 1e-9)).all()
