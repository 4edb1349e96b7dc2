"""What one percent of each hardware figure is worth."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.results.plan import Plan, Sensitivity
from llm_simulator.planner.results.sensitivity import (
    _sensitivity,
    elasticities,
    plan_sensitivity,
)
from llm_simulator.planner.serving.hardware_figures import STEP, hardware_figures, scaled_rows
from llm_simulator.planner.serving.steady_state import steady_state
from tests.deployments import CATALOGUE, catalogued, plan, read
from tests.deployments import evaluated as evaluate_request

METRICS = ("throughput", "ttft", "tpot")
NOISE = 1e-6


def totals(found):
    """Percent by which everything changes when all hardware is 1 % faster."""
    faster = np.zeros(3)
    for effect in found.effects:
        if effect.figure != "hardware.peak_flops":
            sign = -1 if effect.unit == "s" else 1
            faster += sign * np.array([getattr(effect, metric) for metric in METRICS])
    return faster


def calibrated(model="deepseek-v3", topology="pod-64"):
    return read(
        {
            "model": model,
            "topology": topology,
            "hardware": "h200-sxm",
            "inference": {
                "batch_size": 256,
                "input_seq_length": 1024,
                "output_seq_length": 512,
                "engine": "vllm",
            },
        }
    ).deployment


PLANS = {
    "llama-3.1-70b": {"tp": 8},
    "deepseek-v3": {"dp": 64, "ep": 64},
    "qwen3-235b-a22b": {"tp": 4, "pp": 2, "dp": 8, "ep": 16},
}


@pytest.mark.parametrize(("model", "degrees"), PLANS.items(), ids=lambda p: str(p))
def test_everything_that_takes_time_adds_up_to_one_percent(model, degrees):
    found = plan_sensitivity(calibrated(model), plan(**degrees))
    assert totals(found) == pytest.approx([1, -1, -1], abs=1e-4)


def test_pools_add_up_to_one_percent_too():
    result = evaluate_request(
        {
            "model": "llama-3.1-70b",
            "topology": "servers-4x8",
            "hardware": "h100-sxm",
            "inference": "chat",
            "search_constraints": {
                "serving": "disaggregated",
                "top_k": 1,
                "allowed": {"pp": [1], "sp": [1]},
            },
        }
    )
    [best] = result["top_k_plans"]
    assert totals(Sensitivity.model_validate(best["sensitivity"])) == pytest.approx(
        [1, -1, -1], abs=1e-4
    )
    assert best["sensitivity"]["memory"]["max_batch_size"] >= best["pools"]["decode"]["batch"]


def test_the_step_does_not_matter():
    deployed, degrees = calibrated(), plan(dp=64, ep=64)
    figures = tuple(hardware_figures(deployed, 64))

    def with_step(step):
        return elasticities(
            deployed,
            figures,
            lambda changed, rows: steady_state(changed, degrees[np.zeros(rows, dtype=int)]),
            step,
        ).slope

    np.testing.assert_allclose(with_step(STEP), with_step(STEP / 10), atol=1e-5)
    np.testing.assert_allclose(with_step(STEP), with_step(STEP * 10), atol=1e-3)


@pytest.mark.parametrize(("model", "degrees"), PLANS.items(), ids=lambda p: str(p))
def test_a_row_of_hardware_figures_equals_a_deployment_with_them(model, degrees):
    deployed, one = calibrated(model), plan(**degrees)
    figures = tuple(hardware_figures(deployed, 64))
    factors = 1 + 0.3 * np.eye(len(figures))
    together = steady_state(
        scaled_rows(deployed, figures, factors), one[np.zeros(len(figures), dtype=int)]
    )
    for row, figure in enumerate(figures):
        alone = steady_state(figure.scaled(deployed, 1.3), one)
        for metric in (*METRICS, "mfu", "mbu", "request_rate"):
            assert getattr(together, metric)[row] == getattr(alone, metric)[0], figure.field


def test_one_percent_more_does_what_is_said():
    """Against a deployment built anew, and so calibrated anew, with a faster memory."""
    deployed = calibrated("llama-3.1-70b", "server-8")
    chip = deployed.chip
    more = {"base": "h200-sxm", "memory_bandwidth": chip.memory_bandwidth * 1.01}
    rebuilt = read(
        {
            "model": "llama-3.1-70b",
            "topology": "server-8",
            "hardware": more,
            "inference": deployed.workload.model_dump(mode="json"),
        }
    ).deployment
    assert rebuilt.calibration == deployed.calibration
    before, after = (steady_state(d, plan(tp=8)) for d in (deployed, rebuilt))
    effects = {e.figure: e for e in plan_sensitivity(deployed, plan(tp=8)).effects}
    said = effects["hardware.memory_bandwidth"]
    for metric in METRICS:
        change = getattr(after, metric)[0] / getattr(before, metric)[0] - 1
        assert 100 * change == pytest.approx(getattr(said, metric), abs=0.01)


def test_formats_in_use_share_the_effect_of_all_matrix_units():
    effects = {e.figure: e for e in plan_sensitivity(calibrated(), plan(dp=64, ep=64)).effects}
    parts = [effects[f"hardware.peak_flops.{unit}"].throughput for unit in ("bf16", "fp8")]
    assert min(parts) > 0
    assert effects["hardware.peak_flops"].throughput == pytest.approx(sum(parts))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"memory_bandwidth": 1e10}, "hardware.memory_bandwidth"),
        ({"kernel_latency": 1.0}, "hardware.kernel_latency"),
        ({"peak_flops": {"bf16": 1e11}}, "hardware.peak_flops"),
    ],
)
def test_the_bottleneck_is_what_is_slow(changes, field):
    limits = plan_sensitivity(catalogued(chip_changes=changes), plan(tp=8)).bottleneck
    assert [getattr(limits, metric).figure for metric in METRICS] == [field] * 3
    assert abs(limits.throughput.effect) == pytest.approx(1, abs=0.1)
    assert "Throughput depends most on" in limits.throughput.sentence


def test_the_largest_batch_is_the_last_that_fits():
    deployed, degrees = catalogued(), plan(tp=4, dp=2)
    memory = plan_sensitivity(deployed, degrees).memory

    def total(requests):
        workload = deployed.workload.model_copy(update={"batch_size": requests})
        return resident_memory(replace(deployed, workload=workload), degrees).total[0]

    usable = memory.usable_gb * 1e9
    most = memory.max_batch_size
    assert total(most) <= usable < total(most + 1)
    assert memory.max_batch_size_with_one_percent_more > most
    assert memory.headroom_gb == pytest.approx((usable - total(64)) / 1e9)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    model=st.sampled_from(sorted(CATALOGUE.models)),
    chip=st.sampled_from(sorted(CATALOGUE.chips)),
    topology=st.sampled_from(["server-8", "servers-4x8"]),
    requests=st.sampled_from([1, 7, 64, 512]),
    lengths=st.sampled_from([(1024, 1024), (8192, 128), (100, 2000)]),
)
def test_better_hardware_never_slows_anything(model, chip, topology, requests, lengths):
    """TTFT has the exception of every closed loop: who decodes faster comes back sooner and queues.

    From memory's bandwidth, which speeds up both phases, next to nothing of that is left.
    """
    deployed = catalogued(
        model,
        chip,
        topology,
        batch_size=requests,
        input_seq_length=lengths[0],
        output_seq_length=lengths[1],
    )
    width = 8 if CATALOGUE.models[model].spec.num_experts else 1
    found = plan_sensitivity(deployed, plan(tp=8, ep=width))
    for effect in found.effects:
        better = -1 if effect.unit == "s" else 1
        assert better * effect.throughput >= -NOISE, effect
        assert better * effect.tpot <= NOISE, effect
        if effect.unit != "s":
            assert effect.ttft <= 1e-3, effect


def test_the_best_plan_alone_carries_its_sensitivity():
    result = evaluate_request(
        {
            "model": "llama-3.1-8b",
            "topology": "server-8",
            "hardware": "h100-sxm",
            "inference": "chat",
            "search_constraints": {"top_k": 2},
        }
    )
    first, second = result["top_k_plans"]
    assert "sensitivity" not in second
    assert Plan.model_validate(first).sensitivity is not None


def test_a_step_is_named_and_is_no_slope():
    """Below the data sheet's bandwidth one prompt less fits into a step, which costs 19 %."""
    deployed, one = calibrated("llama-3.1-70b", "server-8"), plan(tp=8)
    bandwidth = deployed.chip.memory_bandwidth

    def served(changed, rows):
        found = steady_state(changed, one[np.zeros(rows, dtype=int)])
        lost = np.where(changed.chip.memory_bandwidth < bandwidth, 1.19, 1.0)
        return replace(found, tpot=found.tpot * lost)

    figures = tuple(hardware_figures(deployed, 8))
    memory = plan_sensitivity(deployed, one).memory
    plain = plan_sensitivity(deployed, one)
    found = _sensitivity(figures, elasticities(deployed, figures, served), memory)
    before, after = (
        {effect.figure: effect.tpot for effect in each.effects}["hardware.memory_bandwidth"]
        for each in (plain, found)
    )
    assert after == pytest.approx(before, abs=1e-3)
    assert found.bottleneck.tpot.figure == "hardware.peak_flops"
    sentence = found.bottleneck.tpot.sentence
    assert sentence.endswith(
        "0.1 % of memory bandwidth makes a step of -16.0 %, which is no slope."
    )
    assert "step" not in found.bottleneck.throughput.sentence


def test_a_bend_is_told_both_ways():
    deployed, one = calibrated("llama-3.1-70b", "server-8"), plan(tp=8)
    bandwidth = deployed.chip.memory_bandwidth

    def served(changed, rows):
        found = steady_state(changed, one[np.zeros(rows, dtype=int)])
        ratio = np.minimum(changed.chip.memory_bandwidth / bandwidth, 1.0)
        return replace(found, ttft=found.ttft / ratio)

    memory = plan_sensitivity(deployed, one).memory
    figures = tuple(hardware_figures(deployed, 8))
    found = _sensitivity(figures, elasticities(deployed, figures, served), memory)
    ways = re.search(
        r"1 % more changes it by (\S+) %, 1 % less by (\S+) %", found.bottleneck.ttft.sentence
    )
    assert ways is not None
    assert float(ways[1]) + float(ways[2]) == pytest.approx(1, abs=0.02)
