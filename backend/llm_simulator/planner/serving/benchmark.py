"""What a finite closed-loop benchmark reports: the steady state after an opening burst."""

from dataclasses import dataclass, replace

import numpy as np

from llm_simulator.planner.costs.memory import requests_per_rank, resident_memory, running_requests
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.loop import Loop, Phases, StepTimes, opening_burst
from llm_simulator.planner.serving.steady_state import loop_of, serving, step_times
from llm_simulator.planner.specs.calibration import EngineFactors
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, Count, Seconds

LEAST_CACHE = 0.05
"""Share of the memory that a run had for its cache at least: else it would not have run."""


@dataclass(frozen=True)
class BenchmarkLatency:
    """Means over all requests of a run; seconds, columns of shape [P]."""

    ttft: Array
    tpot: Array
    nearness: Array
    """1 within what was measured to calibrate on, 0 far from it."""


def admitted_requests(deployment: Deployment, plans: PlanTable, reserved_output: float) -> Count:
    """Requests of a rank that the cache holds at once, ``reserved_output`` of each output; [P].

    At most those that run at once, at least one. Engines that reserve whole outputs pass 1, those
    that grow a request block by block about 0.5: in the mean half of it is there.
    """
    workload, memory = deployment.workload, resident_memory(deployment, plans)
    running = running_requests(deployment, requests_per_rank(deployment, plans))
    capacity = deployment.chip.memory_capacity
    whole = workload.input_seq_length + workload.output_seq_length
    kept = workload.input_seq_length + reserved_output * workload.output_seq_length
    per_request = memory.kv_cache / running * kept / whole
    return np.clip(
        np.floor(np.maximum(memory.room, LEAST_CACHE * capacity) / per_request), 1, running
    )


def benchmark_latency(
    deployment: Deployment, plan: PlanTable, reserved_output: float
) -> BenchmarkLatency:
    """Mean latencies of a run of one plan in which every slot starts at once."""
    running, ahead = running_deployment(deployment, plan, reserved_output)
    served = serving(running, plan)
    loop = loop_of(running, plan, served.batch)
    times = step_times(running, served.batch, served.decode, served.mixed)
    factors = running.calibration.factors
    ttft = benchmark_ttft(served.phases, loop, times, factors, ahead)
    return BenchmarkLatency(
        ttft=np.asarray(ttft * served.ttft_correction),
        tpot=np.asarray(served.tpot),
        nearness=served.nearness,
    )


def running_deployment(
    deployment: Deployment, plan: PlanTable, reserved_output: float
) -> tuple[Deployment, Count]:
    """The deployment with as many requests as run at once, and the turns others wait for; [1]."""
    requests = requests_per_rank(deployment, plan)
    admitted = admitted_requests(deployment, plan, reserved_output)
    batch = min(int(np.ravel(admitted * plan.dp)[0]), deployment.workload.batch_size)
    workload = deployment.workload.model_copy(update={"batch_size": batch})
    return replace(deployment, workload=workload), requests / admitted - 1


def benchmark_ttft(
    parts: Phases, loop: Loop, times: StepTimes, factors: EngineFactors, turns: Count
) -> Seconds:
    """Mean time to first token over a whole run, before any correction; elementwise.

    Beside the steady state: the wait of the opening burst, the wait for a place of engines that
    run one request less than offered, and ``turns`` whole requests where the cache is too small.
    """
    turn = parts.ttft + (loop.output_tokens - 1) * parts.tpot
    burst = factors.opening_burst * opening_burst(loop, times)
    slot = factors.slot_wait * turn / loop.requests
    return parts.ttft + burst + slot + turns * turn
