"""What a chip draws: by hand, at its limits, and against sensors."""

from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.planner.calibration.measurement import Measurement
from llm_simulator.planner.calibration.prediction import measured_case
from llm_simulator.planner.costs.power import chip_power, chip_power_draw, power
from llm_simulator.planner.serving.steady_state import steady_state
from tests.deployments import CATALOGUE, catalogued

B200 = CATALOGUE.chips["b200-sxm"].spec
H100 = CATALOGUE.chips["h100-sxm"].spec
FIGURES = CATALOGUE.economics.model_copy(
    update={"idle_power_share": 0.15, "compute_power_share": 1.5, "memory_power": 300.0}
)


def test_a_worked_example():
    """H100 moves half of 3.35 TB/s at an MFU of 0.1: 105 W and the root of 231 W² and 388 W²."""
    computing, moving = 1.5 * 595**2 * 0.1, 300**2 * 3.35 * 0.5
    expected = 105 + (computing + moving) ** 0.5
    assert (
        chip_power(FIGURES, H100, 0.1, 0.5) == pytest.approx(expected) == pytest.approx(556, abs=1)
    )


def test_power_runs_from_idle_to_the_tdp():
    assert chip_power(FIGURES, H100, 0.0, 0.0) == pytest.approx(0.15 * 700)
    assert chip_power(FIGURES, H100, 2 / 3, 0.0) == pytest.approx(700)
    assert chip_power(FIGURES, H100, 1.0, 1.0) == pytest.approx(700)


def test_the_same_bytes_draw_the_same_watts_whatever_the_tdp():
    """Both chips move 4 TB/s; beyond what they draw anyway that costs the same."""
    hotter = B200.model_copy(update={"tdp": 1400.0})
    mbu = 4e12 / B200.memory_bandwidth
    above = [
        chip_power(FIGURES, c, 0.0, mbu) - chip_power(FIGURES, c, 0.0, 0.0) for c in (B200, hotter)
    ]
    assert above == pytest.approx([600.0, 600.0])


def test_power_grows_with_every_utilisation_and_ever_more_slowly():
    busy = np.linspace(0.0, 0.4, 9)
    for watts in (chip_power(FIGURES, H100, busy, 0.0), chip_power(FIGURES, H100, 0.0, busy)):
        assert (np.diff(watts) > 0).all()
        assert (np.diff(watts, 2) < 0).all()


def test_a_deployment_draws_its_chips_their_hosts_and_cooling():
    chip = chip_power(FIGURES, H100, 0.1, 0.5)
    assert power(FIGURES, H100, chips=8, mfu=0.1, mbu=0.5) == pytest.approx(
        FIGURES.pue * 8 * (chip + FIGURES.host_power)
    )


def test_a_chip_without_a_tdp_or_assumptions_is_not_guessed():
    deployed = catalogued(chip="sg2262")
    assert np.isnan(chip_power_draw(deployed, 0.1, 0.1))
    assert np.isnan(chip_power_draw(replace(deployed, economics=FIGURES), 0.1, 0.1))


QWEN35 = "qwen3.5-397b-a17b"
INFERENCEX = "InferenceX, board power published 2026-06 to 2026-09"
ML_ENERGY = "ML.ENERGY leaderboard 3, task lm-arena-chat, mean over the chips"


@pytest.mark.parametrize(
    ("model", "chip", "engine", "precision", "load", "degrees", "watts", "source"),
    [
        (QWEN35, "b200-sxm", "sglang", "fp8", (8192, 1024, 1), (8, 1), 349.9, INFERENCEX),
        (QWEN35, "b200-sxm", "sglang", "fp8", (8192, 1024, 4), (8, 1), 448.9, INFERENCEX),
        ("deepseek-r1", "mi355x", "sglang", "fp4", (1024, 1024, 4), (4, 1), 628.9, INFERENCEX),
        ("deepseek-r1", "mi355x", "sglang", "fp8", (8192, 1024, 32), (8, 1), 743.6, INFERENCEX),
        ("gemma-3-27b", "b200-sxm", "vllm", "bf16", (704, 797, 32), (1, 1), 859.7, ML_ENERGY),
        ("llama-3.1-405b", "b200-sxm", "vllm", "bf16", (704, 404, 32), (8, 1), 841.8, ML_ENERGY),
        ("llama-3.1-405b", "h100-sxm", "vllm", "fp8", (704, 400, 64), (8, 1), 520.3, ML_ENERGY),
        ("gpt-oss-20b", "h100-sxm", "vllm", "fp4", (249, 2426, 32), (1, 1), 530.8, ML_ENERGY),
    ],
)  # fmt: skip
def test_predicted_power_is_what_sensors_show(
    model, chip, engine, precision, load, degrees, watts, source
):
    prompt, output, concurrency = load
    tensor, expert = degrees
    run = Measurement(
        model=model, chip=chip, framework=engine, precision=precision, input_tokens=prompt,
        output_tokens=output, concurrency=concurrency, tp=tensor, pp=1, attention_dp=1,
        moe_tp=tensor // expert, ep=expert, ttft_ms=1, tpot_ms=1,
    )  # fmt: skip
    deployed, plan = measured_case(run, CATALOGUE)
    served = steady_state(replace(deployed, economics=CATALOGUE.economics), plan)
    assert served.chip_watts[0] == pytest.approx(watts, rel=0.15), source
