"""Where TTFT and TPOT come from, operator by operator, for the few plans that are shown.

The rows of a phase add up to its total; each second is charged to computing, memory,
communication, overhead or waiting.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from llm_simulator.planner.costs.step_cost import OperatorCost, StepCostModel
from llm_simulator.planner.operators.speculation import accepted_tokens
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.instances import (
    decode_step,
    host_overhead,
    prefill_step,
    prompt_chunks,
)
from llm_simulator.planner.serving.steady_state import Serving
from llm_simulator.units import Count, Seconds


@dataclass(frozen=True)
class OperatorSeconds:
    """Seconds of one operator within a phase, by what bounds it; columns of shape [P]."""

    operator: str
    compute: Seconds = 0.0
    memory: Seconds = 0.0
    communication: Seconds = 0.0
    overhead: Seconds = 0.0
    waiting: Seconds = 0.0

    def scaled(self, factor: Seconds) -> "OperatorSeconds":
        """The same operator, every kind of time multiplied by ``factor``."""
        kinds = ("compute", "memory", "communication", "overhead", "waiting")
        return replace(self, **{kind: factor * getattr(self, kind) for kind in kinds})

    @property
    def total(self) -> Seconds:
        """All kinds together."""
        return self.compute + self.memory + self.communication + self.overhead + self.waiting


@dataclass(frozen=True)
class Breakdown:
    """Both phases of every plan of a table."""

    prefill: tuple[OperatorSeconds, ...]
    """Adds up to TTFT."""
    decode: tuple[OperatorSeconds, ...]
    """Adds up to TPOT."""


def breakdown(served: Serving) -> Breakdown:
    """The breakdown of every plan at work; small tables only, all operators are kept."""
    deployment, plans = served.cost_model.deployment, served.cost_model.plans
    batch, parts = served.batch, served.phases
    factors = deployment.calibration.factors
    passes = factors.prompt_steps * (batch.chunks + plans.pp - 1)
    rounds = plans.pp / accepted_tokens(deployment.workload.speculative)
    prefill = (
        *_operator_times(served.cost_model.operator_costs(batch.mixed), passes),
        OperatorSeconds("host_overhead", overhead=parts.prompt_overhead),
        OperatorSeconds("admission", waiting=parts.admission),
        OperatorSeconds("queueing", waiting=parts.queueing),
    )
    decode = (
        *_operator_times(served.cost_model.operator_costs(batch.decode), rounds),
        OperatorSeconds("host_overhead", overhead=parts.token_overhead),
        OperatorSeconds("prefill_interference", waiting=parts.interference),
    )
    return Breakdown(
        prefill=tuple(time.scaled(served.ttft_correction) for time in prefill),
        decode=tuple(time.scaled(served.tpot_correction) for time in decode),
    )


def pool_breakdown(
    pools: MatchedPools, prefill_plans: PlanTable, decode_plans: PlanTable
) -> Breakdown:
    """The breakdown of every pair of ``pools``, columns of shape [Q] beside both plan tables."""
    deployment, decoding = pools.deployment, pools.decoding
    overhead = host_overhead(deployment, pools.prefill.batch)
    chunks = prompt_chunks(deployment)
    accepted = accepted_tokens(deployment.workload.speculative)
    prompts = prefill_step(deployment, pools.prefill.batch)
    tokens = decode_step(decoding, decode_plans, pools.decode.batch)
    prefill = _operator_times(
        StepCostModel(deployment, prefill_plans).operator_costs(prompts),
        chunks + prefill_plans.pp - 1,
    )
    decode = _operator_times(
        StepCostModel(decoding, decode_plans).operator_costs(tokens), decode_plans.pp / accepted
    )
    token_overhead = host_overhead(decoding, pools.decode.batch) / accepted
    decode += (OperatorSeconds("host_overhead", overhead=token_overhead),)
    return Breakdown(
        prefill=(
            *prefill,
            OperatorSeconds("host_overhead", overhead=chunks * overhead),
            OperatorSeconds("kv_transfer", communication=np.asarray(pools.transfer)),
            _together("first_decode_step", decode),
            OperatorSeconds("queueing", waiting=pools.queueing),
        ),
        decode=decode,
    )


def _operator_times(costs: Iterable[OperatorCost], passes: Count) -> tuple[OperatorSeconds, ...]:
    """Costs of one stage's step, operators of one name merged, times the steps on the way."""
    merged: dict[str, OperatorSeconds] = {}
    for cost in costs:
        so_far = merged.get(cost.operator, OperatorSeconds(cost.operator))
        merged[cost.operator] = replace(
            so_far,
            compute=so_far.compute + passes * cost.compute,
            memory=so_far.memory + passes * cost.memory,
            communication=so_far.communication + passes * cost.communication,
            overhead=so_far.overhead + passes * cost.overhead,
        )
    return tuple(merged.values())


def _together(name: str, times: tuple[OperatorSeconds, ...]) -> OperatorSeconds:
    """All of ``times`` as one row, each second still charged to its cause."""
    total = OperatorSeconds(name)
    for time in times:
        total = replace(
            total,
            compute=total.compute + time.compute,
            memory=total.memory + time.memory,
            communication=total.communication + time.communication,
            overhead=total.overhead + time.overhead,
        )
    return total
