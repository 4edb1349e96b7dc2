"""Figures that hold with a probability of 80 %, in place of those that are expected.

They have what limits and scores are made of, so a cautious search is the same search over them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.search.evaluations import RankCases
from llm_simulator.planner.search.pair_bounds import PairBounds
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.risk import CAUTION, LatencyErrors, SplitNormal, ttft_share
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.steady_state import SteadyState
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, IntArray, Usd, Watts

Expected = SteadyState | MatchedPools | PairBounds
"""What plans are expected to do; a bound is what none within it exceeds."""


@dataclass(frozen=True)
class Cautious:
    """What plans do with a probability of 80 % at least; columns as in ``expected``."""

    expected: Expected
    errors: LatencyErrors

    @property
    def deployment(self) -> Deployment:
        """What is deployed."""
        return self.expected.deployment

    @property
    def chips(self) -> IntArray:
        """Chips of each plan."""
        return self.expected.chips

    @cached_property
    def ttft(self) -> Array:
        """Seconds to the first token."""
        return np.asarray(self.expected.ttft * self.errors.ttft.ratio(CAUTION))

    @cached_property
    def tpot(self) -> Array:
        """Seconds per output token after the first."""
        return np.asarray(self.expected.tpot * self.errors.tpot.ratio(CAUTION))

    @cached_property
    def e2e_latency(self) -> Array:
        """Seconds from a request's arrival to its last token."""
        return np.asarray(self.expected.e2e_latency * self._turn.ratio(CAUTION))

    @cached_property
    def request_rate(self) -> Array:
        """Requests per second."""
        return np.asarray(self.expected.request_rate / self._turn.ratio(CAUTION))

    @property
    def throughput(self) -> Array:
        """Output tokens per second."""
        return self.request_rate * self.deployment.workload.output_seq_length

    @property
    def usd_per_hour(self) -> Usd:
        """What the chips cost, which is known."""
        return self.expected.usd_per_hour

    @property
    def watts(self) -> Watts:
        """What the chips draw as expected: at a lower rate a little less."""
        return self.expected.watts

    @property
    def _turn(self) -> SplitNormal:
        if isinstance(self.expected, PairBounds):
            return self.errors.shortest_turn
        tokens = self.deployment.workload.output_seq_length
        share = ttft_share(self.expected.ttft, self.expected.tpot, tokens)
        return self.errors.turn(share)


def judged(problem: SearchProblem, expected: Expected) -> Expected | Cautious:
    """What limits and scores are about: the expected figures, or those that hold with 80 %."""
    if not problem.cautious:
        return expected
    calibration = problem.deployment.calibration
    if isinstance(expected, SteadyState):
        return Cautious(expected, LatencyErrors.of(calibration, expected.nearness))
    return Cautious(expected, LatencyErrors.of_pools(calibration))


@dataclass(frozen=True)
class CaseLatencies:
    """Latencies of rank cases; seconds, shape [C]."""

    ttft: Array
    tpot: Array
    e2e_latency: Array


def judged_latencies(problem: SearchProblem, cases: RankCases) -> CaseLatencies:
    """The same of aggregated plans' latencies alone."""
    if not problem.cautious:
        return CaseLatencies(cases.ttft, cases.tpot, cases.end_to_end)
    errors = LatencyErrors.of(problem.deployment.calibration, cases.nearness)
    tokens = problem.deployment.workload.output_seq_length
    turn = errors.turn(ttft_share(cases.ttft, cases.tpot, tokens))
    return CaseLatencies(
        ttft=cases.ttft * errors.ttft.ratio(CAUTION),
        tpot=cases.tpot * errors.tpot.ratio(CAUTION),
        e2e_latency=cases.end_to_end * turn.ratio(CAUTION),
    )
