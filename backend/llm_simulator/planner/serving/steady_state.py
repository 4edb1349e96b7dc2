"""Aggregated serving in the steady state: TTFT, TPOT and throughput of every plan.

A closed form for screening many plans: prefill and decode share the chips, prompts are chunked,
a finished request is replaced at once. Percentiles need a simulation.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.memory import requests_per_rank, running_requests
from llm_simulator.planner.costs.power import chip_power_draw, power_draw
from llm_simulator.planner.costs.prices import hourly_cost
from llm_simulator.planner.costs.step_cost import StepCostModel, StepCosts, StepTotal
from llm_simulator.planner.operators.speculation import accepted_tokens
from llm_simulator.planner.operators.step import beside
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.batching import Batching, batching, in_step, output_steps
from llm_simulator.planner.serving.correction import Bumps, bumps_at
from llm_simulator.planner.serving.loop import Loop, Phases, StepTimes, host_time, phases
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.units import Array, Count, IntArray, Usd, Watts

FEW = 64
"""Plans whose operators are kept for a closer look, the step of requests in step among them."""
DECODE, MIXED, IN_STEP = range(3)
"""Steps of ``Batching`` beside each other."""
ROUNDING = 1e-9
"""Margin above the data sheet that keeps utilisations below 1 whatever floats round to."""


@dataclass(frozen=True)
class SteadyState:
    """What users of each plan see; columns of shape [P], seconds and requests per second."""

    deployment: Deployment
    chips: IntArray
    ttft: Array
    """Mean time to first token, queueing included."""
    tpot: Array
    """Mean time per output token after the first."""
    request_rate: Array
    """Requests per second of the whole deployment."""
    ideal_compute: Array
    """Chip-seconds per request and chip that its FLOPs need at peak."""
    ideal_memory: Array
    nearness: Array
    """1 within what was measured to calibrate on, 0 far from it."""

    @property
    def e2e_latency(self) -> Array:
        """Seconds from a request's arrival to its last token."""
        return self.ttft + (self.deployment.workload.output_seq_length - 1) * self.tpot

    @property
    def throughput(self) -> Array:
        """Output tokens per second of the whole deployment."""
        return self.request_rate * self.deployment.workload.output_seq_length

    @property
    def mfu(self) -> Array:
        """Useful FLOPs over what the matrix units in use could do, 0 to 1."""
        return self.request_rate * self.ideal_compute

    @property
    def mbu(self) -> Array:
        """Bytes moved over what the memory could move, 0 to 1."""
        return self.request_rate * self.ideal_memory

    @property
    def usd_per_hour(self) -> Usd:
        """What the chips cost; NaN without a price."""
        return hourly_cost(self.deployment, self.chips)

    @property
    def watts(self) -> Watts:
        """What the chips draw at work, hosts and cooling included; NaN without a TDP."""
        return power_draw(self.deployment, self.chips, self.mfu, self.mbu)

    @property
    def chip_watts(self) -> Watts:
        """What one chip draws at work, without host and cooling; NaN without a TDP."""
        return chip_power_draw(self.deployment, self.mfu, self.mbu)


