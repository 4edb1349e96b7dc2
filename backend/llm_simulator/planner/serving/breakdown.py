"""Where TTFT and TPOT come from, operator by operator, for the few plans that are shown.

The rows of a phase add up to its total; each second is charged to computing, memory,
communication, overhead or waiting.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from llm_simulator.planner.costs.step_cost import OperatorCost
from llm_simulator.planner.operators.speculation import accepted_tokens
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
        *operator_times(served.cost_model.operator_costs(batch.mixed), passes),
        OperatorSeconds("host_overhead", overhead=parts.prompt_overhead),
        OperatorSeconds("admission", waiting=parts.admission),
        OperatorSeconds("queueing", waiting=parts.queueing),
    )
    decode = (
        *operator_times(served.cost_model.operator_costs(batch.decode), rounds),
        OperatorSeconds("host_overhead", overhead=parts.token_overhead),
        OperatorSeconds("prefill_interference", waiting=parts.interference),
    )
    return Breakdown(
        prefill=tuple(time.scaled(served.ttft_correction) for time in prefill),
        decode=tuple(time.scaled(served.tpot_correction) for time in decode),
    )


def operator_times(costs: Iterable[OperatorCost], passes: Count) -> tuple[OperatorSeconds, ...]:
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
