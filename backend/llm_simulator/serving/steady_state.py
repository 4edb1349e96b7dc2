"""Aggregated serving in the steady state: TTFT, TPOT and throughput of every plan.

A closed form for screening many plans: prefill and decode share the chips, prompts are chunked,
a finished request is replaced at once. Percentiles need a simulation.
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.costs.step_cost import Machine, StepTotal
from llm_simulator.operators.speculation import accepted_tokens
from llm_simulator.plans.table import PlanTable
from llm_simulator.serving.batching import Batching, batching, output_steps
from llm_simulator.serving.queueing import closed_loop_response_time
from llm_simulator.specs.deployment import Deployment
from llm_simulator.units import Array, Count, Seconds


@dataclass(frozen=True)
class SteadyState:
    """What users of each plan see; columns of shape [P], seconds and tokens per second."""

    ttft: Array
    """Mean time to first token, queueing included."""
    tpot: Array
    """Mean time per output token after the first."""
    throughput: Array
    """Output tokens per second of the whole deployment."""
    mfu: Array
    """Useful FLOPs over what the matrix units in use could do, 0 to 1."""
    mbu: Array
    """Bytes moved over what the memory could move, 0 to 1."""


@dataclass(frozen=True)
class Phases:
    """The parts TTFT and TPOT are made of; seconds, columns of shape [P]."""

    decode_steps: Seconds
    """Time per token of the decode steps alone: one per micro-batch in flight."""
    interference: Seconds
    """Time per token that prompts of other requests take."""
    prefill_steps: Seconds
    """Time of a prompt's own steps through the pipeline."""
    queueing: Seconds
    """Time a prompt waits for other prompts."""
    overhead: Seconds
    """Engine overhead of one step."""
    chunks: int
    tokens_per_step: float = 1.0
    """Output tokens of a request per decode step: more than one with speculation."""

    @property
    def tpot(self) -> Seconds:
        """Time per output token after the first."""
        return self.decode_steps + self.interference + self.overhead / self.tokens_per_step

    @property
    def ttft(self) -> Seconds:
        """Time to first token."""
        return self.prefill_steps + self.chunks * self.overhead + self.queueing


@dataclass(frozen=True)
class Serving:
    """The plans of a table at work: their steps, what these cost, and the phases they make."""

    machine: Machine
    batch: Batching
    decode: StepTotal
    mixed: StepTotal
    phases: Phases


def serving(deployment: Deployment, plans: PlanTable) -> Serving:
    """Every plan of the table serving the deployment's load."""
    machine = Machine.of(deployment, plans)
    batch = batching(deployment, plans)
    decode, mixed = machine.step_total(batch.decode), machine.step_total(batch.mixed)
    parts = _phases(deployment, plans, batch, decode, mixed)
    return Serving(machine, batch, decode, mixed, parts)


def steady_state(deployment: Deployment, plans: PlanTable) -> SteadyState:
    """The steady state of every plan of the table."""
    served = serving(deployment, plans)
    parts = served.phases
    generating = (deployment.workload.output_seq_length - 1) * parts.tpot
    request_rate = deployment.workload.batch_size / (parts.ttft + generating)

    def utilisation(decode_ideal: Array, mixed_ideal: Array) -> Array:
        per_request = _per_request(deployment, served.batch, decode_ideal, mixed_ideal)
        return np.asarray(request_rate / plans.dp * per_request)

    return SteadyState(
        ttft=np.asarray(parts.ttft),
        tpot=np.asarray(parts.tpot),
        throughput=np.asarray(request_rate * deployment.workload.output_seq_length),
        mfu=utilisation(served.decode.ideal_compute, served.mixed.ideal_compute),
        mbu=utilisation(served.decode.ideal_memory, served.mixed.ideal_memory),
    )


def _phases(
    deployment: Deployment, plans: PlanTable, batch: Batching, decode: StepTotal, mixed: StepTotal
) -> Phases:
    """TTFT and TPOT in parts, out of the times of a decode step and of a mixed step."""
    workload = deployment.workload
    joins = np.where(batch.mixed.decoding > 0, decode.time, 0.0)
    accepted = accepted_tokens(workload.speculative)
    # Per round of decode steps, mixed ones replace as many of them, or come on top of them.
    mixed_steps = (batch.requests - 1) * batch.mixed_steps_per_request / output_steps(workload)
    decode_steps = plans.pp * decode.time / accepted
    added = mixed_steps * mixed.time - np.minimum(mixed_steps, plans.pp) * joins
    interference = added / accepted
    tpot = decode_steps + interference + workload.step_overhead / accepted
    prefill_steps = (batch.chunks + plans.pp - 1) * mixed.time
    alone = prefill_steps + batch.chunks * workload.step_overhead
    ttft = closed_loop_response_time(
        alone=alone,
        demand=mixed.time * batch.mixed_steps_per_request,
        elsewhere=(workload.output_seq_length - 1) * tpot,
        population=batch.requests,
    )
    return Phases(
        decode_steps=decode_steps,
        interference=interference,
        prefill_steps=prefill_steps,
        queueing=np.maximum(ttft - alone, 0.0),
        overhead=workload.step_overhead,
        chunks=batch.chunks,
        tokens_per_step=accepted,
    )


def _per_request(
    deployment: Deployment, batch: Batching, decode_ideal: Array, mixed_ideal: Array
) -> Count:
    """Ideal seconds one stage's chip spends on one request: its mixed and its pure decode steps."""
    decode_steps = output_steps(deployment.workload) - 1
    mixed_steps = batch.mixed_steps_per_request
    in_mixed = mixed_steps * batch.mixed.decoding / batch.decode.decoding
    pure_decode = np.maximum(decode_steps / batch.decode.decoding - in_mixed, 0.0)
    return mixed_steps * mixed_ideal + pure_decode * decode_ideal
