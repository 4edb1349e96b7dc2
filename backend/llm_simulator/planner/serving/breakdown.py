"""Where TTFT and TPOT come from, operator by operator, for the few plans that are shown.

The rows of a phase add up to its total; each second is charged to computing, memory,
communication, overhead or waiting.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.step_cost import OperatorCost, StepCostModel, StepTotal
from llm_simulator.planner.operators.layers import STAGES
from llm_simulator.planner.operators.speculation import accepted_tokens
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.instances import (
    decode_pace,
    decode_step,
    host_overhead,
    prefill_step,
    prompt_chunks,
)
from llm_simulator.planner.serving.loop import fills_pipeline, micro_batches
from llm_simulator.planner.serving.steady_state import Serving
from llm_simulator.units import Array, Count, Seconds


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
class Passage:
    """A step of every plan, as often as a phase passes it; columns of shape [P]."""

    cost_model: StepCostModel
    step: Step
    total: StepTotal
    passes: Array
    """How often, by the rows of ``pipeline``; [4, P]. Of decoding, per token that a step yields."""
    pace: Seconds = 1.0
    """Measured over predicted seconds of these steps, a factor of the engine."""

    @cached_property
    def costs(self) -> tuple[OperatorCost, ...]:
        """What every operator and message of the step costs."""
        return tuple(self.cost_model.operator_costs(self.step))

    @property
    def seconds(self) -> tuple["OperatorSeconds", ...]:
        """Seconds of the phase by operator, those of one name merged."""
        return _operator_times(self.costs, self.pace * self.passes)


@dataclass(frozen=True)
class Breakdown:
    """Both phases of every plan of a table."""

    prefill: tuple[OperatorSeconds, ...]
    """Adds up to TTFT."""
    decode: tuple[OperatorSeconds, ...]
    """Adds up to TPOT."""
    prompts: Passage
    """The steps of a prompt within ``prefill``."""
    tokens: Passage
    """The steps of a token within ``decode``."""


def breakdown(served: Serving) -> Breakdown:
    """The breakdown of every plan at work; small tables only, all operators are kept."""
    parts = served.phases
    prompts, tokens = _prompts(served), _tokens(served)
    prefill = (
        *prompts.seconds,
        OperatorSeconds("host_overhead", overhead=parts.prompt_overhead),
        OperatorSeconds("admission", waiting=parts.admission),
        OperatorSeconds("queueing", waiting=parts.queueing),
    )
    decode = (
        *tokens.seconds,
        OperatorSeconds("host_overhead", overhead=parts.token_overhead),
        OperatorSeconds("prefill_interference", waiting=parts.interference),
    )
    return Breakdown(
        prefill=tuple(time.scaled(served.ttft_correction) for time in prefill),
        decode=tuple(time.scaled(served.tpot_correction) for time in decode),
        prompts=prompts,
        tokens=tokens,
    )


def _prompts(served: Serving) -> Passage:
    """A prompt's mixed steps."""
    factors = served.cost_model.deployment.calibration.factors
    return Passage(
        served.cost_model,
        served.batch.mixed,
        served.mixed,
        _prompt_passes(served.mixed, served.batch.chunks),
        pace=factors.prompt_steps,
    )


def _tokens(served: Serving) -> Passage:
    """The decode steps of one token."""
    model, batch = served.cost_model, served.batch
    passes = _decode_passes(served.decode, model.plans, batch.requests)
    accepted = accepted_tokens(model.deployment.workload.speculative)
    return Passage(model, batch.decode, served.decode, passes / accepted)


def pool_breakdown(
    pools: MatchedPools, prefill_plans: PlanTable, decode_plans: PlanTable
) -> Breakdown:
    """The breakdown of every pair of ``pools``, columns of shape [Q] beside both plan tables."""
    deployment, decoding = pools.deployment, pools.decoding
    overhead = host_overhead(deployment, pools.prefill.batch)
    chunks = prompt_chunks(deployment)
    accepted = accepted_tokens(deployment.workload.speculative)
    step = prefill_step(deployment, pools.prefill.batch)
    prefilling = StepCostModel(deployment, prefill_plans)
    total = prefilling.step_total(step)
    prompts = Passage(prefilling, step, total, _prompt_passes(total, chunks))
    step = decode_step(decoding, decode_plans, pools.decode.batch)
    generating = StepCostModel(decoding, decode_plans)
    total = generating.step_total(step)
    passes = _decode_passes(total, decode_plans, pools.decode.batch)
    pace = decode_pace(decoding, total)
    tokens = Passage(generating, step, total, passes / accepted, pace)
    token_overhead = host_overhead(decoding, pools.decode.batch) / accepted
    decode = (*tokens.seconds, OperatorSeconds("host_overhead", overhead=token_overhead))
    return Breakdown(
        prefill=(
            *prompts.seconds,
            OperatorSeconds("host_overhead", overhead=chunks * overhead),
            OperatorSeconds("pool_handover", overhead=pools.handover),
            OperatorSeconds("kv_transfer", communication=np.asarray(pools.transfer)),
            _together("first_decode_step", decode),
            OperatorSeconds("queueing", waiting=pools.queueing),
        ),
        decode=decode,
        prompts=prompts,
        tokens=tokens,
    )


def _prompt_passes(step: StepTotal, chunks: int) -> Array:
    """Steps on a prompt's way by the rows of ``pipeline``: chunks follow at the slowest stage."""
    return _passes(step, all_stages=1.0, slowest=chunks - 1)


def _decode_passes(step: StepTotal, plans: PlanTable, requests: Count) -> Array:
    """Steps between two tokens: all micro-batches at the slowest stage, or one's way through."""
    batches = micro_batches(plans.pp, requests)
    queue = fills_pipeline(batches, step.time, step.through)
    return _passes(step, all_stages=1 - queue, slowest=queue * batches)


def _passes(step: StepTotal, *, all_stages: Count, slowest: Count) -> Array:
    """Both as the rows of ``pipeline``; shape [4, P]."""
    rows = np.arange(STAGES + 1)[:, None]
    return np.where(rows == step.slowest, slowest, np.where(rows == STAGES, all_stages, 0.0))


def _operator_times(costs: Iterable[OperatorCost], passes: Array) -> tuple[OperatorSeconds, ...]:
    """Costs of a step by the rows of ``pipeline``, as often as each is passed; operators of one
    name merged."""
    merged: dict[str, dict[str, Seconds]] = {}
    for cost in costs:
        so_far = merged.setdefault(cost.operator, {})
        for kind in ("compute", "memory", "communication", "overhead"):
            seconds = getattr(cost, kind)
            if not isinstance(seconds, float):
                so_far[kind] = so_far.get(kind, 0.0) + _passed(seconds, passes)
    return tuple(OperatorSeconds(name, **kinds) for name, kinds in merged.items())


def _passed(seconds: Seconds, passes: Array) -> Array:
    return np.asarray((passes * seconds).sum(axis=0))


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
