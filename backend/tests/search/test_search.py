"""Every plan is accounted for, whatever the slicing; ranks follow the documented score."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.costs.memory import resident_memory
from llm_simulator.plans.enumeration import enumerate_plans
from llm_simulator.search.chunk import chunk_outcome
from llm_simulator.search.limits import Limits
from llm_simulator.search.outcome import merged
from llm_simulator.search.question import Question
from llm_simulator.search.ranking import best_first, score
from llm_simulator.serving.steady_state import steady_state
from llm_simulator.specs.search import Objective
from tests.deployments import catalogued

DEPLOYED = catalogued("deepseek-v3", "h200-sxm", "pod-64")
PLANS = enumerate_plans(DEPLOYED.model, 64)


def _question(
    objective=Objective.THROUGHPUT_PER_CHIP,
    max_ttft=None,
    max_tpot=None,
    top_k=10,
    batches=(64,),
    pareto=(),
    rate=None,
):
    limits = Limits(max_ttft, max_tpot, rate)
    return Question(DEPLOYED, limits, objective, top_k, batches, pareto)


def _outcome(question, cuts=()):
    edges = [0, *sorted(cuts), len(PLANS)]
    outcomes = [chunk_outcome(question, PLANS[slice(a, b)], a) for a, b in pairwise(edges)]
    return merged(outcomes[::-1], question.top_k)


@given(st.sets(st.integers(1, len(PLANS) - 1), max_size=6))
@settings(max_examples=15, deadline=None)
def test_slicing_a_search_changes_nothing(cuts):
    question = _question(max_tpot=0.02)
    assert _outcome(question, cuts) == _outcome(question)


def test_counts_add_up_and_each_infeasible_plan_has_one_reason():
    outcome = _outcome(_question(max_ttft=0.1, max_tpot=0.02))
    assert outcome["evaluated"] == len(PLANS)
    assert set(outcome["reasons"]) == {"memory", "max_ttft", "max_tpot"}
    assert outcome["feasible"] + sum(outcome["reasons"].values()) == len(PLANS)


@pytest.mark.parametrize("objective", list(Objective))
def test_the_best_plans_are_those_that_sorting_everything_gives(objective):
    usable = 0.9 * DEPLOYED.chip.memory_capacity
    fits = resident_memory(DEPLOYED, PLANS).total <= usable
    scores = score(objective, steady_state(DEPLOYED, PLANS), PLANS.chips)
    order = sorted(np.flatnonzero(fits), key=lambda i: (-scores[i], PLANS.chips[i], i))
    found = [candidate["index"] for candidate in _outcome(_question(objective))["best"]]
    assert found == order[:10]


def test_ties_at_the_last_rank_are_broken_by_chips_then_order():
    scores, chips = np.array([5.0, 7, 5, 5]), np.array([4, 4, 2, 2])
    assert best_first(scores, chips, np.arange(4), 2).tolist() == [1, 2]


def test_infeasible_plans_nearest_to_fitting_come_first():
    nearest = _outcome(_question(top_k=50))["nearest"]
    overshoot = [-candidate["value"] for candidate in nearest]
    assert len(nearest) == 50
    assert overshoot == sorted(overshoot)
    assert overshoot[0] > 1
