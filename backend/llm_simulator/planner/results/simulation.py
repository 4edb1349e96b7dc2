"""Simulated figures of the plans that are shown, in the units of a result."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.result import Percentiles, PlanResult, Simulated
from llm_simulator.planner.search.prepared import MOST_SIMULATED
from llm_simulator.planner.search.question import Question
from llm_simulator.planner.serving.simulation.latency import SimulatedLatency, simulated_latency
from llm_simulator.planner.serving.simulation.metrics import Distribution
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import MILLI


def simulated_figures(
    question: Question,
    plans: PlanTable,
    concurrency: NDArray[np.int64],
    feasible: NDArray[np.bool_],
) -> list[Simulated | None]:
    """Figures of the first feasible plans, None for the others; None for all without traffic."""
    figures: list[Simulated | None] = [None] * len(plans)
    deployment = _with_limits(question)
    traffic = deployment.workload.traffic
    if traffic is None:
        return figures
    for row in np.flatnonzero(feasible)[:MOST_SIMULATED].tolist():
        running = deployment.at_concurrency(int(concurrency[row]))
        seconds = simulated_latency(running, plans[slice(row, row + 1)], traffic)
        figures[row] = None if seconds is None else _shown(seconds)
    return figures


def overload_warning(plans: Sequence[PlanResult]) -> list[str]:
    """A sentence about plans that are simulated above their capacity, if there are any."""
    figures = [plan["simulated"] for plan in plans if plan["simulated"] is not None]
    overloaded = sum(figure["overloaded"] for figure in figures)
    if not overloaded:
        return []
    return [
        f"Requests arrive faster than {overloaded} of {len(figures)} simulated plans serve them; "
        "their latencies grow as long as the traffic lasts. Lower request_rate, or raise "
        "batch_size if memory allows."
    ]


def _with_limits(question: Question) -> Deployment:
    """The deployment with the limits in force, the stricter ones of load and search."""
    limits = question.limits
    workload = question.deployment.workload.model_copy(
        update={"max_ttft_ms": _milli(limits.max_ttft), "max_tpot_ms": _milli(limits.max_tpot)}
    )
    return replace(question.deployment, workload=workload)


def _milli(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / MILLI


def _shown(figures: SimulatedLatency) -> Simulated:
    return Simulated(
        ttft=_percentiles(figures.ttft),
        tpot=figures.tpot and _percentiles(figures.tpot),
        inter_token=figures.inter_token and _percentiles(figures.inter_token),
        end_to_end=_percentiles(figures.end_to_end),
        throughput=figures.throughput,
        request_rate=figures.request_rate,
        share_within_limits=figures.share_within_limits,
        goodput=figures.goodput,
        requests=figures.requests,
        rejected=figures.rejected,
        overloaded=figures.overloaded,
        cache_tokens=figures.cache_tokens,
    )


def _percentiles(seconds: Distribution) -> Percentiles:
    return Percentiles(
        mean_ms=seconds.mean / MILLI,
        p50_ms=seconds.p50 / MILLI,
        p90_ms=seconds.p90 / MILLI,
        p99_ms=seconds.p99 / MILLI,
    )
