"""Simulated figures of the plans that are shown, in the units of a result."""

from collections.abc import Iterable
from dataclasses import replace

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.plan import Percentiles, Simulated
from llm_simulator.planner.search.outcome import Aggregated, Candidate
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.serving.simulation.latency import SimulatedLatency, simulated_latency
from llm_simulator.planner.serving.simulation.metrics import Distribution
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.units import MILLI

MOST_SIMULATED = 20
"""Plans simulated per evaluation: bounds its last step to a minute of the largest simulations."""


def first_simulated(problem: SearchProblem, feasible: Iterable[Candidate]) -> dict[int, Simulated]:
    """Figures of the first ``feasible`` plans by their index; none without traffic or for pools."""
    if problem.deployment.workload.traffic is None:
        return {}
    plans = {c.index: c for c in feasible if isinstance(c, Aggregated)}
    figures = {
        index: simulated(problem, candidate)
        for index, candidate in [*plans.items()][:MOST_SIMULATED]
    }
    return {index: found for index, found in figures.items() if found is not None}


def simulated(problem: SearchProblem, candidate: Candidate) -> Simulated | None:
    """What single users of a plan see; None where nothing can be simulated."""
    deployment = _with_limits(problem)
    traffic = deployment.workload.traffic
    if traffic is None or not isinstance(candidate, Aggregated):
        return None
    running = deployment.at_concurrency(candidate.batch_size)
    seconds = simulated_latency(running, PlanTable.of(candidate.parallelism), traffic)
    return None if seconds is None else _shown(seconds)


def overload_warning(simulated: Iterable[Simulated]) -> list[EvaluationWarning]:
    """A warning about plans that are simulated above their capacity, if there are any."""
    figures = list(simulated)
    overloaded = sum(figure.overloaded for figure in figures)
    if not overloaded:
        return []
    return [
        EvaluationWarning.of(
            "overloaded",
            "Requests arrive faster than {overloaded} of {simulated} simulated plans serve them; "
            "their latencies grow as long as the traffic lasts. Lower request_rate, or raise "
            "batch_size if memory allows.",
            overloaded=overloaded,
            simulated=len(figures),
        )
    ]


def _with_limits(problem: SearchProblem) -> Deployment:
    """The deployment with the limits in force, the stricter ones of load and search."""
    limits = problem.limits
    workload = problem.deployment.workload.model_copy(
        update={
            "max_ttft_ms": _milli(limits.max_ttft),
            "max_tpot_ms": _milli(limits.max_tpot),
            "max_e2e_latency_ms": _milli(limits.max_e2e_latency),
        }
    )
    return replace(problem.deployment, workload=workload)


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