@dataclass(frozen=True)
class Serving:
    """One data-parallel rank of each plan at work: its steps, their cost, the phases they make."""

    cost_model: StepCostModel
    batch: Batching
    decode: StepTotal
    mixed: StepTotal
    phases: Phases
    """Before any correction."""
    ttft_correction: Array
    """Measured over predicted, as calibrated; [P]."""
    tpot_correction: Array
    nearness: Array
    """1 within what was measured to calibrate on, 0 far from it."""
    kept: StepCosts | None = None
    """The operators of the steps, where the plans are few."""
    turns: Count = 0.0
    """Whole requests that one waits for until it has a place."""

    def only(self, row: int, deployment: Deployment, plan: PlanTable) -> "Serving":
        """The ``plan`` of one row alone, whose hardware is that of ``deployment``."""
        rows, model = np.array([row]), StepCostModel(deployment, plan)

        def at(column: Count) -> Array:
            whole = np.ravel(column)
            return whole if len(whole) == 1 else whole[rows]

        batch = self.batch
        return Serving(
            cost_model=model,
            batch=Batching(at(batch.requests), batch.chunks, batch.decode[rows], batch.mixed[rows]),
            decode=self.decode.of(rows),
            mixed=self.mixed.of(rows),
            phases=Phases(*(at(part) for part in vars(self.phases).values())),
            ttft_correction=at(self.ttft_correction),
            tpot_correction=at(self.tpot_correction),
            nearness=at(self.nearness),
            kept=self.costs.of(rows, model),
            turns=at(self.turns),
        )

    @cached_property
    def costs(self) -> StepCosts:
        """The operators of the steps, that of requests in step among them."""
        return self.kept or _costs(self.cost_model, self.batch)

    @property
    def ttft(self) -> Array:
        """Mean time to first token, queueing included."""
        return self.placed_ttft + self.waiting

    @property
    def placed_ttft(self) -> Array:
        """The same from when a request has a place."""
        return np.asarray(self.phases.ttft * self.ttft_correction)

    @property
    def waiting(self) -> Array:
        """Mean time until a request has a place."""
        return np.asarray(self.turns * (self.placed_ttft + self._generating))

    @property
    def tpot(self) -> Array:
        """Mean time per output token after the first."""
        return np.asarray(self.phases.tpot * self.tpot_correction)

    @property
    def end_to_end(self) -> Array:
        """Seconds from a request's arrival to its last token."""
        return self.ttft + self._generating

    @property
    def _generating(self) -> Array:
        workload = self.cost_model.deployment.workload
        return np.asarray((workload.output_seq_length - 1) * self.tpot)

    @property
    def ideal_compute(self) -> Array:
        """Seconds of a chip per request that its FLOPs need at peak, a mean over the stages."""
        return self._per_request(self.decode.ideal_compute, self.mixed.ideal_compute)

    @property
    def ideal_memory(self) -> Array:
        """Seconds of a chip per request that its bytes need at full bandwidth, a mean over them."""
        return self._per_request(self.decode.ideal_memory, self.mixed.ideal_memory)

    def _per_request(self, decode_ideal: Array, mixed_ideal: Array) -> Array:
        workload = self.cost_model.deployment.workload
        return np.asarray(_per_request(workload, self.batch, decode_ideal, mixed_ideal))


def serving(deployment: Deployment, plans: PlanTable, requests: Count | None = None) -> Serving:
    """Every plan of the table serving ``requests`` per data-parallel rank.

    Left out, the busiest rank's at the workload's concurrency. Replicas don't matter here: plans
    that agree in all else, and in the units that hold them, are served alike.
    """
    if requests is None:
        requests = requests_per_rank(deployment, plans)
    running = running_requests(deployment, requests)
    return served_by(
        StepCostModel(deployment, plans),
        batching(deployment, plans, running),
        load_correction(deployment, plans, running),
        turns=requests / running - 1,
    )


def served_by(
    cost_model: StepCostModel, batch: Batching, measured: "LoadCorrection", turns: Count
) -> Serving:
    """Every plan of the table at work on its steps; neither those nor what was measured depends on
    the hardware, nor how many ``turns`` requests wait for a place."""
    deployment, plans = cost_model.deployment, cost_model.plans
    many = len(plans) > FEW or cost_model.known_sums
    kept = None if many else _costs(cost_model, batch)
    steps = kept.total if kept else cost_model.step_total(beside(batch.decode, batch.mixed))
    decode, mixed = steps[DECODE], steps[MIXED]
    factors = deployment.calibration.factors
    parts = phases(
        loop_of(deployment, plans, batch), step_times(deployment, batch, decode, mixed), factors
    )
    at_least = _ideal_share(deployment, batch, decode, mixed, parts)
    return Serving(
        cost_model,
        batch,
        decode,
        mixed,
        parts,
        # No correction makes a plan faster than its data sheet.
        ttft_correction=np.maximum(measured.ttft, at_least),
        tpot_correction=np.maximum(measured.tpot, at_least),
        nearness=measured.nearness,
        kept=kept,
        turns=turns,
    )


