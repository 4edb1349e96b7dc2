"""The latencies that single users of one plan see under given traffic."""

from dataclasses import dataclass

import numpy as np

from llm_simulator.costs.memory import requests_per_rank, resident_memory
from llm_simulator.plans.table import PlanTable
from llm_simulator.serving.simulation.engine import BLOCK, Engine, Timeline, blocks, simulate
from llm_simulator.serving.simulation.metrics import (
    Distribution,
    distribution,
    inter_token,
    keep_limits,
    latencies,
    queue_growth,
)
from llm_simulator.serving.simulation.requests import Requests, rank_requests
from llm_simulator.serving.simulation.step_law import Range, StepLaw, step_law
from llm_simulator.specs.deployment import Deployment
from llm_simulator.specs.traffic import Arrivals, TrafficSpec
from llm_simulator.units import MILLI, Count

OVERLOADED = 0.05
"""Growth of the queue, in seconds per second, above which a load counts as above capacity."""


@dataclass(frozen=True)
class SimulatedLatency:
    """What the users of one plan see; seconds, and rates of the whole deployment."""

    ttft: Distribution
    tpot: Distribution | None
    """Over requests' means; None when no request has a second token."""
    inter_token: Distribution | None
    """Over single gaps between tokens."""
    end_to_end: Distribution
    throughput: float
    """Output tokens per second, from the first arrival to the last token."""
    request_rate: float
    """Requests served per second."""
    share_within_limits: float
    """Of all requests, those that kept the limits of TTFT and TPOT."""
    goodput: float
    """Requests served within the limits per second."""
    requests: int
    """Requests simulated: those of the busiest data-parallel rank."""
    rejected: int
    """Of these, requests longer than the cache, which are never served."""
    overloaded: bool
    """Whether requests came faster than they were served: latencies grow as long as this lasts."""
    cache_tokens: int
    """Tokens that the cache of a rank can hold."""


def simulated_latency(
    deployment: Deployment, plan: PlanTable, traffic: TrafficSpec
) -> SimulatedLatency | None:
    """The latencies of a table of one ``plan``; None when not one request fits into its cache.

    Simulated is the busiest data-parallel rank with its share of the requests, dealt in turn; the
    other ranks are taken to be as busy. The engines of all ranks together run ``batch_size``
    requests at once at most. The limits are those of the load.
    """
    offered = rank_requests(deployment.workload, traffic, ranks=int(plan.dp[0]))
    engine = rank_engine(deployment, plan)
    served = offered[blocks(offered.total) <= engine.cache_blocks]
    # A cache too small for the load's own requests is a plan that does not fit.
    if not len(served) or (traffic.trace is None and len(served) < len(offered)):
        return None
    timeline = simulate(engine, _law(deployment, plan, engine, served), served)
    return _summary(deployment, traffic, engine, timeline, served, len(offered))


def rank_engine(deployment: Deployment, plan: PlanTable) -> Engine:
    """What one data-parallel rank of a table of one ``plan`` can hold."""
    budget = deployment.workload.max_batched_tokens * int(plan.pp[0])
    return Engine(
        places=min(int(_of_plan(requests_per_rank(deployment, plan))), budget),
        token_budget=budget,
        cache_blocks=_cache_blocks(deployment, plan),
    )


def _cache_blocks(deployment: Deployment, plan: PlanTable) -> int:
    """Blocks in the memory that weights, activations and runtime leave.

    A token costs what it does in the mean over a request of the load's own lengths, windows and
    constant states included.
    """
    workload, memory = deployment.workload, resident_memory(deployment, plan)
    usable = deployment.chip.memory_capacity * workload.memory_utilization
    left = usable - (float(memory.total[0]) - _of_plan(memory.kv_cache))
    length = workload.input_seq_length + workload.output_seq_length
    per_request = _of_plan(memory.kv_cache) / _of_plan(requests_per_rank(deployment, plan))
    tokens = left / per_request * length
    whole = int(tokens // BLOCK)
    # Rounding to blocks turns away no request that the memory was found to hold.
    return max(whole, blocks(length)) if tokens >= length else max(whole, 0)


def _of_plan(column: Count) -> float:
    """The figure of the only plan."""
    return float(np.ravel(column)[0])


def _law(deployment: Deployment, plan: PlanTable, engine: Engine, requests: Requests) -> StepLaw:
    within = Range(
        decoding=min(engine.places, len(requests)),
        shortest=int(requests.prompt.min()) + 1,
        longest=int(requests.total.max()),
        prompt=int(requests.prompt.max()),
    )
    return step_law(deployment, plan, within)


def _summary(
    deployment: Deployment,
    traffic: TrafficSpec,
    engine: Engine,
    timeline: Timeline,
    served: Requests,
    offered: int,
) -> SimulatedLatency:
    """The figures of a timeline, rates scaled from the rank to the deployment."""
    workload = deployment.workload
    taken = latencies(timeline, served)
    within = keep_limits(
        taken,
        max_ttft=_seconds(workload.max_ttft_ms),
        max_tpot=_seconds(workload.max_tpot_ms),
    )
    duration = max(timeline.finish) - min(timeline.arrival)
    per_second = traffic.total_requests(workload.batch_size) / offered / duration
    open_loop = traffic.arrivals is not Arrivals.CLOSED_LOOP
    return SimulatedLatency(
        ttft=distribution(taken.ttft),
        tpot=distribution(taken.tpot) if (served.output > 1).any() else None,
        inter_token=inter_token(timeline) if timeline.stretch_gaps else None,
        end_to_end=distribution(taken.end_to_end),
        throughput=float(served.output.sum()) * per_second,
        request_rate=len(served) * per_second,
        share_within_limits=float(within.sum()) / offered,
        goodput=float(within.sum()) * per_second,
        requests=len(served),
        rejected=offered - len(served),
        overloaded=open_loop and queue_growth(timeline) > OVERLOADED,
        cache_tokens=engine.cache_blocks * BLOCK,
    )


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds * MILLI
