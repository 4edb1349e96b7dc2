"""The full figures of the few plans that are shown."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from llm_simulator.planner.costs.memory import Memory, held_by, requests_per_rank, resident_memory
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.economics import plan_economics
from llm_simulator.planner.results.intervals import certainty
from llm_simulator.planner.results.result import (
    Latency,
    MemoryPart,
    MemoryUse,
    MissedLimit,
    OperatorLatency,
    PhaseLatency,
    PlanResult,
)
from llm_simulator.planner.results.simulation import simulated_figures
from llm_simulator.planner.search.limits import (
    Limit,
    latency_limits,
    memory_limit,
    rate_limits,
    usable_memory,
    worst_overshoot,
)
from llm_simulator.planner.search.outcome import Candidate
from llm_simulator.planner.search.question import Question
from llm_simulator.planner.search.ranking import score
from llm_simulator.planner.serving.breakdown import Breakdown, OperatorTime, breakdown
from llm_simulator.planner.serving.steady_state import SteadyState, serving, state_of
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import GIGA, MILLI, Seconds

_KINDS = ("compute", "memory", "communication", "overhead", "waiting")
_MEMORY_PARTS = ("weights", "kv_cache", "activations", "runtime")


def plan_results(question: Question, candidates: Sequence[Candidate]) -> list[PlanResult]:
    """The figures of ``candidates``, in their order; breakdowns for the feasible ones."""
    if not candidates:
        return []
    plans = table_of(candidates)
    deployment = question.deployment
    concurrency = np.array([candidate["batch_size"] for candidate in candidates])
    requests = requests_per_rank(deployment, plans, concurrency)
    served = serving(deployment, plans, requests)
    steady = state_of(served, concurrency)
    memory = resident_memory(deployment, plans, held_by(deployment, requests))
    limits = _limits(question, steady, memory)
    scores = score(question.objective, steady)
    latencies = latency_parts(breakdown(served), len(plans))
    simulated = simulated_figures(question, plans, concurrency, worst_overshoot(limits) <= 1)
    rows = plans.rows()
    results = []
    for row in range(len(plans)):
        misses = [limit for limit in limits if limit.overshoot[row] > 1]
        feasible = not misses
        ttft, tpot = float(steady.ttft[row] / MILLI), float(steady.tpot[row] / MILLI)
        results.append(
            PlanResult(
                rank=row + 1 if feasible else None,
                parallelism=rows[row],
                attention_dp=int(plans.attention_dp[row]),
                replicas=int(plans.replicas[row]),
                chips=int(plans.chips[row]),
                batch_size=int(concurrency[row]),
                is_feasible=feasible,
                infeasible_reason=None
                if feasible
                else "; ".join(miss.text(row) for miss in misses),
                reason_code=None if feasible else misses[0].code,
                missed_limits=[missed_limit(miss, row) for miss in misses],
                throughput=float(steady.throughput[row]),
                tps_per_chip=float(steady.throughput[row] / plans.chips[row]),
                ttft=ttft,
                tpot=tpot,
                **certainty(
                    deployment.calibration,
                    ttft=ttft,
                    tpot=tpot,
                    throughput=float(steady.throughput[row]),
                    output_tokens=deployment.workload.output_seq_length,
                ),
                mfu=float(steady.mfu[row]),
                mbu=float(steady.mbu[row]),
                economics=plan_economics(steady, row),
                score=float(scores[row]) if feasible else None,
                latency=latencies[row],
                memory=memory_use(deployment, memory, row),
                serving="aggregated",
                simulated=simulated[row],
            )
        )
    return results


def _limits(question: Question, steady: SteadyState, memory: Memory) -> list[Limit]:
    """Every limit in the order in which a plan's reason is chosen."""
    return [
        memory_limit(memory.total, usable_memory(question.deployment)),
        *latency_limits(question.limits, steady.ttft, steady.tpot),
        *rate_limits(question.limits, steady.request_rate),
    ]


def missed_limit(limit: Limit, row: int) -> MissedLimit:
    """The limit as one plan misses it."""
    needed, available = limit.shown(row)
    return MissedLimit(code=limit.code, needed=needed, available=available)


def table_of(candidates: Sequence[Candidate]) -> PlanTable:
    """The plan table of ``candidates``, in their order."""
    names = candidates[0]["parallelism"]
    return PlanTable(
        **{name: np.array([c["parallelism"][name] for c in candidates]) for name in names}
    )


def latency_parts(parts: Breakdown, rows: int) -> list[Latency]:
    """The breakdown of each of ``rows`` plans."""
    return [
        Latency(prefill=_phase(parts.prefill, row), decode=_phase(parts.decode, row))
        for row in range(rows)
    ]


def _phase(times: Sequence[OperatorTime], row: int) -> PhaseLatency:
    operators = [_operator(time, row) for time in times]
    shown = [operator for operator in operators if operator["time_ms"] > 0]
    return PhaseLatency(
        total_ms=sum(operator["time_ms"] for operator in shown),
        compute_ms=sum(operator["compute_ms"] for operator in shown),
        memory_ms=sum(operator["memory_ms"] for operator in shown),
        communication_ms=sum(operator["communication_ms"] for operator in shown),
        overhead_ms=sum(operator["overhead_ms"] for operator in shown),
        waiting_ms=sum(operator["waiting_ms"] for operator in shown),
        operators=shown,
    )


def _operator(time: OperatorTime, row: int) -> OperatorLatency:
    kinds: dict[str, Any] = {f"{kind}_ms": _at(getattr(time, kind), row) for kind in _KINDS}
    return OperatorLatency(name=time.operator, time_ms=sum(kinds.values()), **kinds)


def _at(seconds: Seconds, row: int) -> float:
    """Milliseconds of one row of a column, or of a figure that all rows share."""
    return float(seconds if np.ndim(seconds) == 0 else np.asarray(seconds)[row]) / MILLI


def memory_use(deployment: Deployment, memory: Memory, row: int) -> MemoryUse:
    """The memory of one plan's fullest chip."""
    capacity = deployment.chip.memory_capacity
    parts = []
    for name in _MEMORY_PARTS:
        part = np.broadcast_to(getattr(memory, name), memory.total.shape)
        parts.append(MemoryPart(name=name, gb=float(part[row]) / GIGA))
    return MemoryUse(
        total_gb=float(memory.total[row]) / GIGA,
        capacity_gb=capacity / GIGA,
        usable_gb=capacity * deployment.workload.memory_utilization / GIGA,
        parts=parts,
    )
