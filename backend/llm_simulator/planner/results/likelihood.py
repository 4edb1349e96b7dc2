"""How likely shown plans keep their limits, and how likely one is better than another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.results.correlation import Places, correlation, places
from llm_simulator.planner.results.plan import AnyPlan, LimitProbability, Plan
from llm_simulator.planner.search.limits import Limits
from llm_simulator.planner.search.normal import cumulative
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.risk import (
    CAUTION,
    LatencyErrors,
    SplitNormal,
    covariance,
    ttft_share,
)
from llm_simulator.planner.specs.search import Objective, Percentile
from llm_simulator.planner.specs.uncertainty import Shares
from llm_simulator.units import MILLI, Array

FIGURES = ("ttft", "tpot")
_SIMULATED = {"e2e_latency": "end_to_end"}
"""What simulations call a figure, where it is another name."""


def limit_probabilities(
    limits: Limits, plan: AnyPlan, *, output_tokens: int, percentile: Percentile | None = None
) -> list[LimitProbability]:
    """The probability that each limit holds; of single requests at ``percentile``, where given."""
    if limits.none or plan.ttft is None or plan.tpot is None or plan.ttft_low is None:
        return []
    errors = _errors([plan])
    return [
        *_latencies(limits, plan, errors, percentile),
        *_whole_requests(limits, plan, errors, output_tokens, percentile),
    ]


def _latencies(
    limits: Limits, plan: AnyPlan, errors: LatencyErrors, percentile: Percentile | None
) -> Iterator[LimitProbability]:
    for figure, limit in (("ttft", limits.max_ttft), ("tpot", limits.max_tpot)):
        if limit is not None:
            room = _room(limit, plan, figure, percentile)
            holds = float(getattr(errors, figure).probability(room)[0])
            yield LimitProbability(code=f"max_{figure}", limit=limit / MILLI, probability=holds)


def latency_room(
    limits: Limits, plan: Plan, *, output_tokens: int, percentile: Percentile | None = None
) -> dict[str, float]:
    """How often each latency goes into its limit; infinite without a limit.

    A limit on whole requests counts as one on the latency that takes most of their time, kept
    with the same probability.
    """
    found = {
        figure: _room(getattr(limits, f"max_{figure}"), plan, figure, percentile)
        for figure in FIGURES
    }
    whole = _room(limits.max_e2e_latency, plan, "e2e_latency", percentile)
    if np.isfinite(whole):
        errors, share = _errors([plan]), ttft_share(plan.ttft, plan.tpot, output_tokens)
        most = "ttft" if share > 1 / 2 else "tpot"
        score = errors.turn(share).score(whole)[0]
        found[most] = min(found[most], float(getattr(errors, most).of_score(score)[0]))
    return found


def _room(limit: float | None, plan: AnyPlan, figure: str, percentile: Percentile | None) -> float:
    """How often a latency goes into its limit; of single requests at ``percentile``."""
    predicted = getattr(plan, figure)
    if percentile is not None and plan.simulated is not None:
        single = getattr(plan.simulated, _SIMULATED.get(figure, figure))
        predicted = None if single is None else getattr(single, f"{percentile}_ms")
    return limit / MILLI / predicted if limit is not None and predicted else np.inf


def _whole_requests(
    limits: Limits,
    plan: AnyPlan,
    errors: LatencyErrors,
    output_tokens: int,
    percentile: Percentile | None,
) -> Iterator[LimitProbability]:
    """The limits on the time of whole requests and on their rate, which both latencies decide."""
    if plan.throughput is None or plan.ttft is None or plan.tpot is None:
        return
    turn = errors.turn(ttft_share(plan.ttft, plan.tpot, output_tokens))
    longest, needed = limits.max_e2e_latency, limits.min_request_rate
    if longest is not None:
        holds = float(turn.probability(_room(longest, plan, "e2e_latency", percentile))[0])
        yield LimitProbability(code="max_e2e_latency", limit=longest / MILLI, probability=holds)
    if needed is not None:
        holds = float(turn.probability(plan.throughput / output_tokens / needed)[0])
        yield LimitProbability(code="min_request_rate", limit=needed, probability=holds)


@dataclass(frozen=True)
class Error:
    """What the log of one latency is off by: K plans, how it enters their scores, how alike."""

    normal: SplitNormal
    weight: Array
    """By how many percent a score falls where the latency is 1 % longer; [K]."""
    shares: Shares
    at: Places

    def correlation(self, rows: Sequence[int] | None = None) -> Array:
        """Of each of ``rows`` with every plan; [R, K], of all with all where left out."""
        return correlation(self.shares, self.at if rows is None else self.at[rows], self.at)


@dataclass(frozen=True)
class Scores:
    """The scores of K plans, of which only a distribution is known."""

    log: Array
    """Log of the scores as predicted; [K]."""
    ttft: Error
    tpot: Error

    @classmethod
    def of(cls, problem: SearchProblem, plans: Sequence[Plan]) -> "Scores":
        """Those of shown plans under the objective of the search."""
        tokens = problem.deployment.workload.output_seq_length
        ttft, tpot = (np.array([getattr(plan, name) for plan in plans]) for name in FIGURES)
        share = np.asarray(ttft_share(ttft, tpot, tokens))
        weights = _weights(problem.objective, share)
        known, errors = problem.deployment.calibration.correlation, _errors(plans)
        log = np.log([plan.score for plan in plans])
        if problem.cautious:
            log = log + _held_back(problem.objective, errors, share)
        return cls(
            log,
            Error(errors.ttft, weights[0], known.ttft, places(plans, "ttft")),
            Error(errors.tpot, weights[1], known.tpot, places(plans, "tpot")),
        )

    @property
    def errors(self) -> tuple[Error, Error]:
        """Of both latencies, which go wrong independently."""
        return self.ttft, self.tpot

    @cached_property
    def first_is_better(self) -> Array:
        """The probability that the first plan is better than each; [K], 0.5 against its equal."""
        ahead, variance = self.log[0] - self.log, np.zeros(len(self.log))
        for error in self.errors:
            means = error.weight * error.normal.mean
            ahead = ahead - (means[0] - means)
            variance += _variance_of_difference(error)
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where(ahead == 0, 0.0, ahead / np.sqrt(np.maximum(variance, 0.0)))
        return cumulative(score)


def _variance_of_difference(error: Error) -> Array:
    """Of what an error adds to the first score and to each; [K]."""
    normal, weight = error.normal, error.weight
    own = weight**2 * covariance(normal, normal, 1.0)
    shared = weight[0] * weight * covariance(normal.row(0), normal, error.correlation([0])[0])
    return own[0] + own - 2 * shared


def _weights(objective: Objective, share: Array) -> tuple[Array, Array]:
    """By how much log TTFT and log TPOT lower the log of a score."""
    none, whole = np.zeros(len(share)), np.ones(len(share))
    known = {
        Objective.TTFT: (whole, none),
        Objective.TPOT: (none, whole),
        Objective.CHIPS: (none, none),
    }
    return known.get(objective, (share, 1 - share))


def _held_back(objective: Objective, errors: LatencyErrors, share: Array) -> Array:
    """Log of the expected score over that which holds with 80 %, by which a search ranked."""
    known = {
        Objective.TTFT: errors.ttft.quantile(CAUTION),
        Objective.TPOT: errors.tpot.quantile(CAUTION),
        Objective.CHIPS: np.zeros(len(share)),
    }
    return np.asarray(known.get(objective, errors.turn(share).quantile(CAUTION)))


def _errors(plans: Sequence[AnyPlan]) -> LatencyErrors:
    """What the plans' own intervals say; columns of shape [K]."""
    return LatencyErrors(*(_error(plans, figure) for figure in FIGURES))


def _error(plans: Sequence[AnyPlan], figure: str) -> SplitNormal:
    names = (figure, f"{figure}_low", f"{figure}_high")
    mean, low, high = (np.array([getattr(plan, name) for plan in plans]) for name in names)
    return SplitNormal.of_interval(low / mean, high / mean)
