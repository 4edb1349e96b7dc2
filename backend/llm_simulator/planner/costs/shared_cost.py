"""Sums over a step's operators, computed once for all plans that share a shard.

Most plans of a table differ only in how many stages or replicas they have, so one layer of theirs
costs the same. A step's sums are therefore computed per layer, for each distinct shard and step,
and then multiplied by the layers of every plan's stages.
"""

from collections.abc import Callable, Iterable
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
from llm_simulator.planner.operators.work import Message, Work
from llm_simulator.planner.plans.distinct import Distinct, all_different, distinct
from llm_simulator.planner.plans.placement import unit_level
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, Count, IntArray, Seconds


@dataclass(frozen=True)
class Sums:
    """Seconds summed over operators; by layer counts [4, U], or by the rows of ``pipeline``."""

    busy: Array
    """The chip computes, moves bytes or starts kernels; [S, P]."""
    communication: Array
    ideal_compute: Array
    """Of all stages together; [1, P]."""
    ideal_memory: Array

    @classmethod
    def zeros(cls, rows: int, ideal_rows: int, columns: int) -> "Sums":
        """Nothing done yet."""
        times, ideals = (rows, columns), (ideal_rows, columns)
        return cls(np.zeros(times), np.zeros(times), np.zeros(ideals), np.zeros(ideals))


@dataclass(frozen=True)
class Part:
    """Operators and messages that depend on the same degrees of a plan."""

    degrees: tuple[str, ...]
    works: Callable[[Context], Iterable[Work]]
    messages: Callable[[Context], Iterable[Message]]


BACKBONE = Part(("tp", "sp"), backbone_work, backbone_messages)
ROUTED = Part(("sp", "attention_dp", "ep", "moe_tp"), routed_work, routed_messages)


@dataclass(frozen=True)
class SharedCost:
    """The sums of steps of every plan of a table."""

    deployment: Deployment
    plans: PlanTable
    network: Network

    def sums(self, step: Step) -> Sums:
        """The sums of ``step`` over its operators and messages, by the rows of ``pipeline``."""
        total = Sums.zeros(len(self._layer_counts[0]), 1, len(self.plans))
        parts = (BACKBONE, ROUTED) if self.deployment.model.num_experts else (BACKBONE,)
        for part in parts:
            alike = self._alike(part, step)
            _add_layers(total, self._per_layer(part, step, alike), alike, self._layer_counts)
        context = Context(self.deployment, self.plans, step, self.layers)
        total.communication[:] += self.network.message_time(pipeline_message(context))
        return total

    def _alike(self, part: Part, step: Step) -> Distinct:
        """Plans that agree in all that ``part`` of ``step`` depends on."""
        if self.deployment.has_columns:
            return all_different(len(self.plans))
        degrees = (getattr(self.plans, name) for name in part.degrees)
        steps = (np.asarray(step.decoding), np.asarray(step.prompts))
        return distinct(*degrees, self._unit_level, *steps)

    def _per_layer(self, part: Part, step: Step, alike: Distinct) -> Sums:
        """What each layer count of ``layer_counts`` multiplies, for each distinct shard."""
        plans = self.plans[alike.first]
        counts = per_layer(self.deployment.model)
        context = Context(self.deployment, plans, step[alike.first], counts)
        network = Network(self.deployment, plans)
        total = Sums.zeros(LAYER_COUNTS, LAYER_COUNTS, len(plans))
        for work in part.works(context):
            self._add_work(total, work)
        for message in part.messages(context):
            _add(total.communication, message.repeats, network.single_time(message))
        return total

    def _add_work(self, total: Sums, work: Work) -> None:
        if not np.any(work.bytes):
            return
        chip = self.deployment.chip
        time = work_time(work, chip, self.deployment.calibration.factors)
        _add(total.busy, work.repeats, time)
        _add(total.ideal_compute, work.repeats, ideal_compute_time(work, chip))
        _add(total.ideal_memory, work.repeats, ideal_memory_time(work, chip))

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


def _add(total: Array, repeats: Count, seconds: Seconds) -> None:
    """Adds ``seconds`` to each layer count's row as often as one count repeats them."""
    for row, times in zip(total, np.asarray(repeats), strict=True):
        if times.item() if times.size == 1 else times.any():
            row += times * seconds


def _add_layers(total: Sums, layered: Sums, alike: Distinct, counts: LayerCounts) -> None:
    for name in ("busy", "communication", "ideal_compute", "ideal_memory"):
        column = getattr(total, name)
        for count, per_count in zip(counts, getattr(layered, name), strict=True):
            if per_count.any():
                column += count[-len(column) :] * alike.spread(per_count)
