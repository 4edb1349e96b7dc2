"""Instances of disaggregated serving: a plan that only takes in prompts, a plan that only decodes.

Columns have shape [P]; one row is one plan with one batch.
"""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from llm_simulator.planner.costs.memory import Held, ResidentMemory, cache_memory, resident_memory
from llm_simulator.planner.costs.step_cost import StepCostModel, StepTotal
from llm_simulator.planner.operators.speculation import accepted_tokens, verified_tokens
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.batching import cached_tokens
from llm_simulator.planner.serving.loop import host_time, micro_batches, round_time
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, Count, IntArray, Seconds


@dataclass(frozen=True)
class Instances:
    """Columns that are picked and joined together."""

    def __getitem__(self, rows: Any) -> Self:
        """The same rows (an index, a mask, a new axis) of every column."""
        return type(self)(**{name: column[rows] for name, column in self.columns().items()})

    def columns(self) -> dict[str, Any]:
        """Every column by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class PrefillInstances(Instances):
    """Instances that only take in prompts."""

    chips: IntArray
    batch: IntArray
    """Prompts that one step takes in on each data-parallel rank."""
    rate: Array
    """Requests per second of a busy instance."""
    time: Array
    """Seconds of one prompt's steps, without waiting."""
    senders: IntArray
    """Chips that hold a prompt's cache and send it together."""
    filled_by: IntArray
    """Least number of requests in flight that every place of its steps is of use to."""
    memory: Array
    """Bytes resident on the fullest chip."""
    usable: Array
    """Bytes that may be."""
    ideal_compute: Array
    """Chip-seconds per request that its FLOPs need at peak."""
    ideal_memory: Array


@dataclass(frozen=True)
class DecodeInstances(Instances):
    """Instances that only decode."""

    chips: IntArray
    batch: IntArray
    """Places of each data-parallel rank."""
    slots: IntArray
    """Requests that decode at once on a full instance."""
    tpot: Array
    """Seconds per token of a full instance."""
    receivers: IntArray
    """Chips that take in a prompt's cache together."""
    filled_by: IntArray
    """Least number of requests in flight that every place is of use to."""
    memory: Array
    """Bytes resident on the fullest chip."""
    usable: Array
    """Bytes that may be."""
    ideal_compute: Array
    """Chip-seconds per request that its FLOPs need at peak."""
    ideal_memory: Array


def prompt_chunks(deployment: Deployment) -> int:
    """Steps that one prompt takes within the token budget."""
    workload = deployment.workload
    computed = workload.input_seq_length - cached_tokens(workload)
    return int(np.ceil(computed / workload.max_batched_tokens))


