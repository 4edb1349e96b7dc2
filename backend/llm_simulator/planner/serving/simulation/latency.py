"""The latencies that single users of one plan see under given traffic."""

from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.costs.memory import requests_per_rank, resident_memory, running_requests
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.simulation.engine import (
    BLOCK,
    Engine,
    Timeline,
    blocks,
    simulate,
)
from llm_simulator.planner.serving.simulation.first_token import time_to_first_token
from llm_simulator.planner.serving.simulation.metrics import (
    Distribution,
    Latencies,
    distribution,
    inter_token,
    keep_limits,
    latencies,
    queue_growth,
)
from llm_simulator.planner.serving.simulation.requests import (
    Requests,
    dealt,
    offered_requests,
    together,
)
from llm_simulator.planner.serving.simulation.step_law import Range, StepLaw, step_law
from llm_simulator.planner.serving.steady_state import LoadCorrection, load_correction
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.traffic import Arrivals, TrafficSpec
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
    """Of all requests, those that kept the limits on latency."""
    goodput: float
    """Requests served within the limits per second."""
    requests: int
    rejected: int
    """Of all requests, those longer than the cache, which are never served."""
    overloaded: bool
    """Whether requests came faster than they were served: latencies grow as long as this lasts."""
    cache_tokens: int
    """Tokens that the cache of a rank can hold."""


def simulated_latency(
    deployment: Deployment, plan: PlanTable, traffic: TrafficSpec
) -> SimulatedLatency | None:
    """The latencies of a table of one ``plan``; None when its cache is too small for any of them.

    Every data-parallel rank is an engine of its own; requests are dealt to them in turn. Where
    ranks share experts they are taken to be equally busy. All engines together run ``batch_size``
    requests at once at most, each its share rounded up. The limits are those of the load.
    """
    offered = offered_requests(deployment.workload, traffic)
    engine = rank_engine(deployment, plan)
    served = offered[blocks(offered.total) <= engine.cache_blocks]
    # A cache too small for the load's own requests is a plan that does not fit.
    if not len(served) or (traffic.trace is None and len(served) < len(offered)):
        return None
    law = plan_law(deployment, plan, engine, served)
    closed = traffic.arrivals is Arrivals.CLOSED_LOOP
    slots = deployment.workload.batch_size if closed else None
    parts = dealt(served, ranks=int(plan.dp[0]), slots=slots)
    timeline = Timeline.together([simulate(engine, law, part) for part in parts])
    return _figures(
        deployment,
        plan,
        traffic,
        timeline,
        together(parts),
        offered=len(offered),
        overloaded=not closed and queue_growth(timeline) > OVERLOADED,
        cache_tokens=engine.cache_blocks * BLOCK,
    )


def rank_engine(deployment: Deployment, plan: PlanTable) -> Engine:
    """What one data-parallel rank of a table of one ``plan`` can hold."""
    budget = deployment.workload.max_batched_tokens * int(plan.pp[0])
    running = running_requests(deployment, requests_per_rank(deployment, plan))
    return Engine(
        places=min(int(_of_plan(running)), budget),
        token_budget=budget,
        cache_blocks=_cache_blocks(deployment, plan),
    )


def _cache_blocks(deployment: Deployment, plan: PlanTable) -> int:
    """Blocks in the memory that weights, activations and runtime leave.

    A token costs what it does in the mean over a request of the load's own lengths, windows and
    constant states included.
    """
    workload, memory = deployment.workload, resident_memory(deployment, plan)
    left = float(memory.room[0])
    length = workload.input_seq_length + workload.output_seq_length
    running = running_requests(deployment, requests_per_rank(deployment, plan))
    per_request = _of_plan(memory.kv_cache) / _of_plan(running)
    tokens = left / per_request * length
    whole = int(tokens // BLOCK)
    # Rounding to blocks turns away no request that the memory was found to hold.
    return max(whole, blocks(length)) if tokens >= length else max(whole, 0)


def _of_plan(column: Count) -> float:
    """The figure of the only plan."""
    return float(np.ravel(column)[0])


def plan_law(
    deployment: Deployment, plan: PlanTable, engine: Engine, requests: Requests
) -> StepLaw:
    """The step times of a table of one ``plan``, good for ``requests`` on ``engine``."""
    within = Range(
        decoding=min(engine.places, len(requests)),
        shortest=int(requests.prompt.min()) + 1,
        longest=int(requests.total.max()),
        prompt=int(requests.prompt.max()),
    )
    return step_law(deployment, plan, within)


def _figures(
    deployment: Deployment,
    plan: PlanTable,
    traffic: TrafficSpec,
    timeline: Timeline,
    served: Requests,
    *,
    offered: int,
    overloaded: bool,
    cache_tokens: int,
) -> SimulatedLatency:
    """The figures of a timeline of ``served`` requests out of so many ``offered``."""
    workload, simulated = deployment.workload, latencies(timeline, served)
    per_token = _of_plan(_correction(deployment, plan).tpot)
    taken = _as_users_see(deployment, plan, traffic, simulated, served)
    kept = keep_limits(
        taken,
        max_ttft=_seconds(workload.max_ttft_ms),
        max_tpot=_seconds(workload.max_tpot_ms),
        max_e2e_latency=_seconds(workload.max_e2e_latency_ms),
    ).sum()
    duration = max(timeline.finish) - min(timeline.arrival)
    if traffic.arrivals is Arrivals.CLOSED_LOOP:
        # In a closed loop requests follow each other faster or slower as each takes less or more.
        duration *= float(taken.end_to_end.mean() / simulated.end_to_end.mean())
    return SimulatedLatency(
        ttft=distribution(taken.ttft),
        tpot=distribution(taken.tpot) if timeline.stretch_gaps else None,
        inter_token=inter_token(timeline).scaled(per_token) if timeline.stretch_gaps else None,
        end_to_end=distribution(taken.end_to_end),
        throughput=float(served.output.sum()) / duration,
        request_rate=len(served) / duration,
        share_within_limits=float(kept) / offered,
        goodput=float(kept) / duration,
        requests=offered,
        rejected=offered - len(served),
        overloaded=overloaded,
        cache_tokens=cache_tokens,
    )


def _as_users_see(
    deployment: Deployment,
    plan: PlanTable,
    traffic: TrafficSpec,
    simulated: Latencies,
    served: Requests,
) -> Latencies:
    """Simulated latencies as engines were measured to add to them."""
    ttft = time_to_first_token(deployment, plan, traffic, simulated.ttft, served)
    tpot = simulated.tpot * _of_plan(_correction(deployment, plan).tpot)
    others = np.where(served.output > 1, (served.output - 1) * np.nan_to_num(tpot), 0.0)
    return Latencies(ttft=ttft, tpot=tpot, end_to_end=ttft + others)


def _correction(deployment: Deployment, plan: PlanTable) -> LoadCorrection:
    """What calibration corrects the plan's latencies by at the workload's concurrency."""
    running = running_requests(deployment, requests_per_rank(deployment, plan))
    return load_correction(deployment, plan, running)


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds * MILLI
