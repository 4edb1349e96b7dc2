r"""Which plan is better: the score, higher is better.

=====================  =============================================
objective              score
=====================  =============================================
throughput_per_chip    output tokens per second and chip
throughput             output tokens per second of the deployment
goodput                requests per second, all of them within the limits
ttft                   1 / TTFT, per second
tpot                   1 / TPOT, tokens per second of one user
chips                  1 / chips
cost                   output tokens per USD
energy                 output tokens per joule
=====================  =============================================

Equal scores rank by fewer chips, then by the order of enumeration. Goodput counts feasible plans
only, whose mean latencies keep the limits; a simulation (``inference.traffic``) counts single
requests. A cautious search has the score that a plan reaches with 80 %: its 20 % quantile.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from llm_simulator.planner.costs.prices import tokens_per_usd
from llm_simulator.planner.search.caution import Cautious, Expected
from llm_simulator.planner.specs.search import Objective
from llm_simulator.units import Array, Count, IntArray

Served = Expected | Cautious
"""What is judged; a bound has the score that nothing within it exceeds."""

_SCORES: Mapping[Objective, Callable[[Served], Count]] = {
    Objective.THROUGHPUT_PER_CHIP: lambda served: served.throughput / served.chips,
    Objective.THROUGHPUT: lambda served: served.throughput,
    Objective.GOODPUT: lambda served: served.request_rate,
    Objective.TTFT: lambda served: 1 / served.ttft,
    Objective.TPOT: lambda served: 1 / served.tpot,
    Objective.CHIPS: lambda served: 1 / served.chips,
    Objective.COST: lambda served: tokens_per_usd(served.throughput, served.usd_per_hour),
    Objective.ENERGY: lambda served: served.throughput / served.watts,
}


def score(objective: Objective, served: Served) -> Array:
    """The score of everything ``served``, in the shape of its chips or one that spreads to it."""
    return np.asarray(_SCORES[objective](served))


def scores(objectives: Sequence[Objective], served: Served) -> Array:
    """The score under each of the ``objectives``; shape [..., K]."""
    found = np.empty((*served.chips.shape, len(objectives)))
    for column, objective in enumerate(objectives):
        found[..., column] = score(objective, served)
    return found


def best_first(scores: Array, chips: IntArray, index: IntArray, top_k: int) -> IntArray:
    """Rows of the ``top_k`` best plans, best first.

    >>> best_first(np.array([1.0, 3.0, 3.0]), np.array([8, 16, 8]), np.array([0, 1, 2]), 2)
    array([2, 1])
    """
    if len(scores) > top_k:
        # Everything at least as good as the k-th, ties included, before the exact order.
        threshold = np.partition(scores, len(scores) - top_k)[len(scores) - top_k]
        rows = np.flatnonzero(scores >= threshold)
    else:
        rows = np.arange(len(scores))
    order = np.lexsort((index[rows], chips[rows], -scores[rows]))
    return rows[order][:top_k]
