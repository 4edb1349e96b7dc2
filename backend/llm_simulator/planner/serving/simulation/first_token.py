"""From the simulated schedule to the first token that a user sees.

The schedule knows queues and steps. What engines add to them is calibrated in the closed form
(``serving.loop``): slower steps of a prompt's own, looks at new requests, the host, and how much of
a benchmark's mean its opening burst makes up. Here the same is added to every request.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.benchmark import benchmark_latency
from llm_simulator.planner.serving.loop import steps_before_admission
from llm_simulator.planner.serving.simulation.requests import Requests
from llm_simulator.planner.serving.steady_state import loop_of, serving
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.traffic import DEFAULT_REQUESTS_PER_SLOT, Arrivals, TrafficSpec
from llm_simulator.units import Array

MOST_ADMISSION_STEPS = 1.5
"""Decode steps until an engine takes in a prompt: half of the one at work, and one to schedule.

Engines whose runs show more in the mean compiled kernels meanwhile: their medians show less.
"""


def time_to_first_token(
    deployment: Deployment,
    plan: PlanTable,
    traffic: TrafficSpec,
    simulated: Array,
    requests: Requests,
) -> Array:
    """Seconds of every request as its user sees them, out of those of the schedule; shape [N].

    In a closed loop their mean is at least that of ``benchmark_latency``: what the schedule lacks
    is waited in the opening burst. It is more where requests of one length stay in step.
    """
    served = serving(deployment, plan)
    factors, parts = deployment.calibration.factors, served.phases
    computed = requests.prompt - requests.cached
    own = np.ravel(parts.prefill_steps)[0] * (1 - 1 / factors.prompt_steps)
    loop = loop_of(deployment, plan, served.batch)
    usual = steps_before_admission(loop, factors, MOST_ADMISSION_STEPS)
    admission = parts.admission * usual / steps_before_admission(loop, factors)
    added = np.ravel(admission)[0] + own * computed / computed.mean()
    host = factors.first_token_overhead + factors.prompt_token_overhead * requests.prompt
    seen = np.asarray((simulated + added + host) * served.ttft_correction)
    if traffic.arrivals is not Arrivals.CLOSED_LOOP:
        return seen
    return _with_mean(_benchmark_mean(deployment, plan, traffic), seen, requests.arrival == 0)


def _benchmark_mean(deployment: Deployment, plan: PlanTable, traffic: TrafficSpec) -> float:
    """Mean TTFT of the closed loop; the opening burst is one of each slot's requests."""
    workload, calibration = deployment.workload, deployment.calibration
    share = DEFAULT_REQUESTS_PER_SLOT / (traffic.requests_per_slot or DEFAULT_REQUESTS_PER_SLOT)
    burst = calibration.factors.opening_burst * share
    factors = calibration.factors.model_copy(update={"opening_burst": burst})
    lengths = {
        name: max(round((1 - traffic.length_spread / 2) * getattr(workload, name)), 1)
        for name in ("input_seq_length", "output_seq_length")
    }
    cached = {"prefix_cache_hit_rate": traffic.prefix_cache_hit_rate}
    drawn = replace(
        deployment,
        workload=workload.model_copy(update=lengths | cached),
        calibration=calibration.model_copy(update={"factors": factors}),
    )
    return float(benchmark_latency(drawn, plan, reserved_output=1.0).ttft[0])


def _with_mean(mean: float, seconds: Array, opening: NDArray[np.bool_]) -> Array:
    """``seconds`` with this mean at least: what they lack falls on the ``opening`` requests."""
    lacking = max(mean - seconds.mean(), 0.0) * len(seconds)
    return seconds + opening * (lacking / opening.sum())
