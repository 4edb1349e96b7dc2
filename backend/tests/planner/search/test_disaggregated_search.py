"""Pools paired: pruning loses nothing, slicing changes nothing, every pair is accounted for."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.search import pareto
from llm_simulator.planner.search.disaggregated import Found, disaggregated_outcome, pair_search
from llm_simulator.planner.search.limits import Limits, least_overshoot
from llm_simulator.planner.search.outcome import Disaggregated
from llm_simulator.planner.search.pareto import undominated
from llm_simulator.planner.search.pool_candidates import (
    BATCHES_PER_OCTAVE,
    instance_plans,
    ladder,
    pool_outcome,
)
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.ranking import score
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.instances import decode_instances, prefill_instances
from llm_simulator.planner.specs.search import Objective
from tests.deployments import catalogued


def _problem(deployed, objective=Objective.THROUGHPUT_PER_CHIP, ttft=None, tpot=None, top_k=10):
    batches = (deployed.workload.batch_size,)
    return SearchProblem(deployed, Limits(ttft, tpot), objective, top_k, batches)


def _outcome(problem, max_chips, cuts=()):
    deployed = problem.deployment
    plans = instance_plans(enumerate_plans(deployed, max_chips), max_chips)
    edges = [0, *sorted(cuts), len(plans)]
    parts = [pool_outcome(problem, plans[slice(a, b)], a) for a, b in pairwise(edges)]
    return disaggregated_outcome(problem, parts[::-1], max_chips, 0), plans


def _every_pair(deployed, max_chips):
    """All plans, batches and numbers of instances without any pruning: [D, 1] beside [Q]."""
    plans = instance_plans(enumerate_plans(deployed, max_chips), max_chips)
    load = deployed.workload
    in_budget = max(load.max_batched_tokens // load.input_seq_length, 1)
    columns = []
    for make, most in (
        (prefill_instances, np.minimum(in_budget, -(-load.batch_size // (plans.dp * plans.pp)))),
        (decode_instances, -(-load.batch_size // plans.dp)),
    ):
        rows, batches = [], []
        for row, largest in enumerate(most.tolist()):
            steps = ladder(int(most.max()), BATCHES_PER_OCTAVE)
            tried = np.unique(np.minimum(steps, largest))
            rows += [row] * len(tried)
            batches += tried.tolist()
        made = make(deployed, plans[np.array(rows)], np.array(batches))
        made = made[made.memory <= made.usable]
        counts = max_chips // made.chips
        picked = np.repeat(np.arange(len(counts)), counts)
        numbers = np.concatenate([np.arange(1, n + 1) for n in counts])
        columns.append((made[picked], numbers))
    found: Any = columns
    (prefill, prefill_count), (decode, decode_count) = found
    return MatchedPools(
        deployed,
        load.batch_size,
        deployed,
        prefill,
        prefill_count,
        decode[:, None],
        decode_count[:, None],
    )


LOADS = (
    {"batch_size": 12, "input_seq_length": 4096, "output_seq_length": 64},
    {"batch_size": 40, "input_seq_length": 256, "output_seq_length": 512},
    {"batch_size": 3, "input_seq_length": 16384, "output_seq_length": 16},
)


def test_no_pair_exceeds_its_bound_and_none_that_is_shown_is_pruned():
    """Every pair judged without bounds, at several concurrencies, gives the same list and front."""
    deployed = catalogued("gpt-oss-120b", "h100-sxm", "server-8", **LOADS[1])
    objectives = (Objective.THROUGHPUT_PER_CHIP, Objective.TPOT, Objective.TTFT)
    for objective, limits in (
        (objectives[0], Limits()),
        (objectives[0], Limits(max_ttft=0.1)),
        (objectives[0], Limits(max_tpot=1e-6)),
        (objectives[0], Limits(max_e2e_latency=8.0)),
        (Objective.CHIPS, Limits(min_request_rate=4.0)),
    ):
        problem = SearchProblem(deployed, limits, objective, 10, (1, 6, 40, 200), objectives)
        plans = instance_plans(enumerate_plans(deployed, 8), 8)
        parts = [pool_outcome(problem, plans, 0)]
        found = disaggregated_outcome(problem, parts, 8, 0)
        search = pair_search(problem, parts, 8)
        everything = Found(10, ())
        for pairing in search.pairings():
            bounds = pairing.bounds(pairing.groups)
            cells = np.flatnonzero(bounds.chips <= 8)
            pairs, codes = pairing.judged(cells)
            each = np.repeat(cells, bounds.groups.size[cells % len(bounds.groups.size)])
            assert (pairs.value <= score(objective, bounds).flat[each]).all()
            assert (pairs.overshoot >= least_overshoot(limits, bounds).flat[each]).all()
            everything.absorb(pairs, codes)
        expected = everything.outcome(found.counts.evaluated, 0)
        assert found.best == expected.best
        assert sorted(p.candidate.index for p in found.front) == sorted(
            p.candidate.index for p in expected.front
        )
        if not expected.best:
            assert found.nearest == expected.nearest
        assert expected.counts.pruned == {}


@pytest.mark.parametrize("objective", [Objective.CHIPS, Objective.THROUGHPUT_PER_CHIP])
def test_among_equal_pairs_the_first_is_that_of_the_shortest_latency(objective):
    """One search at all concurrencies shows what the best of one search at each would."""
    load = {"input_seq_length": 1024, "output_seq_length": 256}
    deployed = catalogued("llama-3.1-70b", "h100-sxm", "pod-64", **load)
    limits, concurrencies = Limits(max_tpot=0.04, min_request_rate=20.0), (64, 192, 256, 4096)
    problem = SearchProblem(deployed, limits, objective, 10, concurrencies)
    found = _outcome(problem, 16)[0].best
    alone = [_outcome(replace(problem, concurrencies=(n,)), 16)[0].best for n in concurrencies]
    firsts = [best[0] for best in alone if best]
    assert len(firsts) == 3  # 64 requests in flight do not carry the rate
    assert len({first.chips for first in firsts}) == 1
    expected = min(firsts, key=lambda c: (-c.value, c.latency))
    assert (found[0].batch_size, found[0].latency) == (expected.batch_size, expected.latency)
    if objective is Objective.CHIPS:
        assert (found[0].chips, found[0].batch_size) == (10, 192)
        assert found[0].latency < 15
    keys = [(-c.value, c.chips, c.latency, c.batch_size) for c in found]
    assert keys == sorted(keys)


@pytest.mark.parametrize("load", LOADS, ids=["prompts", "outputs", "long prompts"])
@pytest.mark.parametrize(
    ("model", "chip", "max_chips"), [("llama-3.1-8b", "l40s", 6), ("gpt-oss-120b", "h100-sxm", 8)]
)
def test_pruning_loses_no_best_pair(model, chip, max_chips, load):
    deployed = catalogued(model, chip, "server-8", **load)
    pairs = _every_pair(deployed, max_chips)
    fits = pairs.chips <= max_chips
    bound = float(np.median(pairs.tpot[fits]))
    for objective in (Objective.THROUGHPUT_PER_CHIP, Objective.THROUGHPUT, Objective.TPOT):
        for limit in (None, bound):
            kept = fits if limit is None else fits & (pairs.tpot <= limit)
            best = np.max(score(objective, pairs)[kept])
            found, _ = _outcome(_problem(deployed, objective, tpot=limit), max_chips)
            assert found.best[0].value == pytest.approx(best, rel=1e-12)


def test_the_shortest_ttft_is_not_bought_with_slower_decoding():
    """Requests held back by slow decoding find a shorter queue; such pairs are left out."""
    deployed = catalogued("llama-3.1-8b", "l40s", "server-8", **LOADS[0])
    pairs = _every_pair(deployed, 6)
    fits = pairs.chips <= 6
    found, _ = _outcome(_problem(deployed, Objective.TTFT), 6)
    shortest = 1 / found.best[0].value
    as_productive = fits & (pairs.throughput >= np.max(pairs.throughput[fits]) * 0.999)
    assert shortest <= pairs.ttft[as_productive].min() * (1 + 1e-12)


@given(st.sets(st.integers(1, 60), max_size=4))
@settings(max_examples=5, deadline=None)
def test_slicing_the_instance_plans_changes_nothing(cuts):
    deployed = catalogued("gpt-oss-120b", "h100-sxm", "servers-4x8", batch_size=12)
    problem = _problem(deployed, tpot=0.01)
    assert _outcome(problem, 16, cuts)[0] == _outcome(problem, 16)[0]


def test_pairs_add_up_and_shown_pairs_differ_in_a_plan():
    deployed = catalogued("deepseek-v3", "h200-sxm", "servers-4x8")
    found, _ = _outcome(_problem(deployed, ttft=0.5, tpot=0.021, top_k=10), 32)
    # Those certain to miss TPOT are pruned by its bound, which is exact.
    assert set(found.counts.reasons) == {"max_ttft"}
    assert found.counts.feasible + sum(found.counts.reasons.values()) == found.counts.evaluations
    assert found.counts.evaluations + sum(found.counts.pruned.values()) == found.counts.evaluated
    for shown in (found.best, found.nearest):
        plans = {(c.prefill.index, c.decode.index) for c in shown if isinstance(c, Disaggregated)}
        values = [c.value for c in shown]
        assert len(plans) == len(shown) == 10
        assert values == sorted(values, reverse=True)


def test_prompts_against_outputs_decide_the_ratio_of_the_pools():
    """The longer the prompts beside the outputs, the more of the chips prefill."""
    shares = []
    for prompt, output in ((512, 2048), (2048, 1024), (8192, 512), (16384, 128)):
        load = {"input_seq_length": prompt, "output_seq_length": output, "batch_size": 256}
        deployed = catalogued("llama-3.1-70b", "h100-sxm", "servers-4x8", **load)
        found, plans = _outcome(_problem(deployed, Objective.THROUGHPUT), 32)
        best = found.best[0]
        assert isinstance(best, Disaggregated)
        prefill = best.prefill.instances * plans.chips[best.prefill.index]
        shares.append(prefill / best.chips)
    assert shares == sorted(shares)
    assert shares[0] < 0.3
    assert shares[-1] > 0.7


def test_pools_that_exceed_the_cluster_together_are_told_so():
    deployed = catalogued("deepseek-v3", "h200-sxm", "server-8")
    found, _ = _outcome(_problem(deployed), 8)
    assert found.best == []
    assert set(found.counts.reasons) == {"chips"}
    assert min(c.chips for c in found.nearest) > 8


def test_a_model_that_fits_no_chip_is_a_result_with_a_reason():
    deployed = catalogued("deepseek-v3", "l40s", "server-8")
    found, _ = _outcome(_problem(deployed), 8)
    assert (found.counts.feasible, found.counts.reasons) == (0, {"memory": found.counts.evaluated})
    assert len(found.nearest) == 1


@given(st.integers(0, 10**9), st.integers(1, 60), st.sampled_from((1, 7, 1_000)))
@settings(max_examples=50, deadline=None)
def test_pruning_keeps_exactly_what_no_row_of_the_group_beats(seed, rows, block):
    random = np.random.default_rng(seed)
    group, costs = random.integers(0, 3, rows), random.integers(0, 4, (rows, 3)).astype(float)
    same = group[:, None] == group
    nowhere_worse = (costs[:, None] <= costs).all(axis=-1) & same
    better = nowhere_worse & (costs[:, None] < costs).any(axis=-1)
    earlier = nowhere_worse & (np.arange(rows)[:, None] < np.arange(rows))
    kept = ~(better | earlier).any(axis=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pareto, "BLOCK", block)
        assert undominated(group, costs).tolist() == np.flatnonzero(kept).tolist()
