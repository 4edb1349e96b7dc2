"""The full figures of the few plans that are shown, whichever way they serve."""

from typing import Any

from llm_simulator.planner.plans.engine_rules import RULES
from llm_simulator.planner.plans.engines import refusals
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.aggregated import AggregatedPlans
from llm_simulator.planner.results.disaggregated import DisaggregatedPlans
from llm_simulator.planner.results.economics import plan_economics
from llm_simulator.planner.results.intervals import certainty
from llm_simulator.planner.results.plan import (
    AnyPlan,
    InfeasiblePlan,
    Latency,
    MissedLimit,
    OperatorTime,
    PhaseLatency,
    Plan,
    Refusal,
    Simulated,
)
from llm_simulator.planner.search.caution import judged
from llm_simulator.planner.search.limits import Limit
from llm_simulator.planner.search.ranking import score
from llm_simulator.planner.serving.breakdown import CAUSES, Breakdown, PhaseSeconds
from llm_simulator.units import MILLI

_CAUSES_MS = tuple(f"{cause}_ms" for cause in CAUSES)


Shown = AggregatedPlans | DisaggregatedPlans
"""Candidates that serve in one way, with all that their figures are made of."""


def plan_of(shown: Shown, row: int, rank: int, simulated: Simulated | None) -> AnyPlan:
    """The figures of one candidate, which has this ``rank`` if it is feasible."""
    served, plans, problem = shown.served, shown.plans, shown.problem
    misses = [limit for limit in shown.limits if limit.overshoot[row] > 1]
    ttft, tpot = float(served.ttft[row] / MILLI), float(served.tpot[row] / MILLI)
    throughput = float(served.throughput[row])
    fields: dict[str, Any] = {
        "parallelism": plans[slice(row, row + 1)].rows()[0],
        "attention_dp": int(plans.attention_dp[row]),
        "replicas": int(plans.replicas[row]),
        "chips": int(served.chips[row]),
        "batch_size": int(shown.concurrency[row]),
        **_engines(shown, row),
        "throughput": throughput,
        "tps_per_chip": float(served.throughput[row] / served.chips[row]),
        "ttft": ttft,
        "tpot": tpot,
        "e2e_latency": float(served.e2e_latency[row] / MILLI),
        **certainty(
            shown.calibration,
            shown.nearness(row),
            ttft=ttft,
            tpot=tpot,
            throughput=throughput,
            output_tokens=problem.deployment.workload.output_seq_length,
            shared_out=any(tables.dcp[row] > 1 for tables in _tables(shown)),
        ),
        "mfu": float(served.mfu[row]),
        "mbu": float(served.mbu[row]),
        "economics": plan_economics(served, row),
        "latency": latency(shown.breakdown, row),
        "missed_limits": [missed_limit(miss, row) for miss in misses],
        "simulated": simulated,
        **shown.own_fields(row),
    }
    if misses:
        return InfeasiblePlan(
            **fields,
            rank=None,
            score=None,
            is_feasible=False,
            infeasible_reason="; ".join(miss.text(row) for miss in misses),
            reason_code=misses[0].code,
        )
    value = float(score(problem.objective, judged(problem, served))[row])
    return Plan(
        **fields,
        rank=rank,
        score=value,
        is_feasible=True,
        infeasible_reason=None,
        reason_code=None,
    )


def _tables(shown: Shown) -> tuple[PlanTable, ...]:
    """The plans of all pools."""
    if isinstance(shown, DisaggregatedPlans):
        return shown.prefill.plans, shown.decode.plans
    return (shown.plans,)


def _engines(shown: Shown, row: int) -> dict[str, Any]:
    """The engines that start all of a candidate, and why the others don't."""
    problem, only = shown.problem, slice(row, row + 1)
    if isinstance(shown, DisaggregatedPlans):
        found = refusals(problem.deployment, shown.prefill.plans[only])
        found |= refusals(problem.decoding, shown.decode.plans[only])
    else:
        found = refusals(problem.deployment, shown.plans[only])
    return {
        "engines": [engine for engine in RULES if engine not in found],
        "refused_by": [
            Refusal(engine=engine, code=no.code, field=no.field, reason=no.reason)
            for engine, no in found.items()
        ],
    }


def missed_limit(limit: Limit, row: int) -> MissedLimit:
    """The limit as one plan misses it."""
    needed, available = limit.shown(row)
    return MissedLimit(code=limit.code, needed=needed, available=available)


def latency(parts: Breakdown, row: int) -> Latency:
    """The breakdown of one plan."""
    return Latency(prefill=_phase(parts.prefill, row), decode=_phase(parts.decode, row))


def _phase(times: PhaseSeconds, row: int) -> PhaseLatency:
    figures = (times.seconds[:, :, row] / MILLI).tolist()
    operators = [
        OperatorTime(name=name, time_ms=sum(causes), **dict(zip(_CAUSES_MS, causes, strict=True)))
        for name, causes in zip(times.operators, figures, strict=True)
        if sum(causes) > 0
    ]
    totals = {cause: sum(getattr(time, cause) for time in operators) for cause in _CAUSES_MS}
    return PhaseLatency(
        total_ms=sum(operator.time_ms for operator in operators), **totals, operators=operators
    )
