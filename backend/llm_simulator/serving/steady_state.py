"""Aggregated serving in the steady state: TTFT, TPOT and throughput of every plan.

A closed form for screening many plans: prefill and decode share the chips, prompts are chunked,
a finished request is replaced at once. Percentiles need a simulation.
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.costs.memory import requests_per_rank
from llm_simulator.costs.step_cost import Machine, StepTotal
from llm_simulator.operators.speculation import accepted_tokens
from llm_simulator.plans.table import PlanTable
from llm_simulator.serving.batching import Batching, batching, output_steps
from llm_simulator.serving.correction import correction, features
from llm_simulator.serving.loop import Loop, Phases, StepTimes, host_time, phases
from llm_simulator.specs.deployment import Deployment
from llm_simulator.units import Array, Count

ROUNDING = 1e-9
"""Margin above the data sheet that keeps utilisations below 1 whatever floats round to."""


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
class Serving:
    """The plans of a table at work: their steps, what these cost, and the phases they make."""

    machine: Machine
    batch: Batching
    decode: StepTotal
    mixed: StepTotal
    phases: Phases
    """Before any correction."""
    ttft_correction: Array
    """Measured over predicted, as calibrated; [P]."""
    tpot_correction: Array

    @property
    def ttft(self) -> Array:
        """Mean time to first token, queueing included."""
        return self.phases.ttft * self.ttft_correction

    @property
    def tpot(self) -> Array:
        """Mean time per output token after the first."""
        return self.phases.tpot * self.tpot_correction


def serving(deployment: Deployment, plans: PlanTable) -> Serving:
    """Every plan of the table serving the deployment's load."""
    machine = Machine.of(deployment, plans)
    batch = batching(deployment, plans)
    decode, mixed = machine.step_total(batch.decode), machine.step_total(batch.mixed)
    factors = deployment.calibration.factors
    parts = phases(
        loop_of(deployment, plans, batch), step_times(deployment, batch, decode, mixed), factors
    )
    at_least = _ideal_share(deployment, plans, batch, decode, mixed, parts)
    measured = load_correction(deployment, plans)
    return Serving(
        machine,
        batch,
        decode,
        mixed,
        parts,
        # No correction makes a plan faster than its data sheet.
        ttft_correction=np.maximum(measured.ttft, at_least),
        tpot_correction=np.maximum(measured.tpot, at_least),
    )


def steady_state(deployment: Deployment, plans: PlanTable) -> SteadyState:
    """The steady state of every plan of the table."""
    served = serving(deployment, plans)
    generating = (deployment.workload.output_seq_length - 1) * served.tpot
    request_rate = deployment.workload.batch_size / (served.ttft + generating)

    def utilisation(decode_ideal: Array, mixed_ideal: Array) -> Array:
        per_request = _per_request(deployment, served.batch, decode_ideal, mixed_ideal)
        return np.asarray(request_rate / plans.dp * per_request)

    return SteadyState(
        ttft=np.asarray(served.ttft),
        tpot=np.asarray(served.tpot),
        throughput=np.asarray(request_rate * deployment.workload.output_seq_length),
        mfu=utilisation(served.decode.ideal_compute, served.mixed.ideal_compute),
        mbu=utilisation(served.decode.ideal_memory, served.mixed.ideal_memory),
    )


def loop_of(deployment: Deployment, plans: PlanTable, batch: Batching) -> Loop:
    """The closed loop of each plan's busiest data-parallel rank."""
    workload = deployment.workload
    return Loop(
        requests=batch.requests,
        stages=plans.pp,
        chunks=batch.chunks,
        prompts=batch.mixed.prompts,
        decodes_beside=np.minimum(batch.mixed.decoding, 1),
        prompt_tokens=workload.input_seq_length,
        output_tokens=workload.output_seq_length,
        output_steps=output_steps(workload),
        tokens_per_step=accepted_tokens(workload.speculative),
    )


def step_times(
    deployment: Deployment, batch: Batching, decode: StepTotal, mixed: StepTotal
) -> StepTimes:
    """Seconds of the steps of each plan's stages and of the host between them."""
    overhead, factors = deployment.workload.step_overhead, deployment.calibration.factors
    return StepTimes(decode.time, mixed.time, host_time(overhead, batch.requests, factors))


@dataclass(frozen=True)
class LoadCorrection:
    """Measured over predicted, as calibrated, for one load; columns of shape [P]."""

    ttft: Array
    tpot: Array


def load_correction(deployment: Deployment, plans: PlanTable) -> LoadCorrection:
    """What calibration corrects the formulas by."""
    calibration, columns = deployment.calibration, load_features(deployment, plans)
    return LoadCorrection(
        ttft=correction(calibration.ttft_correction, columns),
        tpot=correction(calibration.tpot_correction, columns),
    )


def load_features(deployment: Deployment, plans: PlanTable) -> Array:
    """What a correction depends on; shape [features, P]."""
    return features(
        requests=requests_per_rank(deployment, plans),
        input_tokens=deployment.workload.input_seq_length,
        output_tokens=deployment.workload.output_seq_length,
        tensor_parallel=plans.tp,
        attention_dp=plans.attention_dp,
        expert_parallel=plans.ep,
    )


def _ideal_share(
    deployment: Deployment,
    plans: PlanTable,
    batch: Batching,
    decode: StepTotal,
    mixed: StepTotal,
    parts: Phases,
) -> Array:
    """Data-sheet time of a request's turn over its predicted time: at most 1; shape [P]."""
    workload = deployment.workload
    turn = parts.ttft + (workload.output_seq_length - 1) * parts.tpot
    ideal = np.maximum(
        _per_request(deployment, batch, decode.ideal_compute, mixed.ideal_compute),
        _per_request(deployment, batch, decode.ideal_memory, mixed.ideal_memory),
    )
    return np.asarray(workload.batch_size / plans.dp * ideal / turn) * (1 + ROUNDING)


def _per_request(
    deployment: Deployment, batch: Batching, decode_ideal: Array, mixed_ideal: Array
) -> Count:
    """Ideal seconds one stage's chip spends on one request: its mixed and its pure decode steps."""
    decode_steps = output_steps(deployment.workload) - 1
    mixed_steps = batch.mixed_steps_per_request
    in_mixed = mixed_steps * batch.mixed.decoding / batch.decode.decoding
    pure_decode = np.maximum(decode_steps / batch.decode.decoding - in_mixed, 0.0)
    return mixed_steps * mixed_ideal + pure_decode * decode_ideal
