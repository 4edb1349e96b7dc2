r"""Which plan is better: the score, higher is better.

=====================  =============================================
objective              score
=====================  =============================================
throughput_per_chip    output tokens per second and chip
throughput             output tokens per second of the deployment
ttft                   1 / TTFT, per second
tpot                   1 / TPOT, tokens per second of one user
=====================  =============================================

Equal scores rank by fewer chips, then by the order of enumeration.
"""

from collections.abc import Callable, Mapping

import numpy as np

from llm_simulator.plans.table import PlanTable
from llm_simulator.serving.disaggregated import MatchedPools
from llm_simulator.serving.steady_state import SteadyState
from llm_simulator.specs.search import Objective
from llm_simulator.units import Array, IntArray

Served = SteadyState | MatchedPools
Placed = PlanTable | MatchedPools

_SCORES: Mapping[Objective, Callable[[Served, Placed], Array]] = {
    Objective.THROUGHPUT_PER_CHIP: lambda steady, plans: steady.throughput / plans.chips,
    Objective.THROUGHPUT: lambda steady, _: steady.throughput,
    Objective.TTFT: lambda steady, _: 1 / steady.ttft,
    Objective.TPOT: lambda steady, _: 1 / steady.tpot,
}


def score(objective: Objective, steady: Served, plans: Placed) -> Array:
    """The score of every plan; shape [P]."""
    return _SCORES[objective](steady, plans)


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
