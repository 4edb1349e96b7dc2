"""What a timeline means to users: latencies as distributions, and what was served in time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.serving.simulation.engine import Timeline
from llm_simulator.planner.serving.simulation.requests import Requests
from llm_simulator.units import Array

FEWEST_FOR_GROWTH = 20
"""Requests below which nothing is said about a queue that grows."""


@dataclass(frozen=True)
class Distribution:
    """Mean and percentiles over all requests, in seconds."""

    mean: float
    p50: float
    p90: float
    p99: float

    def scaled(self, factor: float) -> "Distribution":
        """The same distribution with every figure multiplied."""
        return Distribution(
            *(factor * value for value in (self.mean, self.p50, self.p90, self.p99))
        )


@dataclass(frozen=True)
class Latencies:
    """Seconds of every served request; columns of shape [N]."""

    ttft: Array
    tpot: Array
    """Mean time per token after the first; not a number for a request of one token."""
    end_to_end: Array


def latencies(timeline: Timeline, requests: Requests) -> Latencies:
    """The latencies of every request, counted from its arrival."""
    arrival, first, finish = (
        np.array(column) for column in (timeline.arrival, timeline.first_token, timeline.finish)
    )
    more = np.where(requests.output > 1, requests.output - 1.0, np.nan)
    return Latencies(
        ttft=first - arrival, tpot=(finish - first) / more, end_to_end=finish - arrival
    )


def distribution(seconds: Array) -> Distribution:
    """The distribution of those figures that are numbers; there is at least one.

    >>> distribution(np.array([1.0, 2.0, 3.0, np.nan]))
    Distribution(mean=2.0, p50=2.0, p90=2.8, p99=2.98)
    """
    known = seconds[~np.isnan(seconds)]
    p50, p90, p99 = np.percentile(known, (50, 90, 99)).tolist()
    return Distribution(float(known.mean()), p50, p90, p99)


def inter_token(timeline: Timeline) -> Distribution:
    """The distribution of the gaps between tokens, of which there is at least one.

    All gaps of a stretch of steps without prompts count as its mean; they differ by the growth of
    the contexts only.
    """
    seconds, gaps = np.array(timeline.stretch_mean), np.array(timeline.stretch_gaps)
    order = np.argsort(seconds)
    counted = np.cumsum(gaps[order])
    ranks = np.searchsorted(counted, np.array([0.5, 0.9, 0.99]) * counted[-1])
    p50, p90, p99 = seconds[order][ranks].tolist()
    return Distribution(float(seconds @ gaps / counted[-1]), p50, p90, p99)


def keep_limits(
    taken: Latencies,
    *,
    max_ttft: float | None,
    max_tpot: float | None,
    max_e2e_latency: float | None = None,
) -> NDArray[np.bool_]:
    """Which requests keep all limits, None being no limit; shape [N]."""
    kept = np.ones(len(taken.ttft), dtype=bool)
    if max_ttft is not None:
        kept &= taken.ttft <= max_ttft
    if max_tpot is not None:
        kept &= ~(taken.tpot > max_tpot)
    if max_e2e_latency is not None:
        kept &= taken.end_to_end <= max_e2e_latency
    return kept


def queue_growth(timeline: Timeline) -> float:
    """Seconds by which waiting for a place grows per second of arrivals; above 0 in overload.

    Compared are the second and the last quarter of the requests. Requests that come at (1 + g)
    times the rate at which they are served give a growth of g.
    """
    arrival = np.array(timeline.arrival)
    order = np.argsort(arrival, kind="stable")
    arrival, waited = arrival[order], (np.array(timeline.admission) - arrival)[order]
    if len(arrival) < FEWEST_FOR_GROWTH or arrival[-1] == arrival[0]:
        return 0.0
    quarter = len(arrival) // 4
    early, late = slice(quarter, 2 * quarter), slice(-quarter, None)
    passed = arrival[late].mean() - arrival[early].mean()
    return float((waited[late].mean() - waited[early].mean()) / passed)
