"""Two halves of a step that hide each other's communication."""

from dataclasses import replace

import pytest

from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.operators.step import beside
from llm_simulator.planner.serving.breakdown import breakdown
from llm_simulator.planner.serving.steady_state import serving, steady_state
from tests.deployments import catalogued, plan, prompt_context

WIDE = {"dp": 32, "ep": 32}


def _deployed(**load):
    return catalogued("deepseek-v3", "h800", "pod-64", batch_size=4096, **load)


def _step_times(deployed, degrees):
    context = prompt_context(deployed, length=4096, **degrees)
    costs = StepCostModel(deployed, plan(**degrees)).costs(beside(context.step)).operators(0)
    return float(costs.busy.sum()), float(costs.communication.sum())


def test_prompts_over_nodes_hide_most_of_their_dispatch():
    working, sending = _step_times(_deployed(), WIDE)
    overlapped, exposed = _step_times(_deployed(two_batch_overlap=True), WIDE)
    assert exposed < sending / 2
    assert max(working, sending) <= overlapped + exposed < working + sending


def test_without_communication_nothing_is_split():
    lone = catalogued("llama-3.1-8b", "h200-sxm", batch_size=1)
    split = replace(lone, workload=lone.workload.model_copy(update={"two_batch_overlap": True}))
    assert steady_state(split, plan()).tpot == pytest.approx(steady_state(lone, plan()).tpot)


def test_overlap_never_slows_a_step_and_rows_still_add_up():
    plain, split = (_deployed(two_batch_overlap=overlap) for overlap in (False, True))
    plans = plan(**WIDE)
    assert (steady_state(split, plans).throughput >= steady_state(plain, plans).throughput).all()
    total = breakdown(serving(split, plans)).decode.seconds.sum()
    assert total == pytest.approx(float(steady_state(split, plans).tpot[0]))
