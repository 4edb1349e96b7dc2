"""Time of a step's messages over the topology tiers that each group of ranks crosses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from llm_simulator.planner.costs.collectives import (
    Reach,
    Span,
    all_gather_time,
    all_reduce_time,
    all_to_all_time,
    send_time,
    servers_of,
)
from llm_simulator.planner.operators.work import GroupName, Message
from llm_simulator.planner.plans.placement import (
    Group,
    cache_group,
    expert_group,
    expert_tensor_group,
    pipeline_group,
    ranks_per_unit,
    sequence_group,
    tensor_group,
)
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.link import Link
from llm_simulator.planner.specs.topology import TIERS
from llm_simulator.units import Bytes, BytesPerSecond, Count, Seconds

TIMES: Mapping[str, Callable[[Bytes, Span], Seconds]] = {
    "all_reduce": all_reduce_time,
    "all_gather": all_gather_time,
    "all_to_all": all_to_all_time,
    "send": send_time,
}

_GROUPS: Mapping[GroupName, Callable[[PlanTable], Group]] = {
    "tensor": tensor_group,
    "sequence": sequence_group,
    "cache": cache_group,
    "expert": expert_group,
    "expert_tensor": expert_tensor_group,
    "pipeline": pipeline_group,
}


def group_of(name: GroupName, plans: PlanTable) -> Group:
    """The ranks of the group of that ``name``."""
    return _GROUPS[name](plans)


def transfer_time(message: Message, span: Span) -> Seconds:
    """Seconds of ``message`` sent once over ``span``; relayed where that is faster."""
    time = TIMES[message.pattern](message.size, span)
    if message.relay is None:
        return time
    relayed = all_to_all_time(message.size, span, message.relay.across(servers_of(span)))
    return np.where(np.greater(message.relay.used, 0), np.minimum(time, relayed), time)


class ReachedLink(NamedTuple):
    """What messages reach of a link."""

    latency: Seconds
    bandwidth: BytesPerSecond


def reached_link(link: Link, deployment: Deployment) -> ReachedLink:
    """What messages reach of a link: the chip's efficiency and the engine's measured factors."""
    factors = deployment.calibration.factors
    efficiency = min(deployment.chip.link_efficiency * factors.link_bandwidth, 1.0)
    return ReachedLink(link.latency * factors.message_start, link.bandwidth * efficiency)


@dataclass(frozen=True)
class Network:
    """The links as the groups of a plan table see them."""

    deployment: Deployment
    plans: PlanTable

    @cached_property
    def _spans(self) -> dict[GroupName, Span]:
        """The spans asked for so far."""
        return {}

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers that have a link, as every span lists them."""
        return tuple(tier for tier in TIERS if tier in self.deployment.topology.links)

    def message_time(self, message: Message) -> Seconds:
        """Seconds all repetitions of ``message`` take; shape [P]."""
        return message.repeats * self.single_time(message)

    def single_time(self, message: Message) -> Seconds:
        """Seconds of ``message`` sent once; shape [P]."""
        return transfer_time(message, self.span(message.group))

    def span(self, group: GroupName) -> Span:
        """The tiers that ``group`` crosses."""
        if group not in self._spans:
            self._spans[group] = self._span(group_of(group, self.plans))
        return self._spans[group]

    def _span(self, group: Group) -> Span:
        reaches = []
        within: Count = np.ones(len(self.plans))
        for capacity, link in self._links:
            met = np.maximum(ranks_per_unit(group, capacity, self.plans.chips), within)
            reaches.append(replace(link, members=met / within))
            within = met
        return tuple(reaches)

    @cached_property
    def _links(self) -> list[tuple[int, Reach]]:
        """Chips within a unit of each tier that has a link, and what a group of one reaches."""
        topology = self.deployment.topology
        board = topology.links.get(TIERS[0])
        own_bandwidth = board and board.bandwidth
        found = []
        for tier, capacity in zip(TIERS, topology.capacities, strict=True):
            link = topology.links.get(tier)
            if link is None:
                continue
            reached = reached_link(link, self.deployment)
            reach = Reach(
                1.0,
                reached.latency,
                reached.bandwidth,
                direct=bool(np.all(link.bandwidth == own_bandwidth)),
                reduces=link.in_network_reduction,
            )
            found.append((capacity, reach))
        return found
