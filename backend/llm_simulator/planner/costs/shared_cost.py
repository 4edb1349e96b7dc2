"""Sums over a step's operators, computed once for all plans that share a shard.

Most plans of a table differ only in how many stages or replicas they have, so one layer of theirs
costs the same. A step's sums are therefore computed per layer, for each distinct shard and step,
and then multiplied by the layers of every plan's stages.

Axes as in ``part_costs``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.communication import Network
from llm_simulator.planner.costs.part_costs import BACKBONE, ROUTED, Part, PartCosts, Sums
from llm_simulator.planner.costs.roofline import WorkSeconds
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.layers import (
    LayerCounts,
    StageLayers,
    layer_counts,
    per_layer,
    pipeline,
)
from llm_simulator.planner.operators.messages import pipeline_message
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.operators.together import together
from llm_simulator.planner.operators.work import Message
from llm_simulator.planner.plans.distinct import Distinct, all_different, distinct
from llm_simulator.planner.plans.placement import unit_level
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import IntArray


@dataclass(frozen=True)
class SharedCost:
    """The sums of steps of every plan of a table."""

    deployment: Deployment
    plans: PlanTable
    network: Network

    def sums(self, step: Step, parts: Iterable[PartCosts] | None = None) -> Sums:
        """The sums of each ``step`` [T, P] over its operators and messages, by the rows of
        ``pipeline``; its ``parts``, where they are known already."""
        total = Sums.zeros(len(self.layer_counts[0]), 1, np.shape(step.decoding))
        for part in self.parts(step) if parts is None else parts:
            _add_layers(total, part.sums, part.alike, self.layer_counts)
        if self.plans.has_stages:
            message = self.handing_on(step)
            seconds = self.network.single_time(message)
            total.communication[:] += np.asarray(message.repeats)[:, None] * seconds
        return total

    def parts(self, step: Step) -> Iterator[PartCosts]:
        """The cost of each ``step`` [T, P] part by part."""
        parts = (BACKBONE, ROUTED) if self.deployment.model.num_experts else (BACKBONE,)
        for part in parts:
            yield self._costs(part, step, self._alike(part, step))

    def handing_on(self, step: Step) -> Message:
        """What stages send to the next ones, by the rows of ``pipeline``."""
        return pipeline_message(Context(self.deployment, self.plans, step, self.layers))

    def _alike(self, part: Part, step: Step) -> Distinct:
        """Plans that agree in all that ``part`` of each ``step`` depends on."""
        if self.deployment.has_columns or len(self.plans) == 1:
            return all_different(len(self.plans))
        degrees = (getattr(self.plans, name) for name in part.degrees)
        steps = (*np.asarray(step.decoding), *np.asarray(step.prompts))
        return distinct(*degrees, self._unit_level, *steps)

    def _costs(self, part: Part, step: Step, alike: Distinct) -> PartCosts:
        """What everything in a part costs, by what each layer count repeats of it."""
        plans, network = self.plans, self.network
        if not alike.all_differ:
            plans, step = plans[alike.first], step[alike.first]
            network = Network(self.deployment, plans)
        context = Context(self.deployment, plans, step, per_layer(self.deployment.model, axes=2))
        works = together(tuple(part.works(context)), np.shape(step.decoding))
        messages = tuple(part.messages(context))
        factors = self.deployment.calibration.factors
        return PartCosts(
            alike=alike,
            works=works,
            seconds=WorkSeconds(works, self.deployment.chip, factors),
            messages=messages,
            sending=[network.single_time(message) for message in messages],
        )

    @cached_property
    def layers(self) -> StageLayers:
        """Every plan's stages, and all of them together."""
        return pipeline(self.deployment.model, self.plans)

    @cached_property
    def layer_counts(self) -> LayerCounts:
        """What the cost of every plan's stages is linear in."""
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
