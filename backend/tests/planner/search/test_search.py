"""Every plan is accounted for, whatever the slicing; ranks follow the documented score."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.search.chunk import chunk_outcome
from llm_simulator.planner.search.evaluations import Evaluations
from llm_simulator.planner.search.limits import Limits
from llm_simulator.planner.search.order import best_first, compared, contenders
from llm_simulator.planner.search.outcome import Aggregated, merged, top_candidates
from llm_simulator.planner.search.pareto import beaten, front
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.ranking import latency, score, scores
from llm_simulator.planner.serving.steady_state import steady_state
from llm_simulator.planner.specs.search import LADDER, Objective
from tests.deployments import CATALOGUE, catalogued

DEPLOYED = replace(catalogued("deepseek-v3", "h200-sxm", "pod-64"), economics=CATALOGUE.economics)
PLANS = enumerate_plans(DEPLOYED, 64, unsupported=True)


def _problem(
    objective=Objective.THROUGHPUT_PER_CHIP,
    max_ttft=None,
    max_tpot=None,
    top_k=10,
    batches=(64,),
    pareto=(),
    rate=None,
    fold=False,
):
    limits = Limits(max_ttft, max_tpot, rate)
    return SearchProblem(DEPLOYED, limits, objective, top_k, batches, pareto, fold=fold)


def _outcome(problem, cuts=()):
    edges = [0, *sorted(cuts), len(PLANS)]
    outcomes = [chunk_outcome(problem, PLANS[slice(a, b)], a) for a, b in pairwise(edges)]
    return merged(outcomes[::-1], problem.top_k)


MANY = (1, 7, 64, 500)
TRADE_OFF = (Objective.THROUGHPUT_PER_CHIP, Objective.TPOT, Objective.CHIPS)


@given(st.sets(st.integers(1, len(PLANS) - 1), max_size=6), st.booleans())
@settings(max_examples=20, deadline=None)
def test_slicing_a_search_changes_nothing(cuts, fold):
    problem = _problem(max_tpot=0.02, batches=MANY, pareto=TRADE_OFF, rate=1.0, fold=fold)
    assert _outcome(problem, cuts) == _outcome(problem)


@pytest.mark.parametrize("model", ["deepseek-v3", "llama-3.1-70b", "qwen3.5-397b-a17b"])
def test_a_shared_evaluation_equals_that_of_the_plan_alone(model):
    deployed = catalogued(model, "h200-sxm", "cluster-1024")
    plans = enumerate_plans(deployed, 128)
    random = np.random.default_rng(4)
    plans = plans[np.sort(random.integers(0, len(plans), 200))]
    found = Evaluations(deployed, plans, np.array(MANY), skip_misfits=False)
    together = found.steady_state(np.arange(len(found)))
    for row in random.integers(0, len(found), 40).tolist():
        at = np.array([row])
        plan, batch = plans[found.plan_of(at)], int(found.concurrency_of(at)[0])
        alone = steady_state(deployed.at_concurrency(batch), plan)
        for name in ("ttft", "tpot", "throughput", "mfu", "mbu"):
            assert getattr(together, name)[row] == getattr(alone, name)[0]
        memory = resident_memory(deployed.at_concurrency(batch), plan).total[0]
        assert found.cases.memory[found.cases.case[row]] == memory


def _at_every_concurrency(rate=None):
    """All evaluations one concurrency after the other: plans, batches, feasible, steady states."""
    rows = []
    for batch in MANY:
        deployed = DEPLOYED.at_concurrency(batch)
        memory = resident_memory(deployed, PLANS)
        fits = memory.total <= memory.usable
        state = steady_state(deployed, PLANS)
        rows.append((fits & (state.request_rate >= (rate or 0.0)), state))
    return rows


@pytest.mark.parametrize("objective", [Objective.THROUGHPUT, Objective.TPOT, Objective.CHIPS])
def test_a_plan_is_shown_at_the_concurrency_it_does_best_at(objective):
    rows = _at_every_concurrency(rate=10.0)
    values = np.stack(
        [np.where(ok, score(objective, state), -np.inf) for ok, state in rows], axis=-1
    )
    values = compared(values)
    best, at = values.max(axis=1), values.argmax(axis=1)
    seconds = np.stack([latency(state) for _, state in rows], axis=-1)

    def rank(i):
        return -best[i], PLANS.chips[i], seconds[i, at[i]], MANY[at[i]], i

    order = sorted(np.flatnonzero(best > -np.inf), key=rank)
    found = _outcome(_problem(objective, batches=MANY, rate=10.0))
    assert found.counts.feasible == len(order)
    assert [c.index for c in found.best] == order[:10]
    assert [c.batch_size for c in found.best] == [MANY[at[i]] for i in order[:10]]


def test_a_sizing_names_the_least_concurrency_that_carries_the_rate():
    problem = _problem(Objective.CHIPS, batches=LADDER, rate=10.0)
    for candidate in _outcome(problem).best:
        plan = PLANS[np.array([candidate.index])]
        less = [batch for batch in LADDER if batch < candidate.batch_size]
        rates = [steady_state(DEPLOYED.at_concurrency(b), plan).request_rate[0] for b in less]
        assert max(rates) < 10.0


def test_the_front_is_what_no_other_evaluation_beats():
    found = _outcome(_problem(batches=MANY, pareto=TRADE_OFF)).front
    points = []
    for batch, (ok, state) in zip(MANY, _at_every_concurrency(), strict=True):
        values = scores(TRADE_OFF, state)
        points += [(i, batch, tuple(values[i])) for i in np.flatnonzero(ok)]
    table = np.array([values for *_, values in points])
    best = table[np.lexsort(-table.T)][:2000]
    unbeaten = {
        (i, batch)
        for i, batch, values in points
        if not ((best >= values).all(axis=1) & (best > values).any(axis=1)).any()
        and not ((table >= values).all(axis=1) & (table > values).any(axis=1)).any()
    }
    assert {(p.candidate.index, p.candidate.batch_size) for p in found} == unbeaten
    assert len(found) == len(unbeaten) > 10


@given(st.integers(0, 10**9), st.integers(1, 60), st.integers(2, 4))
@settings(max_examples=50, deadline=None)
def test_equal_points_of_a_front_all_stay(seed, rows, objectives):
    costs = np.random.default_rng(seed).integers(0, 4, (rows, objectives)).astype(float)
    nowhere_worse = (costs[:, None] <= costs).all(axis=-1)
    better = nowhere_worse & (costs[:, None] < costs).any(axis=-1)
    assert front(costs).tolist() == np.flatnonzero(~better.any(axis=0)).tolist()
    assert beaten(-costs, -costs).tolist() == better.any(axis=0).tolist()


@pytest.mark.parametrize("objective", [Objective.THROUGHPUT_PER_CHIP, Objective.CHIPS])
def test_the_best_of_a_shape_stands_for_all_its_replicas(objective):
    asked = {"max_tpot": 0.02, "batches": MANY, "pareto": TRADE_OFF, "rate": 1.0}
    every = _outcome(_problem(objective, top_k=len(PLANS), **asked))
    folded = _outcome(_problem(objective, fold=True, top_k=60, **asked))
    for shown, whole in ((folded.best, every.best), (folded.nearest, every.nearest)):
        found, all_of_them = (
            [one for one in listed if isinstance(one, Aggregated)] for listed in (shown, whole)
        )
        shapes = Counter(candidate.shape for candidate in all_of_them)
        firsts = {candidate.shape: candidate for candidate in reversed(all_of_them)}
        in_order = sorted(firsts.values(), key=all_of_them.index)[:60]
        assert [replace(candidate, folded=None) for candidate in found] == in_order
        assert [c.folded for c in found] == [shapes[c.shape] - 1 for c in found]
    assert any(isinstance(one, Aggregated) and one.folded for one in folded.best)


def test_folding_loses_no_point_and_none_of_the_front():
    one, other = (
        chunk_outcome(
            _problem(batches=MANY, pareto=TRADE_OFF, fold=fold), PLANS, 0, most_points=10**6
        )
        for fold in (True, False)
    )
    assert one.front == other.front
    assert one.points == other.points
    assert one.counts == other.counts


def test_a_rate_that_is_not_reached_is_a_reason_with_the_rate():
    found = _outcome(_problem(batches=(1, 2), rate=1e4))
    assert (found.counts.feasible, set(found.counts.reasons)) == (0, {"memory", "min_request_rate"})
    assert sum(found.counts.reasons.values()) == len(PLANS)


def test_counts_add_up_and_each_infeasible_plan_has_one_reason():
    outcome = _outcome(_problem(max_ttft=0.1, max_tpot=0.02))
    assert outcome.counts.evaluated == len(PLANS)
    assert set(outcome.counts.reasons) == {"memory", "max_ttft", "max_tpot"}
    assert outcome.counts.feasible + sum(outcome.counts.reasons.values()) == len(PLANS)


@pytest.mark.parametrize("objective", list(Objective))
def test_the_best_plans_are_those_that_sorting_everything_gives(objective):
    memory = resident_memory(DEPLOYED, PLANS)
    fits = memory.total <= memory.usable
    state = steady_state(DEPLOYED, PLANS)
    scores, seconds = compared(score(objective, state)), latency(state)
    order = sorted(np.flatnonzero(fits), key=lambda i: (-scores[i], PLANS.chips[i], seconds[i], i))
    found = [candidate.index for candidate in _outcome(_problem(objective)).best]
    assert found == order[:10]


def test_ties_at_the_last_rank_are_all_kept_and_broken_in_turn():
    scores, chips = np.array([5.0, 7, 5, 5, 4]), np.array([4, 4, 2, 2, 1])
    kept = contenders(scores, 2)
    assert kept.tolist() == [0, 1, 2, 3]
    seconds = np.array([1.0, 9, 3, 2])
    assert best_first(scores[kept], chips[kept], seconds).tolist() == [1, 3, 2, 0]


def test_scores_that_agree_to_a_millionth_rank_by_chips():
    scores, chips = np.array([100.0, 100.00001, 99.9]), np.array([8, 16, 4])
    assert best_first(scores, chips).tolist() == [0, 1, 2]
    assert contenders(scores, 1).tolist() == [0, 1]
    candidates = [
        Aggregated(index, {"tp": 1}, chips=of, batch_size=1, value=value)
        for index, (of, value) in enumerate(zip(chips.tolist(), scores.tolist(), strict=True))
    ]
    for order in permutations(candidates):
        assert [c.chips for c in top_candidates(order, 3)] == [8, 16, 4]


def test_infeasible_plans_nearest_to_fitting_come_first():
    nearest = _outcome(_problem(top_k=50)).nearest
    overshoot = [-candidate.value for candidate in nearest]
    assert len(nearest) == 50
    assert overshoot == sorted(overshoot)
    assert overshoot[0] > 1
