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

Equal scores (``order``) rank by fewer chips, then by shorter latency of a whole request, then by
fewer requests in flight, then by the order of enumeration: so the fewest chips that carry a rate
are those where a request is done soonest, at the smallest concurrency that carries it. Goodput
counts feasible plans only, whose mean latencies keep the limits; a simulation
(``inference.traffic``) counts single requests. A cautious search has the score that a plan reaches
with 80 %: its 20 % quantile.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from llm_simulator.planner.costs.prices import tokens_per_usd
from llm_simulator.planner.search.caution import Cautious, Expected
from llm_simulator.planner.specs.search import Objective
from llm_simulator.units import Array, Count

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


def latency(served: Served) -> Array:
    """Seconds from a request's arrival to its last token; infinite where that was spared.

    In single precision, so that what sums lose on the way does not decide between equals.
    """
    others = served.deployment.workload.output_seq_length - 1
    seconds = np.nan_to_num(served.ttft + others * served.tpot, nan=np.inf)
    return seconds.astype(np.float32).astype(np.float64)
