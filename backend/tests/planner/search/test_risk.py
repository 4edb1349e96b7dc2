"""Split normals by hand; a cautious search is the same search over figures that hold with 80 %."""

from dataclasses import replace

import numpy as np
import pytest

from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.search.caution import Cautious, judged
from llm_simulator.planner.search.chunk import chunk_outcome
from llm_simulator.planner.search.evaluations import Evaluations
from llm_simulator.planner.search.limits import Limits
from llm_simulator.planner.search.outcome import merged
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.risk import (
    LatencyErrors,
    SplitNormal,
    covariance,
    ttft_share,
)
from llm_simulator.planner.specs.search import Objective, Risk
from tests.deployments import UNCALIBRATED, catalogued

NINETY, EIGHTY = 1.2815515655446004, 0.8416212335729143
"""Normal scores of 90 % and 80 %, out of a table."""

CALIBRATION = UNCALIBRATED.model_copy(
    update={
        "ttft_interval": (0.5, 2.0),
        "tpot_interval": (0.9, 1.2),
        "ttft_interval_far": (0.5, 2.0),
        "tpot_interval_far": (0.9, 1.2),
    }
)
DEPLOYED = catalogued("llama-3.1-70b", "h100-sxm", "pod-64", calibration=CALIBRATION)
PLANS = enumerate_plans(DEPLOYED, 16)
BATCHES = (16, 64, 256)


def _problem(**changes):
    found = SearchProblem(DEPLOYED, Limits(), Objective.THROUGHPUT_PER_CHIP, 5, BATCHES)
    return replace(found, **changes)


def test_both_quantiles_and_the_median_are_those_given():
    error = SplitNormal.of_interval(0.9, 1.2)
    assert [error.ratio(p) for p in (0.1, 0.5, 0.9)] == pytest.approx([0.9, 1.0, 1.2])
    assert error.above == pytest.approx(np.log(1.2) / NINETY)
    assert error.ratio(0.8) == pytest.approx(1.2 ** (EIGHTY / NINETY))


def test_a_median_lies_well_within_its_interval():
    error = SplitNormal.of_interval(1.0, np.e)
    assert error.median == pytest.approx(0.25)
    assert [error.ratio(p) for p in (0.1, 0.9)] == pytest.approx([1.0, np.e])


def test_a_limit_at_the_prediction_holds_with_one_half():
    error = SplitNormal.of_interval(np.array([0.5, 0.9]), np.array([2.0, 1.2]))
    assert error.probability(np.array([1.0, 1.2])) == pytest.approx([0.5, 0.9])


def test_an_interval_without_width_is_certain():
    exact = SplitNormal.of_interval(1.0, 1.0)
    assert exact.probability(np.array([0.99, 1.0, 1.01])) == pytest.approx([0, 0.5, 1])
    assert exact.ratio(0.8) == 1


def test_mean_and_covariance_are_those_of_a_sample():
    one, other = SplitNormal(0.1, 0.2, 0.4), SplitNormal(0.0, 0.3, 0.1)
    rng = np.random.default_rng(0)
    score = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 400_000).T
    found = [
        np.where(z > 0, e.above, e.below) * z + e.median
        for e, z in zip((one, other), score, strict=True)
    ]
    assert one.mean == pytest.approx(0.1 + 0.2 / np.sqrt(2 * np.pi))
    assert found[0].mean() == pytest.approx(one.mean, abs=2e-3)
    assert np.cov(found)[0, 1] == pytest.approx(covariance(one, other, 0.6), rel=0.02)


def test_spreads_of_both_latencies_add_up_as_squares():
    errors = LatencyErrors(SplitNormal(0.1, 0.3, 0.3), SplitNormal(0.0, 0.1, 0.4))
    turn = errors.turn(np.array([0.0, 0.5, 1.0]))
    assert turn.median == pytest.approx([0.0, 0.05, 0.1])
    assert turn.above == pytest.approx([0.4, 0.25, 0.3])
    assert ttft_share(2.0, 0.1, output_tokens=21) == 0.5


def test_no_share_makes_a_turn_shorter_than_the_shortest():
    errors = LatencyErrors(SplitNormal(0.1, 0.3, 0.5), SplitNormal(-0.05, 0.1, 0.2))
    least = errors.shortest_turn.quantile(0.8)
    assert np.min(errors.turn(np.linspace(0, 1, 101)).quantile(0.8)) >= least


def test_cautious_figures_by_hand():
    served = Evaluations(DEPLOYED, PLANS, np.array([64])).steady_state(np.array([len(PLANS) - 1]))
    cautious = judged(_problem(risk=Risk.CAUTIOUS), served)
    assert isinstance(cautious, Cautious)
    assert cautious.ttft == pytest.approx(served.ttft * 2.0 ** (EIGHTY / NINETY))
    assert cautious.tpot == pytest.approx(served.tpot * 1.2 ** (EIGHTY / NINETY))
    share = served.ttft / (served.ttft + 1023 * served.tpot)
    spread = np.hypot(share * np.log(2.0), (1 - share) * np.log(1.2)) * EIGHTY / NINETY
    assert cautious.throughput == pytest.approx(served.throughput * np.exp(-spread))


def test_the_robust_plan_of_a_search_is_the_first_of_a_cautious_one():
    problem = _problem(limits=Limits(max_tpot=0.02, min_request_rate=1.0))
    parts = ((PLANS[:20], 0), (PLANS[20:], 20))
    mean = merged([chunk_outcome(problem, plans, start) for plans, start in parts], 5)
    cautious = chunk_outcome(replace(problem, risk=Risk.CAUTIOUS), PLANS, 0)
    assert mean.robust == cautious.best[:1]
    assert cautious.robust == []
    assert mean.robust[0].value < mean.best[0].value


def test_cautious_limits_are_stricter_limits_on_the_means():
    ratio = 1.2 ** (EIGHTY / NINETY)
    cautious = chunk_outcome(_problem(limits=Limits(max_tpot=0.02), risk=Risk.CAUTIOUS), PLANS, 0)
    stricter = chunk_outcome(_problem(limits=Limits(max_tpot=0.02 / ratio)), PLANS, 0)
    assert cautious.counts.feasible == stricter.counts.feasible
    assert cautious.counts.reasons == stricter.counts.reasons
