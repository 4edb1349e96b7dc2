"""Where TTFT and TPOT come from, operator by operator, for the few plans that are shown.

The rows of a phase add up to its total; each second is charged to computing, memory,
communication, overhead or waiting.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs import part_costs
from llm_simulator.planner.costs.part_costs import OperatorCosts
from llm_simulator.planner.costs.step_cost import StepCostModel, StepCosts, StepTotal
from llm_simulator.planner.operators.layers import STAGES
from llm_simulator.planner.operators.speculation import accepted_tokens
from llm_simulator.planner.operators.step import Step, beside
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
from llm_simulator.planner.serving.steady_state import DECODE, MIXED, Serving
from llm_simulator.units import Array, Count, Seconds

CAUSES = (*part_costs.CAUSES, "waiting")


@dataclass(frozen=True)
class PhaseSeconds:
    """Seconds of the operators of a phase; what adds up to it."""

    operators: tuple[str, ...]
    seconds: Array
    """By operator and by what bounds it, in the order of ``CAUSES``; [O, 5, P]."""

    def then(self, operator: str, **causes: Seconds) -> "PhaseSeconds":
        """These and one more operator, with its seconds by cause; left out, there are none."""
        row = np.zeros((1, *self.seconds.shape[1:]))
        for cause, seconds in causes.items():
            row[0, CAUSES.index(cause)] = seconds
        return PhaseSeconds((*self.operators, operator), np.concatenate([self.seconds, row]))

    def scaled(self, factor: Seconds) -> "PhaseSeconds":
        """The same operators, every kind of time multiplied by ``factor``."""
        return replace(self, seconds=factor * self.seconds)

    @property
    def by_cause(self) -> dict[str, Array]:
        """Seconds of all operators together."""
        return dict(zip(CAUSES, self.seconds.sum(axis=0), strict=True))


@dataclass(frozen=True)
class Passage:
    """A step of every plan, as often as a phase passes it; columns of shape [P]."""

    steps: StepCosts
    number: int
    """Which of the ``steps`` it is."""
    step: Step
    passes: Array
    """How often, by the rows of ``pipeline``; [4, P]. Of decoding, per token that a step yields."""
    pace: Seconds = 1.0
    """Measured over predicted seconds of these steps, a factor of the engine."""

    def only(self, figure: Count) -> float:
        """A figure [T, P] of the steps for this one and a table's only plan."""
        return float(np.broadcast_to(figure, np.shape(self.steps.steps.decoding))[self.number, 0])

    @property
    def cost_model(self) -> StepCostModel:
        """The plans on their hardware."""
        return self.steps.model

    @property
    def total(self) -> StepTotal:
        """The sums of the step."""
        return self.steps.total[self.number]

    @cached_property
    def costs(self) -> OperatorCosts:
        """What every operator and message of the step costs."""
        return self.steps.operators(self.number)

    @property
    def seconds(self) -> PhaseSeconds:
        """Seconds of the phase by operator, those of one name merged."""
        return _operator_times(self.costs, self.pace * self.passes)


@dataclass(frozen=True)
class Breakdown:
    """Both phases of every plan of a table."""

    prefill: PhaseSeconds
    """Adds up to TTFT."""
    decode: PhaseSeconds
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
        prompts.seconds.then("host_overhead", overhead=parts.prompt_overhead)
        .then("admission", waiting=parts.admission)
        .then("queueing", waiting=parts.queueing)
    )
    decode = tokens.seconds.then("host_overhead", overhead=parts.token_overhead).then(
        "prefill_interference", waiting=parts.interference
    )
    prefill = prefill.scaled(served.ttft_correction)
    if served.cost_model.deployment.workload.max_num_seqs is not None:
        prefill = prefill.then("place", waiting=served.waiting)
    return Breakdown(
        prefill=prefill,
        decode=decode.scaled(served.tpot_correction),
        prompts=prompts,
        tokens=tokens,
    )


def _prompts(served: Serving) -> Passage:
    """A prompt's mixed steps."""
    factors = served.cost_model.deployment.calibration.factors
    passes = _prompt_passes(served.mixed, served.batch.chunks)
    return Passage(served.costs, MIXED, served.batch.mixed, passes, pace=factors.prompt_steps)


def _tokens(served: Serving) -> Passage:
    """The decode steps of one token."""
    model, batch = served.cost_model, served.batch
    passes = _decode_passes(served.decode, model.plans, batch.requests)
    accepted = accepted_tokens(model.deployment.workload.speculative)
    return Passage(served.costs, DECODE, batch.decode, passes / accepted)


def pool_breakdown(
    pools: MatchedPools, prefill_plans: PlanTable, decode_plans: PlanTable
) -> Breakdown:
    """The breakdown of every pair of ``pools``, columns of shape [Q] beside both plan tables."""
    deployment, decoding = pools.deployment, pools.decoding
    overhead = host_overhead(deployment, pools.prefill.batch)
    chunks = prompt_chunks(deployment)
    accepted = accepted_tokens(deployment.workload.speculative)
    step = prefill_step(deployment, pools.prefill.batch)
    costs = StepCostModel(deployment, prefill_plans).costs(beside(step))
    prompts = Passage(costs, 0, step, _prompt_passes(costs.total[0], chunks))
    step = decode_step(decoding, decode_plans, pools.decode.batch)
    costs = StepCostModel(decoding, decode_plans).costs(beside(step))
    total = costs.total[0]
    passes = _decode_passes(total, decode_plans, pools.decode.batch)
    tokens = Passage(costs, 0, step, passes / accepted, decode_pace(decoding, total))
    token_overhead = host_overhead(decoding, pools.decode.batch) / accepted
    decode = tokens.seconds.then("host_overhead", overhead=token_overhead)
    return Breakdown(
        prefill=prompts.seconds.then("host_overhead", overhead=chunks * overhead)
        .then("pool_handover", overhead=pools.handover)
        .then("kv_transfer", communication=pools.transfer)
        .then("first_decode_step", **decode.by_cause)
        .then("queueing", waiting=pools.queueing),
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


def _operator_times(costs: OperatorCosts, passes: Array) -> PhaseSeconds:
    """Costs of a step by the rows of ``pipeline``, as often as each is passed; operators of one
    name merged."""
    place = {name: number for number, name in enumerate(dict.fromkeys(costs.names))}
    seconds = np.zeros((len(place), len(CAUSES), passes.shape[1]))
    rows = [place[name] for name in costs.names]
    np.add.at(seconds[:, :-1], rows, (passes * costs.seconds).sum(axis=2))
    return PhaseSeconds(tuple(place), seconds)
