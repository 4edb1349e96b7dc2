"""Sums over a step's operators, computed once for all plans that share a shard.

Most plans of a table differ only in how many stages or replicas they have, so one layer of theirs
costs the same. A step's sums are therefore computed per layer, for each distinct shard and step,
and then multiplied by the layers of every plan's stages.

Axes: by layer counts (4) or by the S rows of ``pipeline``; T steps of the same plans; P plans, or K
distinct shards of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.communication import Network
from llm_simulator.planner.costs.roofline import ideal_compute_time, ideal_memory_time, work_time
from llm_simulator.planner.operators.all_work import backbone_work, routed_work
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.layers import (
    LAYER_COUNTS,
    LayerCounts,
    StageLayers,
    layer_counts,
    per_layer,
    pipeline,
)
from llm_simulator.planner.operators.messages import (
    backbone_messages,
    pipeline_message,
    routed_messages,
)
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.operators.together import together
from llm_simulator.planner.operators.work import AnyWork, Message
from llm_simulator.planner.plans.distinct import Distinct, all_different, distinct
from llm_simulator.planner.plans.placement import unit_level
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, IntArray


@dataclass(frozen=True)
class Sums:
    """Seconds summed over operators, by layer counts or by the rows of ``pipeline``."""

    times: Array
    """Of which the chip is ``busy``, and of communication; [2, S, T, P]."""
    ideals: Array
    """At peak FLOP/s, and at peak bandwidth, of all stages together; [2, 1, T, P]."""

    @classmethod
    def zeros(cls, rows: int, ideal_rows: int, columns: tuple[int, ...]) -> "Sums":
        """Nothing done yet."""
        return cls(np.zeros((2, rows, *columns)), np.zeros((2, ideal_rows, *columns)))

    @property
    def busy(self) -> Array:
        """The chip computes, moves bytes or starts kernels; [S, T, P]."""
        return self.times[0]

    @property
    def communication(self) -> Array:
        """Messages are on their way; [S, T, P]."""
        return self.times[1]


@dataclass(frozen=True)
class Part:
    """Operators and messages that depend on the same degrees of a plan."""

    degrees: tuple[str, ...]
    works: Callable[[Context], Iterable[AnyWork]]
    messages: Callable[[Context], Iterable[Message]]


BACKBONE = Part(("tp", "sp", "dcp"), backbone_work, backbone_messages)
ROUTED = Part(("sp", "attention_dp", "ep", "moe_tp"), routed_work, routed_messages)


@dataclass(frozen=True)
class SharedCost:
    """The sums of steps of every plan of a table."""

    deployment: Deployment
    plans: PlanTable
    network: Network

    def sums(self, step: Step) -> Sums:
        """The sums of each ``step`` [T, P] over its operators and messages, by the rows of
        ``pipeline``."""
        total = Sums.zeros(len(self._layer_counts[0]), 1, np.shape(step.decoding))
        parts = (BACKBONE, ROUTED) if self.deployment.model.num_experts else (BACKBONE,)
        for part in parts:
            alike = self._alike(part, step)
            _add_layers(total, self._per_layer(part, step, alike), alike, self._layer_counts)
        if self.plans.has_stages:
            message = pipeline_message(Context(self.deployment, self.plans, step, self.layers))
            seconds = self.network.single_time(message)
            total.communication[:] += np.asarray(message.repeats)[:, None] * seconds
        return total

    def _alike(self, part: Part, step: Step) -> Distinct:
        """Plans that agree in all that ``part`` of each ``step`` depends on."""
        if self.deployment.has_columns or len(self.plans) == 1:
            return all_different(len(self.plans))
        degrees = (getattr(self.plans, name) for name in part.degrees)
        steps = (*np.asarray(step.decoding), *np.asarray(step.prompts))
        return distinct(*degrees, self._unit_level, *steps)

    def _per_layer(self, part: Part, step: Step, alike: Distinct) -> Sums:
        """What each layer count of ``layer_counts`` multiplies, for each distinct shard."""
        plans, network = self.plans, self.network
        if not alike.all_differ:
            plans, step = plans[alike.first], step[alike.first]
            network = Network(self.deployment, plans)
        counts = per_layer(self.deployment.model, axes=2)
        context = Context(self.deployment, plans, step, counts)
        total = Sums.zeros(LAYER_COUNTS, LAYER_COUNTS, np.shape(step.decoding))
        self._add_works(total, tuple(part.works(context)))
        for message in part.messages(context):
            seconds = network.single_time(message)
            for row, repeats in zip(total.communication, np.asarray(message.repeats), strict=True):
                if repeats.any():
                    row += repeats * seconds
        return total

    def _add_works(self, total: Sums, works: Sequence[AnyWork]) -> None:
        """Adds up the seconds of all ``works``, as often as each layer count repeats them."""
        all_works = together(works, total.busy.shape[1:])
        chip, factors = self.deployment.chip, self.deployment.calibration.factors
        seconds = np.empty((len(works), 3, *total.busy.shape[1:]))
        seconds[:, 0] = work_time(all_works, chip, factors)
        seconds[:, 1] = ideal_compute_time(all_works, chip)
        seconds[:, 2] = ideal_memory_time(all_works, chip)
        repeats = all_works.repeats
        used = np.asarray(repeats.any(axis=(2, 3)))
        for count in np.flatnonzero(used.any(axis=0)).tolist():
            rows = np.flatnonzero(used[:, count])
            # Rows are added one after the other, so a table of one plan adds up as any other.
            added = (repeats[rows, count][:, None] * seconds[rows]).sum(axis=0)
            total.busy[count] += added[0]
            total.ideals[:, count] += added[1:]

    @cached_property
    def layers(self) -> StageLayers:
        """Every plan's stages, and all of them together."""
        return pipeline(self.deployment.model, self.plans)

    @cached_property
    def _layer_counts(self) -> LayerCounts:
        return layer_counts(self.deployment.model, self.plans)

    @cached_property
    def _unit_level(self) -> IntArray:
        return unit_level(self.plans.chips, self.deployment.topology.capacities)


def _add_layers(total: Sums, layered: Sums, alike: Distinct, counts: LayerCounts) -> None:
    for number, count in enumerate(counts):
        times, ideals = layered.times[:, number], layered.ideals[:, number]
        if times.any():
            for column, seconds in zip(total.times, alike.spread(times), strict=True):
                column += count[:, None] * seconds
            for column, seconds in zip(total.ideals, alike.spread(ideals), strict=True):
                column += count[-1:, None] * seconds