def _costs(cost_model: StepCostModel, batch: Batching) -> StepCosts:
    together = in_step(cost_model.deployment.workload, cost_model.plans, batch)
    return cost_model.costs(beside(batch.decode, batch.mixed, together))


def steady_state(
    deployment: Deployment, plans: PlanTable, concurrency: Count | None = None
) -> SteadyState:
    """The steady state of every plan of the table; ``concurrency`` left out is the workload's."""
    if concurrency is None:
        concurrency = deployment.workload.batch_size
    served = serving(deployment, plans, requests_per_rank(deployment, plans, concurrency))
    return state_of(served, concurrency)


def state_of(served: Serving, concurrency: Count) -> SteadyState:
    """The steady state of plans at work, at the ``concurrency`` of the whole deployment."""
    deployment, plans = served.cost_model.deployment, served.cost_model.plans
    return SteadyState(
        deployment=deployment,
        chips=plans.chips,
        ttft=served.ttft,
        tpot=served.tpot,
        request_rate=np.asarray(concurrency / served.end_to_end),
        ideal_compute=served.ideal_compute / plans.dp,
        ideal_memory=served.ideal_memory / plans.dp,
        nearness=served.nearness,
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
        receive_interval=workload.receive_interval,
        balanced=np.minimum(plans.attention_dp - 1, 1),
    )


def step_times(
    deployment: Deployment, batch: Batching, decode: StepTotal, mixed: StepTotal
) -> StepTimes:
    """Seconds of the steps of each plan's stages and of the host between them."""
    overhead, factors = deployment.workload.step_overhead, deployment.calibration.factors
    return StepTimes(
        decode=decode.time,
        mixed=mixed.time,
        decode_through=decode.through,
        mixed_through=mixed.through,
        host=host_time(overhead, batch.requests, factors),
    )


@dataclass(frozen=True)
class LoadCorrection:
    """Measured over predicted, as calibrated, for one load; columns of shape [P]."""

    ttft: Array
    tpot: Array
    nearness: Array
    """1 within what was measured, 0 far from it."""


def load_correction(deployment: Deployment, plans: PlanTable, requests: Count) -> LoadCorrection:
    """What calibration corrects the formulas by, at so many ``requests`` per rank.

    No run with dcp was measured, so none is near.
    """
    calibration = deployment.calibration
    bumps = load_bumps(deployment, plans, requests)
    ttft, tpot = bumps.corrections(calibration.ttft_correction, calibration.tpot_correction)
    nearness = bumps.nearness * (plans.dcp == 1) if plans.has_dcp else bumps.nearness
    return LoadCorrection(ttft, tpot, nearness)


def load_bumps(deployment: Deployment, plans: PlanTable, requests: Count) -> Bumps:
    """What a correction is made of at so many ``requests`` per rank."""
    return bumps_at(
        plans,
        requests=requests,
        input_tokens=deployment.workload.input_seq_length,
        output_tokens=deployment.workload.output_seq_length,
    )


def _ideal_share(
    deployment: Deployment, batch: Batching, decode: StepTotal, mixed: StepTotal, parts: Phases
) -> Array:
    """Data-sheet time of a rank's requests over their turn: at most 1; shape [P]."""
    workload = deployment.workload
    turn = parts.ttft + (workload.output_seq_length - 1) * parts.tpot
    ideal = np.maximum(
        _per_request(workload, batch, decode.ideal_compute, mixed.ideal_compute),
        _per_request(workload, batch, decode.ideal_memory, mixed.ideal_memory),
    )
    return np.asarray(batch.requests * ideal / turn) * (1 + ROUNDING)


def _per_request(
    workload: WorkloadSpec, batch: Batching, decode_ideal: Array, mixed_ideal: Array
) -> Count:
    """Ideal seconds a stage's chip spends on one request: its mixed and its pure decode steps."""
    decode_steps = output_steps(workload) - 1
    mixed_steps = batch.mixed_steps_per_request
    in_mixed = mixed_steps * batch.mixed.decoding / batch.decode.decoding
    pure_decode = np.maximum(decode_steps / batch.decode.decoding - in_mixed, 0.0)
    return mixed_steps * mixed_ideal + pure_decode * decode_ideal
