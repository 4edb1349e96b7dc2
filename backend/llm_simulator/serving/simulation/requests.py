"""The requests that reach one data-parallel rank, as columns.

Axes: N is the number of requests; every column has shape [N], in order of arrival.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from llm_simulator.specs.traffic import Arrivals, TrafficSpec
from llm_simulator.specs.workload import WorkloadSpec
from llm_simulator.units import Array, IntArray


@dataclass(frozen=True)
class Requests:
    """Requests in order of arrival; columns of shape [N]."""

    arrival: Array
    """Seconds; infinite for one that takes the place of a finished request (closed loop)."""
    prompt: IntArray
    cached: IntArray
    """Leading prompt tokens whose keys and values are already there."""
    output: IntArray

    def __len__(self) -> int:
        return len(self.arrival)

    @property
    def total(self) -> IntArray:
        """Tokens of each request at its end."""
        return self.prompt + self.output

    def __getitem__(self, rows: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> "Requests":
        """The requests of ``rows``, in their order."""
        return Requests(self.arrival[rows], self.prompt[rows], self.cached[rows], self.output[rows])


def rank_requests(workload: WorkloadSpec, traffic: TrafficSpec, *, ranks: int) -> Requests:
    """Requests of the busiest of ``ranks`` ranks, to which the deployment deals them in turn."""
    random = np.random.default_rng(traffic.seed)
    if traffic.trace is not None:
        return _of_trace(traffic, ranks)
    if traffic.arrivals is Arrivals.CLOSED_LOOP:
        slots = -(-workload.batch_size // ranks)
        arrival = np.full(traffic.total_requests(slots), np.inf)
        arrival[:slots] = 0.0
    else:
        count = -(-traffic.total_requests(workload.batch_size) // ranks)
        arrival = np.cumsum(_gaps(traffic, ranks, count, random))
    return _requests(
        arrival,
        _lengths(workload.input_seq_length, traffic.length_spread, len(arrival), random),
        _lengths(workload.output_seq_length, traffic.length_spread, len(arrival), random),
        traffic.prefix_cache_hit_rate,
    )


def _of_trace(traffic: TrafficSpec, ranks: int) -> Requests:
    """Every ``ranks``-th row of the trace from the first on, in order of arrival."""
    rows = sorted(traffic.trace or (), key=lambda row: row[0])[::ranks]
    arrival, prompt, output = (np.array(column) for column in zip(*rows, strict=True))
    return _requests(arrival.astype(float), prompt, output, traffic.prefix_cache_hit_rate)


def _gaps(traffic: TrafficSpec, ranks: int, count: int, random: Generator) -> Array:
    r"""Seconds between arrivals on one rank; shape [N].

    A gap of coefficient of variation c is gamma-distributed with shape :math:`1/c^2` (c = 1:
    Poisson). One rank of n gets every n-th request: n gaps of the deployment in sum have shape
    :math:`n/c^2`.
    """
    variation = traffic.burstiness or 1.0
    shape = ranks / variation**2
    mean = ranks / (traffic.request_rate or 1.0)
    return random.gamma(shape, mean / shape, count)


def _lengths(nominal: int, spread: float, count: int, random: Generator) -> IntArray:
    """Token counts drawn evenly from ``(1 - spread) * nominal`` to ``nominal``; at least one."""
    if spread == 0:
        return np.full(count, nominal)
    shortest = max(round(nominal * (1 - spread)), 1)
    return random.integers(shortest, nominal, size=count, endpoint=True)


def _requests(arrival: Array, prompt: IntArray, output: IntArray, hit_rate: float) -> Requests:
    """The columns together; the last prompt token is computed even when all others are cached."""
    cached = np.minimum(np.floor(hit_rate * prompt).astype(int), prompt - 1)
    return Requests(arrival, prompt, cached, output)
