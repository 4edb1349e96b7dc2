"""What one engine step costs on the stages of a pipeline, operator by operator or in sum.

Columns have the rows of ``pipeline``, [S, P]: single stages, and all of them one after the other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.communication import Network
from llm_simulator.planner.costs.roofline import (
    ideal_compute_time,
    ideal_memory_time,
    operator_time,
    padded_compute_time,
    reach_of,
    start_time,
)
from llm_simulator.planner.costs.shared_cost import SharedCost, Sums
from llm_simulator.planner.operators.all_work import all_work
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.layers import (
    STAGES,
    StageLayers,
    per_layer,
    pipeline,
    slowest,
)
from llm_simulator.planner.operators.messages import step_messages
from llm_simulator.planner.operators.step import Step, beside, halved
from llm_simulator.planner.operators.together import Works, together
from llm_simulator.planner.operators.work import AnyWork, Message
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.calibration import EngineFactors
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, IntArray, Seconds


@dataclass(frozen=True)
class OperatorCost:
    """Seconds of one operator in one step; each moment is charged to what bounds it; [S, P]."""

    operator: str
    compute: Seconds = 0.0
    memory: Seconds = 0.0
    communication: Seconds = 0.0
    overhead: Seconds = 0.0
    ideal_compute: Seconds = 0.0
    ideal_memory: Seconds = 0.0
    work: AnyWork | None = None
    """What takes the time, if it is work."""
    message: Message | None = None
    """What is sent, if it is a message."""


@dataclass(frozen=True)
class StepTotal:
    """Seconds of a whole step; columns of shape [P], or [T, P] of several beside each other."""

    time: Array
    """On the slowest stage, which all others wait for."""
    through: Array
    """On all stages, one after the other."""
    stages: Array
    """On each row of ``pipeline``; [S, P] or [S, T, P]."""
    ideal_compute: Array
    """Seconds at peak FLOP/s, a mean over the stages."""
    ideal_memory: Array
    """Seconds at peak bandwidth, a mean over the stages."""

    @property
    def slowest(self) -> IntArray:
        """The slowest stage, a row of ``pipeline``."""
        return slowest(self.stages)

    def __getitem__(self, number: int) -> "StepTotal":
        """One of several steps beside each other."""
        columns = (self.time, self.through, self.ideal_compute, self.ideal_memory)
        time, through, compute, memory = (column[number] for column in columns)
        return StepTotal(time, through, self.stages[:, number], compute, memory)


@dataclass(frozen=True)
class StepCostModel:
    """The plans on their hardware: everything about cost that does not depend on the step."""

    deployment: Deployment
    plans: PlanTable
    known_sums: Callable[[Step], Sums] | None = None
    """Where the sums over a step's operators are known already."""

    @cached_property
    def network(self) -> Network:
        """The links as the plans' groups see them."""
        return Network(self.deployment, self.plans)

    @cached_property
    def layers(self) -> StageLayers:
        """Every plan's stages, and all of them together."""
        return pipeline(self.deployment.model, self.plans)

    def operator_costs(self, step: Step) -> Iterator[OperatorCost]:
        """The cost of every operator and message of ``step``, as far as none hides another."""
        plain = self.plain_costs(step)
        if not self.deployment.workload.two_batch_overlap:
            return plain
        return iter(self._overlapped(tuple(plain), tuple(self.plain_costs(halved(step)))))

    def layer_costs(self, step: Step) -> Iterator[OperatorCost]:
        """The same by the counts of ``layer_counts``, [4, P], with nothing hidden."""
        return self.plain_costs(step, per_layer(self.deployment.model))

    def plain_costs(self, step: Step, layers: StageLayers | None = None) -> Iterator[OperatorCost]:
        """The costs with nothing hidden; ``layers`` left out are those of all stages."""
        context = Context(self.deployment, self.plans, step, layers or self.layers)
        works = together(tuple(all_work(context)), (len(self.plans),))
        yield from _work_costs(works, self.deployment.chip, self.deployment.calibration.factors)
        for message in step_messages(context):
            seconds = self.network.message_time(message)
            yield OperatorCost(message.operator, communication=seconds, message=message)

    def _overlapped(
        self, whole: Sequence[OperatorCost], half: Sequence[OperatorCost]
    ) -> Iterator[OperatorCost]:
        """The costs of two halves that hide each other's communication, where that is faster."""
        computing = sum(_busy(cost) for cost in half)
        sending = sum(cost.communication for cost in half)
        exposed = self._exposed(computing, sending)
        plain = sum(_busy(cost) + cost.communication for cost in whole)
        gains = np.asarray(2 * computing + exposed < plain)
        shown = np.where(gains, exposed / np.maximum(2 * sending, 1e-300), 1.0)
        for one, part in zip(whole, half, strict=True):
            yield OperatorCost(
                operator=one.operator,
                compute=np.where(gains, 2 * part.compute, one.compute),
                memory=np.where(gains, 2 * part.memory, one.memory),
                communication=np.where(gains, 2 * part.communication, one.communication) * shown,
                overhead=np.where(gains, 2 * part.overhead, one.overhead),
                ideal_compute=one.ideal_compute,
                ideal_memory=one.ideal_memory,
                work=one.work,
                message=one.message,
            )

    def step_total(self, step: Step) -> StepTotal:
        """The sums over all operators of ``step``, shared by plans with the same shards."""
        if np.ndim(step.decoding) == 1:
            return self.step_total(beside(step))[0]
        sums = self.known_sums or SharedCost(self.deployment, self.plans, self.network).sums
        whole = sums(step)
        time = whole.busy + whole.communication
        if self.deployment.workload.two_batch_overlap:
            half = sums(halved(step))
            time = np.minimum(time, 2 * half.busy + self._exposed(half.busy, half.communication))
        ideal_compute, ideal_memory = whole.ideals[:, 0] / self.plans.pp
        return StepTotal(
            time=time[:STAGES].max(axis=0),
            through=time[-1],
            stages=time,
            ideal_compute=ideal_compute,
            ideal_memory=ideal_memory,
        )

    def _exposed(self, computing: Seconds, sending: Seconds) -> Seconds:
        r"""Seconds of communication that two overlapped halves of a step can't hide.

        .. math:: \max(2 (M - C), 0) + \min(C, M)/L

        C computes and M sends one half; the first of a stage's L layers has nothing to hide behind.
        References: DeepSeek-V3 technical report, arXiv 2412.19437, section 3.4.
        """
        stages, layers = self.layers.handed_on + self.layers.last, self.layers.every
        share = np.asarray(stages / layers)
        if np.ndim(computing) > share.ndim:
            share = share[:, None]
        first = np.minimum(computing, sending) * share
        return np.maximum(2 * (sending - computing), 0) + first


def _busy(cost: OperatorCost) -> Seconds:
    """Seconds in which a chip is at work on an operator."""
    return cost.compute + cost.memory + cost.overhead


def _work_costs(works: Works, chip: ChipSpec, factors: EngineFactors) -> Iterator[OperatorCost]:
    """The roofline of each operator and the starts of its kernels, times its repetitions."""
    reach = reach_of(works, chip, factors)
    compute = padded_compute_time(works, chip) / reach.compute
    memory = ideal_memory_time(works, chip) / reach.memory
    time = operator_time(compute, memory)
    compute_bound = compute >= memory
    seconds = (
        time * compute_bound,
        time * ~compute_bound,
        start_time(works, reach),
        ideal_compute_time(works, chip),
        ideal_memory_time(works, chip),
    )
    # Axes O, S, P: each operator on each row of ``pipeline``.
    computing, moving, starting, flops, moved = (
        works.repeats * np.asarray(column)[:, None] for column in seconds
    )
    for row, work in enumerate(works.each):
        yield OperatorCost(
            operator=work.operator,
            compute=computing[row],
            memory=moving[row],
            overhead=starting[row],
            ideal_compute=flops[row],
            ideal_memory=moved[row],
            work=work,
        )
