"""How sure a choice is: probabilities by hand, the robust alternative, the runs that settle it."""

from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.calibration.measurement import measurement_of
from llm_simulator.planner.results.correlation import Places, correlation
from llm_simulator.planner.results.likelihood import Error, Scores
from llm_simulator.planner.results.settling import Worth, settled
from llm_simulator.planner.search.risk import SplitNormal
from llm_simulator.planner.specs.uncertainty import Shares

NO_LIMITS = np.full((2, 3), np.inf)


INDEPENDENT = Shares()


def _error(spread, weight, shares=INDEPENDENT, shapes=(0.0, 20.0, 40.0)):
    spread = np.array(spread)
    at = Places(np.array(shapes)[:, None], np.zeros(len(shapes)))
    return Error(SplitNormal(spread * 0, spread, spread), np.array(weight), shares, at)


def _scores(log, spread, shares=INDEPENDENT):
    """Three plans of which only the TPOT is uncertain."""
    return Scores(np.array(log), _error([0, 0, 0], [0, 0, 0]), _error(spread, [1, 1, 1], shares))


def _request(**constraints):
    return {
        "model": "deepseek-v3",
        "topology": "pod-64",
        "hardware": "h200-sxm",
        "inference": {
            "engine": "trtllm",
            "batch_size": 512,
            "input_seq_length": 4096,
            "output_seq_length": 1024,
        },
        "search_constraints": {"top_k": 8, "objective": "throughput_per_chip", **constraints},
    }


@pytest.fixture(scope="module")
def limited():
    return evaluate_request(_request(max_tpot_ms=40))


def test_likeness_falls_with_both_distances():
    here = Places(np.array([[0.0, 3.0]]), np.array([1.0]))
    there = Places(np.array([[0.0, 3.0], [0.0, 1.0]]), np.array([1.0, 4.0]))
    shares = Shares(case=0.1, shape=0.2, load=0.3, both=0.2)
    [[same, other]] = correlation(shares, here, there)
    assert same == pytest.approx(1.0)
    e = np.exp(-1)
    assert other == pytest.approx(0.1 + 0.2 * e + 0.3 * e + 0.2 * e * e)


def test_shares_of_more_than_all_are_refused():
    with pytest.raises(ValueError, match="at most 1"):
        Shares(case=0.7, both=0.4)


def test_the_probability_of_being_better_by_hand():
    scores = _scores([np.log(1.1), 0.0, np.log(1.1)], [0.1, 0.1, 0.1])
    # log 1.1 over sqrt(2) 0.1 is 0.674 standard deviations: the upper quartile.
    assert scores.first_is_better == pytest.approx([0.5, 0.7498, 0.5], abs=1e-3)


def test_what_both_plans_have_in_common_decides_nothing():
    scores = _scores([0.01, 0.0, 0.0], [0.2, 0.2, 0.2], Shares(case=1.0))
    assert scores.first_is_better == pytest.approx([0.5, 1.0, 1.0])


def test_one_sure_and_one_unsure_plan_lose_what_an_option_is_worth():
    """E max(X, 1) of a log normal X of mean 1 is 2 N(s / 2), as Black and Scholes have it."""
    spread, correction = 0.3, -(0.3**2) / 2
    scores = _scores([0.0, correction, -50.0], [0.0, spread, 0.0])
    worth = Worth(scores, NO_LIMITS)
    best = 2 * 0.5596  # N(0.15) = 0.5596
    assert worth.expected == pytest.approx([1.0, 1.0, 0.0], abs=1e-6)
    assert worth.informed == pytest.approx(best, rel=3e-3)
    found = settled(worth, [0, 1, 2])
    assert found.runs == (1,)
    assert found.regret == pytest.approx(1 - 1 / best, rel=0.03)
    assert found.left[0] < 0.05 * found.regret


def test_a_limit_that_holds_with_one_half_halves_the_worth():
    scores = replace(_scores([0.0, 0.0, 0.0], [0.1, 0.1, 0.1]), tpot=_error([0.1] * 3, [0, 0, 0]))
    limits = NO_LIMITS.copy()
    limits[1] = (1.0, np.exp(0.1 * 1.2815515655446004), np.inf)
    assert Worth(scores, limits).expected == pytest.approx([0.5, 0.9, 1.0])


def test_nothing_is_measured_where_nothing_is_unsure():
    found = settled(Worth(_scores([1.0, 0.5, 0.0], [0.0, 0.0, 0.0]), NO_LIMITS), [0, 1, 2])
    assert found.runs == ()
    assert found.regret == pytest.approx(0, abs=1e-6)


def test_each_run_leaves_less_to_lose():
    scores = _scores([0.02, 0.01, 0.0], [0.2, 0.2, 0.2], Shares(case=0.3))
    found = settled(Worth(scores, NO_LIMITS), [0, 1, 2])
    assert list(found.left) == sorted(found.left, reverse=True)
    assert found.left[0] < found.regret


def test_every_plan_says_how_likely_its_limits_hold(limited):
    for plan in limited.top_k_plans:
        [limit] = plan.limits
        assert (limit.code, limit.limit) == ("max_tpot", 40)
        assert limit.probability > 0.5  # its prediction keeps it, and the median is the prediction
    for plan in limited.infeasible_plans:
        if plan.reason_code == "max_tpot":
            # Little more than one half where runs of the case were faster than predicted.
            assert plan.limits[0].probability < 0.6


def test_the_first_plan_is_compared_with_each_other(limited):
    first, *others = limited.top_k_plans
    assert first.beaten_by_first is None
    probabilities = [plan.beaten_by_first for plan in others]
    # One that was measured more closely, and faster than predicted, may well be better.
    assert all(0.3 < probability < 1 for probability in probabilities)


def test_the_robust_alternative_is_what_a_cautious_search_finds(limited):
    cautious = evaluate_request(_request(max_tpot_ms=40, risk="cautious"))
    robust, first = limited.decision.robust, cautious.top_k_plans[0]
    assert not limited.decision.first_is_robust
    assert (robust.parallelism, robust.batch_size) == (first.parallelism, first.batch_size)
    assert robust.limits[0].probability >= 0.8
    assert first.score < first.tps_per_chip
    assert cautious.decision is not None
    assert cautious.decision.robust is None
    missed = [p for p in cautious.infeasible_plans if p.reason_code == "max_tpot"]
    assert missed[0].infeasible_reason.startswith("TPOT with 80 % certainty at most")


def test_the_runs_are_ready_to_be_measured(limited):
    runs = limited.decision.runs
    assert 1 <= len(runs) <= 3
    for run in runs:
        row = {name: str(value) for name, value in run.columns.model_dump().items() if value}
        measured = measurement_of(row | {"ttft_ms": "700", "tpot_ms": "28"})
        assert (measured.chips, measured.model) == (run.chips, "deepseek-v3")
        assert run.tpot_low < run.tpot < run.tpot_high
    left = [limited.decision.regret, *(run.regret for run in runs)]
    assert left == sorted(left, reverse=True)


def test_single_requests_are_not_judged_cautiously():
    body = _request(max_tpot_ms=40, limit_percentile="p99", risk="cautious")
    body |= {"inference": {**body["inference"], "traffic": {"requests_per_slot": 2}}}
    with pytest.raises(InvalidInput, match="risk at mean"):
        evaluate_request(body)
