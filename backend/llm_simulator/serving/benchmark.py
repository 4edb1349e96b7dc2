"""What a finite closed-loop benchmark reports: the steady state after an opening burst."""

from dataclasses import dataclass

import numpy as np

from llm_simulator.plans.table import PlanTable
from llm_simulator.serving.steady_state import serving
from llm_simulator.specs.deployment import Deployment
from llm_simulator.units import Array, Count, Seconds


@dataclass(frozen=True)
class BenchmarkLatency:
    """Means over all requests of a run; seconds, columns of shape [P]."""

    ttft: Array
    tpot: Array


def benchmark_latency(
    deployment: Deployment, plans: PlanTable, requests_per_slot: int
) -> BenchmarkLatency:
    """Mean latencies of a run in which every slot starts at once and serves a few requests."""
    served = serving(deployment, plans)
    parts = served.phases
    alone = parts.ttft - parts.queueing
    burst = burst_ttft(
        alone=alone,
        demand=served.mixed.time * served.batch.mixed_steps_per_request,
        requests=served.batch.requests,
    )
    ttft = parts.ttft + np.maximum(burst - parts.ttft, 0.0) / requests_per_slot
    return BenchmarkLatency(ttft=np.asarray(ttft), tpot=np.asarray(parts.tpot))


def burst_ttft(*, alone: Seconds, demand: Seconds, requests: Count) -> Seconds:
    """Mean time to first token of ``requests`` that arrive at once and are served in turn.

    The first waits for nobody, the last for all others: half of the others in the mean.

    >>> burst_ttft(alone=2.0, demand=1.0, requests=5)
    4.0
    """
    return alone + (requests - 1) / 2 * demand
