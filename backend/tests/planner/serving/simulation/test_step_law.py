"""The tabulated law against the performance model it was taken from."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.serving.simulation.step_law import Range, step_law
from llm_simulator.planner.serving.steady_state import serving
from tests import deployments
from tests.deployments import PLAIN, plan

PLANS = (
    ("llama-3.1-70b", {"tp": 8}),
    ("llama-3.1-70b", {"tp": 4, "pp": 2}),
    ("deepseek-v3", {"dp": 8, "ep": 8}),
    ("qwen3-235b-a22b", {"tp": 8, "ep": 8}),
)

catalogued = partial(deployments.catalogued, calibration=PLAIN)


def law_of(deployed, degrees, most=64):
    load = deployed.workload
    within = Range(
        decoding=most,
        shortest=load.input_seq_length + 1,
        longest=load.input_seq_length + load.output_seq_length,
        prompt=load.input_seq_length,
    )
    return step_law(deployed, plan(**degrees), within)


def stage_time(deployed, degrees, **step):
    """Seconds of the slowest stage, asked of the model directly."""
    return step_total(deployed, degrees, **step).time[0]


def step_total(deployed, degrees, *, decoding, context, prompts, length):
    step = Step(np.array([float(prompts)]), length, 1, np.array([float(decoding)]), context)
    return StepCostModel(deployed, plan(**degrees)).step_total(step)


@pytest.mark.parametrize(("model", "degrees"), PLANS)
def test_decode_steps_cost_what_the_model_says(model, degrees):
    deployed = catalogued(model, "h200-sxm")
    law, stages = law_of(deployed, degrees), degrees.get("pp", 1)
    for count, context in ((1, 1025.0), (7, 1300.0), (64, 2048.0)):
        step = step_total(
            deployed, degrees, decoding=-(-count // stages), context=context, prompts=0, length=1
        )
        seconds = law.decode[count] + law.decode_per_context[count] * count * context
        # A latent's core passes smoothly from memory to compute: affine to a few parts per million.
        expected = max(min(stages, count) * step.time[0], step.through[0])
        expected += deployed.workload.step_overhead
        assert seconds == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("model", "degrees"), [case for case in PLANS if "pp" not in case[1]])
@given(st.integers(0, 64), st.floats(1025, 2048), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_steps_with_whole_prompts_cost_nearly_what_the_model_says(
    model, degrees, count, context, prompts
):
    deployed = catalogued(model, "h200-sxm")
    terms = law_of(deployed, degrees).mixed(count, prompts * 1024, prompts * 1024 * 1025 // 2)
    direct = stage_time(
        deployed, degrees, decoding=count, context=context, prompts=prompts, length=1024
    )
    seconds = terms.time + terms.time_per_context * count * context
    assert seconds == pytest.approx(direct + deployed.workload.step_overhead, rel=0.03)
    assert terms.lag == terms.lag_per_context == 0


def test_a_lone_prompt_passes_all_pipeline_stages():
    """One stage's time per stage, as the closed form has it, and one overhead."""
    deployed = catalogued("llama-3.1-70b", "h200-sxm", batch_size=1)
    terms = law_of(deployed, {"tp": 4, "pp": 2}).mixed(0, 1024, 1024 * 1025 // 2)
    alone = serving(deployed, plan(tp=4, pp=2)).phases
    assert terms.time + terms.lag == pytest.approx(
        float(alone.ttft[0] - alone.queueing[0]), rel=0.01
    )


def test_a_round_with_a_prompt_delays_decoding_by_one_mixed_step_only():
    """Two micro-batches: one decodes as ever, the other takes the prompt."""
    deployed = catalogued("llama-3.1-70b", "h200-sxm")
    degrees = {"tp": 4, "pp": 2}
    terms = law_of(deployed, degrees).mixed(64, 1024, 1024 * 1025 // 2)
    parts = [
        stage_time(deployed, degrees, decoding=32, context=1500.0, prompts=prompts, length=1024)
        for prompts in (0, 1)
    ]
    seconds = terms.time + terms.time_per_context * 64 * 1500
    assert seconds == pytest.approx(sum(parts) + deployed.workload.step_overhead, rel=0.03)


@pytest.fixture(scope="module")
def law():
    return law_of(catalogued("deepseek-v3", "h200-sxm"), {"dp": 8, "ep": 8})


@given(count=st.integers(0, 64), tokens=st.integers(1, 2048), share=st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_terms_are_finite_and_positive_wherever_steps_can_be(law, count, tokens, share):
    """A prompt token attends to itself at least, and to its whole prompt at most."""
    terms = law.mixed(count, tokens, round(tokens + share * tokens * 1023))
    assert 0 < terms.time + terms.time_per_context * count * 1500 < 10


def test_many_counts_are_interpolated():
    deployed = catalogued("llama-3.1-8b", "h200-sxm")
    law = law_of(deployed, {}, most=20_000)
    assert len(law.decode) == 20_001
    direct = stage_time(deployed, {}, decoding=12_345, context=1500.0, prompts=0, length=1)
    seconds = law.decode[12_345] + law.decode_per_context[12_345] * 12_345 * 1500
    assert seconds == pytest.approx(direct + deployed.workload.step_overhead, rel=0.01)
