"""The requests that reach the deployment and its data-parallel ranks, as columns.

Axes: N is the number of requests; every column has shape [N], in order of arrival.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.specs.traffic import Arrivals, TrafficSpec
from llm_simulator.planner.specs.workload import WorkloadSpec
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

    def __getitem__(self, rows: NDArray[np.bool_ | np.integer]) -> "Requests":
        """The requests of ``rows``, in their order."""
        columns = (getattr(self, field.name)[rows] for field in fields(self))
        return Requests(*columns)


def offered_requests(workload: WorkloadSpec, traffic: TrafficSpec) -> Requests:
    """All requests that reach the deployment."""
    if traffic.trace is not None:
        return _of_trace(traffic)
    random = np.random.default_rng(traffic.seed)
    count = traffic.total_requests(workload.batch_size)
    if traffic.arrivals is Arrivals.CLOSED_LOOP:
        arrival = np.where(np.arange(count) < workload.batch_size, 0.0, np.inf)
    else:
        arrival = np.cumsum(_gaps(traffic, count, random))
    return _requests(
        arrival,
        _lengths(workload.input_seq_length, traffic.length_spread, count, random),
        _lengths(workload.output_seq_length, traffic.length_spread, count, random),
        traffic.prefix_cache_hit_rate,
    )


def dealt(requests: Requests, *, ranks: int, slots: int | None) -> list[Requests]:
    """The requests of each of ``ranks`` ranks that gets any, dealt in turn.

    In a closed loop it is the ``slots`` that are dealt, each with all its requests.
    """
    turn = np.arange(len(requests)) % (slots or max(len(requests), 1)) % ranks
    order = np.argsort(turn, kind="stable")
    borders = np.flatnonzero(np.diff(turn[order])) + 1
    return [requests[rows] for rows in np.split(order, borders)]


def together(parts: Sequence[Requests]) -> Requests:
    """The requests of several ranks, one after the other."""
    return Requests(
        *(
            np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Requests)
        )
    )


def _of_trace(traffic: TrafficSpec) -> Requests:
    rows = sorted(traffic.trace or (), key=lambda row: row[0])
    arrival, prompt, output = (np.array(column) for column in zip(*rows, strict=True))
    return _requests(arrival.astype(float), prompt, output, traffic.prefix_cache_hit_rate)


def _gaps(traffic: TrafficSpec, count: int, random: "np.random.Generator") -> Array:
    r"""Seconds between arrivals; shape [N].

    A gap of coefficient of variation c is gamma-distributed with shape :math:`1/c^2`; c = 1 is
    Poisson traffic.
    """
    shape = (traffic.burstiness or 1.0) ** -2
    return random.gamma(shape, 1 / (traffic.request_rate or 1.0) / shape, count)


def _lengths(nominal: int, spread: float, count: int, random: "np.random.Generator") -> IntArray:
    """Token counts drawn evenly from ``(1 - spread) * nominal`` to ``nominal``; at least one."""
    if spread == 0:
        return np.full(count, nominal)
    shortest = max(round(nominal * (1 - spread)), 1)
    return random.integers(shortest, nominal, size=count, endpoint=True)


def _requests(arrival: Array, prompt: IntArray, output: IntArray, hit_rate: float) -> Requests:
    """The columns together; the last prompt token is computed even when all others are cached."""
    cached = np.minimum(np.floor(hit_rate * prompt).astype(int), prompt - 1)
    return Requests(arrival, prompt, cached, output)
