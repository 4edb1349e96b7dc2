"""What one engine step costs on the stages of a pipeline, operator by operator or in sum.

Columns have the rows of ``pipeline``, [S, P]: single stages, and all of them one after the other.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.communication import Network
from llm_simulator.planner.costs.part_costs import (
    CAUSES,
    SENDING,
    OperatorCosts,
    PartCosts,
    Sums,
)
from llm_simulator.planner.costs.shared_cost import SharedCost
from llm_simulator.planner.costs.wire import wire_bytes
from llm_simulator.planner.operators.layers import (
    LAYER_COUNTS,
    STAGES,
    slowest,
)
from llm_simulator.planner.operators.step import Step, beside, halved
from llm_simulator.planner.operators.work import Message, Work
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, IntArray, Seconds


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

    def of(self, rows: IntArray) -> "StepTotal":
        """The same of some of the plans."""
        return StepTotal(*(column[..., rows] for column in vars(self).values()))


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
    def shared(self) -> SharedCost:
        """What plans with the same shard have in common."""
        return SharedCost(self.deployment, self.plans, self.network)

    def costs(self, steps: Step) -> "StepCosts":
        """Every operator of several ``steps`` [T, P] of few plans, and their sums."""
        whole, half = tuple(self.shared.parts(steps)), None
        if self.deployment.workload.two_batch_overlap:
            half = tuple(self.shared.parts(halved(steps)))
        total = self._total(steps, whole, half)
        return StepCosts(self, steps, total, whole, half, np.arange(len(self.plans)))

    def step_total(self, step: Step) -> StepTotal:
        """The sums over all operators of ``step``, shared by plans with the same shards."""
        if np.ndim(step.decoding) == 1:
            return self.step_total(beside(step))[0]
        return self._total(step)

    def _total(
        self,
        step: Step,
        parts: Iterable[PartCosts] | None = None,
        half_parts: Iterable[PartCosts] | None = None,
    ) -> StepTotal:
        """The sums over all operators of ``step``, whose parts may be known already."""
        known = self.known_sums
        whole = known(step) if known else self.shared.sums(step, parts)
        time = whole.busy + whole.communication
        if self.deployment.workload.two_batch_overlap:
            split = halved(step)
            half = known(split) if known else self.shared.sums(split, half_parts)
            time = np.minimum(time, 2 * half.busy + self.exposed(half.busy, half.communication))
        ideal_compute, ideal_memory = whole.ideals[:, 0] / self.plans.pp
        return StepTotal(
            time=time[:STAGES].max(axis=0),
            through=time[-1],
            stages=time,
            ideal_compute=ideal_compute,
            ideal_memory=ideal_memory,
        )

    def exposed(self, computing: Seconds, sending: Seconds) -> Seconds:
        r"""Seconds of communication that two overlapped halves of a step can't hide.

        .. math:: \max(2 (M - C), 0) + \min(C, M)/L

        C computes and M sends one half; the first of a stage's L layers has nothing to hide behind.
        References: DeepSeek-V3 technical report, arXiv 2412.19437, section 3.4.
        """
        on = self.shared.layers
        stages, layers = on.handed_on + on.last, on.every
        share = np.asarray(stages / layers)
        if np.ndim(computing) > share.ndim:
            share = share[:, None]
        first = np.minimum(computing, sending) * share
        return np.maximum(2 * (sending - computing), 0) + first


@dataclass(frozen=True)
class StepCosts:
    """Several steps of few plans, in sum and operator by operator."""

    model: StepCostModel
    steps: Step
    total: StepTotal
    whole: tuple[PartCosts, ...]
    half: tuple[PartCosts, ...] | None
    """Of two halves that hide each other's communication, one."""
    rows: IntArray
    """Where the plans stand in the parts."""

    def of(self, rows: IntArray, model: StepCostModel) -> "StepCosts":
        """The same of some of the plans, those of ``model``."""
        steps, total = self.steps[rows], self.total.of(rows)
        return StepCosts(model, steps, total, self.whole, self.half, self.rows[rows])

    def operators(self, number: int) -> OperatorCosts:
        """What every operator and message of one step costs, as far as none hides another."""
        return self._operators.step(number)

    @cached_property
    def _operators(self) -> OperatorCosts:
        shared = self.model.shared
        counts, handed_on = np.array(shared.layer_counts), np.asarray(shared.layers.handed_on)
        plain = self._plain(counts, handed_on)
        if self.half is None:
            return plain
        return self._overlapped(plain, self._plain(counts, handed_on, halves=True))

    def layer(self, number: int, *, halves: bool = False) -> OperatorCosts:
        """The same by layer counts, with nothing hidden, or of a half of the step."""
        counts = np.eye(LAYER_COUNTS)[..., None]
        nothing = np.zeros((LAYER_COUNTS, 1))
        return self._plain(counts, nothing, halves=halves).step(number)

    @cached_property
    def asked(self) -> list[Work | Message]:
        """What each row of ``operators`` asks of the chip or of its links; columns [T, P]."""
        found = [one for part in self.whole for one in part.asked(self.rows)]
        if self.model.plans.has_stages:
            found.append(self.model.shared.handing_on(self.steps))
        return [found[row] for row in self._order]

    @cached_property
    def wire(self) -> list[tuple[Array, ...]]:
        """Bytes that a rank puts on each tier with one repetition of each row; [T, P], nothing for
        works."""
        network = self.model.network
        return [
            wire_bytes(one, network.span(one.group)) if isinstance(one, Message) else ()
            for one in self.asked
        ]

    def _plain(self, counts: Array, handed_on: Array, *, halves: bool = False) -> OperatorCosts:
        parts = (self.half or ()) if halves else self.whole
        found = [part.operators(counts, self.rows) for part in parts]
        if self.model.plans.has_stages:
            message = self.model.shared.handing_on(halved(self.steps) if halves else self.steps)
            once = np.asarray(self.model.network.single_time(message))
            repeats = handed_on[:, None] * np.ones_like(once)
            seconds = np.zeros((1, len(CAUSES), *repeats.shape))
            seconds[0, SENDING] = repeats * once
            found.append(OperatorCosts((message.operator,), repeats[None], seconds))
        return OperatorCosts.joined(found, self._order)

    def _overlapped(self, whole: OperatorCosts, half: OperatorCosts) -> OperatorCosts:
        """The costs of two halves that hide each other's communication, where that is faster."""
        computing, sending = half.busy.sum(axis=0), half.communication.sum(axis=0)
        exposed = self.model.exposed(computing, sending)
        gains = 2 * computing + exposed < whole.seconds.sum(axis=(0, 1))
        seconds = np.where(gains, 2 * half.seconds, whole.seconds)
        seconds[:, SENDING] *= np.where(gains, exposed / np.maximum(2 * sending, 1e-300), 1.0)
        return replace(whole, seconds=seconds)

    @property
    def _order(self) -> list[int]:
        """Rows of the parts and of what stages hand on: works, then messages."""
        is_sent = [isinstance(one, Message) for part in self.whole for one in part.all]
        is_sent += [True] * self.model.plans.has_stages
        return sorted(range(len(is_sent)), key=is_sent.__getitem__)