def prompts_in_budget(deployment: Deployment) -> int:
    """Whole prompts that one step takes in, at least one."""
    workload = deployment.workload
    return max(workload.max_batched_tokens // workload.input_seq_length, 1)


def host_overhead(deployment: Deployment, batch: Count) -> Seconds:
    """Seconds that the chips wait for the host in each round of steps of ``batch`` requests."""
    return host_time(deployment.workload.step_overhead, batch, deployment.calibration.factors)


def prompt_cache(deployment: Deployment) -> float:
    """Bytes that one prompt leaves in the caches of all layers, each counted once."""
    whole = PlanTable(*(np.ones(1, dtype=np.int64) for _ in fields(PlanTable)))
    held = Held(np.ones(1), deployment.workload.input_seq_length, np.zeros(1))
    return float(np.asarray(cache_memory(deployment, whole, held, pooled=False))[0])


def prefill_step(deployment: Deployment, batch: Count) -> Step:
    """A step of ``batch`` prompt chunks per data-parallel rank and nothing else."""
    nothing = np.zeros(np.shape(batch))
    workload = deployment.workload
    return Step(
        batch,
        workload.input_seq_length,
        prompt_chunks(deployment),
        nothing,
        0.0,
        cached=cached_tokens(workload),
    )


def decode_step(deployment: Deployment, plans: PlanTable, batch: Count) -> Step:
    """A step of one of the pp micro-batches that share ``batch`` slots; half the output done."""
    workload = deployment.workload
    context = workload.input_seq_length + workload.output_seq_length / 2
    decoding = np.ceil(batch / plans.pp)
    verified = verified_tokens(workload.speculative)
    nothing = np.zeros(len(plans))
    return Step(
        nothing, workload.input_seq_length, 1, decoding, context, tokens_per_request=verified
    )


def held_by_prefill(deployment: Deployment, plans: PlanTable, batch: Count) -> Held:
    """The prompts of the steps of a prefill instance, one step per stage."""
    workload = deployment.workload
    chunk = workload.input_seq_length / prompt_chunks(deployment)
    return Held(batch * plans.pp, workload.input_seq_length, batch * chunk)


def held_by_decode(deployment: Deployment, plans: PlanTable, batch: Count) -> Held:
    """Every place of a decode instance taken, at full length."""
    workload = deployment.workload
    length = workload.input_seq_length + workload.output_seq_length
    return Held(batch, length, np.zeros(len(plans)))


def prefill_memory(deployment: Deployment, plans: PlanTable, batch: Count) -> ResidentMemory:
    """What a chip of a prefill instance holds."""
    return resident_memory(deployment, plans, held_by_prefill(deployment, plans, batch))


def decode_memory(deployment: Deployment, plans: PlanTable, batch: Count) -> ResidentMemory:
    """What a chip of a decode instance holds."""
    return resident_memory(deployment, plans, held_by_decode(deployment, plans, batch))


def prefill_instances(
    deployment: Deployment, plans: PlanTable, batch: IntArray
) -> PrefillInstances:
    """Every plan as a prefill instance with ``batch`` prompts per step and rank."""
    chunks = prompt_chunks(deployment)
    overhead = host_overhead(deployment, batch)
    step = StepCostModel(deployment, plans).step_total(prefill_step(deployment, batch))
    senders = plans.chips // plans.dp
    # A full pipeline finishes pp steps in a round of its slowest stage and its overhead.
    per_round = chunks * (plans.pp * step.time + overhead)
    share = senders * chunks / batch
    memory = prefill_memory(deployment, plans, batch)
    return PrefillInstances(
        chips=plans.chips,
        batch=batch,
        rate=plans.dp * plans.pp * batch / per_round,
        time=step.through + (chunks - 1) * step.time + chunks * overhead,
        senders=senders,
        filled_by=(batch - 1) * plans.dp * plans.pp + 1,
        memory=memory.total,
        usable=memory.usable,
        ideal_compute=share * step.ideal_compute,
        ideal_memory=share * step.ideal_memory,
    )


def decode_pace(deployment: Deployment, step: StepTotal) -> Array:
    """Measured over predicted seconds of a step that only decodes; [P].

    None is faster than its data sheet.
    """
    at_least = np.maximum(step.ideal_compute, step.ideal_memory) / step.time
    return np.maximum(deployment.calibration.factors.pool_decode, at_least)


def decode_instances(deployment: Deployment, plans: PlanTable, batch: IntArray) -> DecodeInstances:
    """Every plan as a decode instance with ``batch`` slots on each data-parallel rank."""
    workload = deployment.workload
    step = decode_step(deployment, plans, batch)
    cost = StepCostModel(deployment, plans).step_total(step)
    receivers = plans.chips // plans.dp
    accepted = accepted_tokens(workload.speculative)
    decode_round = round_time(micro_batches(plans.pp, batch), cost.time, cost.through)
    decode_round = decode_pace(deployment, cost) * decode_round
    share = receivers * workload.output_seq_length / accepted / step.decoding
    memory = decode_memory(deployment, plans, batch)
    return DecodeInstances(
        chips=plans.chips,
        batch=batch,
        slots=plans.dp * batch,
        tpot=np.asarray(decode_round + host_overhead(deployment, batch)) / accepted,
        receivers=receivers,
        filled_by=(batch - 1) * plans.dp + 1,
        memory=memory.total,
        usable=memory.usable,
        ideal_compute=share * cost.ideal_compute,
        ideal_memory=share * cost.ideal_memory,
    )
