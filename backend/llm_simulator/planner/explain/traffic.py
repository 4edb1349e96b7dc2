"""What ranks send each other: message by message, and in sum on the links of each tier."""

from collections.abc import Iterator, Sequence

import numpy as np

from llm_simulator.planner.costs.communication import Network, group_of, reached_link
from llm_simulator.planner.explain.explanation import (
    GroupReach,
    MessageTraffic,
    Part,
    PhaseName,
    TierBytes,
    TierTraffic,
)
from llm_simulator.planner.explain.only import only
from llm_simulator.planner.explain.phases import passed
from llm_simulator.planner.operators.work import GROUPS, Message
from llm_simulator.planner.serving.breakdown import Passage
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.topology import TIERS
from llm_simulator.units import MICRO, MILLI, Array


def step_traffic(phase: PhaseName, passage: Passage, correction: float) -> list[MessageTraffic]:
    """Every message of a phase's steps that goes over a link."""
    steps, costs = passage.steps, passage.costs
    rows = zip(steps.asked, steps.wire, costs.repeats, costs.communication, strict=True)
    found = (
        _message(phase, passage, message, wire, times, seconds, correction)
        for message, wire, times, seconds in rows
        if isinstance(message, Message)
    )
    return [message for message in found if message is not None]


def _message(
    phase: PhaseName,
    passage: Passage,
    message: Message,
    wire: Sequence[Array],
    repeats: Array,
    communication: Array,
    correction: float,
) -> MessageTraffic | None:
    model = passage.cost_model
    group, times = group_of(message.group, model.plans), passed(repeats, passage)
    ranks, size = int(group.ranks[0]), passage.only(message.size)
    seconds = passed(communication, passage)
    if ranks == 1 or not seconds:
        return None
    network = model.network
    tiers = [
        TierBytes(tier=tier, members=only(reach.members), bytes=times * passage.only(sent))
        for tier, reach, sent in zip(network.tiers, network.span(message.group), wire, strict=True)
        if passage.only(sent) > 0
    ]
    return MessageTraffic(
        phase=phase,
        operator=message.operator,
        pattern=message.pattern,
        group=message.group,
        ranks=ranks,
        size=size,
        times=times,
        time_ms=seconds * only(passage.pace) * correction / MILLI,
        bytes=sum(tier.bytes for tier in tiers),
        tiers=tiers,
    )


def cache_traffic(pools: MatchedPools, transfer_ms: float) -> MessageTraffic:
    """The cache of a prompt on its way between the only pair of ``pools``."""
    deployment = pools.deployment
    tiers = [tier for tier in TIERS if tier in deployment.topology.links]
    crossed = np.searchsorted(deployment.topology.capacities, pools.chips[0])
    ports = float(np.minimum(pools.prefill.senders, pools.decode.receivers)[0])
    size = pools.cache / ports
    within = [tier for tier in tiers if TIERS.index(tier) <= min(crossed, len(TIERS) - 1)]
    slowest = min(within, key=lambda tier: deployment.topology.links[tier].bandwidth)
    return MessageTraffic(
        phase="prefill",
        operator="kv_transfer",
        pattern="send",
        group="pools",
        ranks=2,
        size=size,
        times=1.0,
        time_ms=transfer_ms,
        bytes=size,
        tiers=[TierBytes(tier=slowest, members=2.0, bytes=size)],
    )


def tier_traffic(
    messages: Sequence[MessageTraffic], deployments: dict[PhaseName, tuple[Deployment, int]]
) -> list[TierTraffic]:
    """The sums on the links of each tier; ``deployments`` with the chips of each phase."""
    return [
        found
        for phase, (deployment, chips) in deployments.items()
        for found in _phase_tiers(messages, phase, deployment, chips)
    ]


def _phase_tiers(
    messages: Sequence[MessageTraffic], phase: PhaseName, deployment: Deployment, chips: int
) -> Iterator[TierTraffic]:
    for tier, link in sorted(
        deployment.topology.links.items(), key=lambda item: TIERS.index(item[0])
    ):
        carried = [
            on.bytes
            for message in messages
            if message.phase == phase
            for on in message.tiers
            if on.tier == tier
        ]
        if not carried:
            continue
        latency, bandwidth = map(only, reached_link(link, deployment))
        yield TierTraffic(
            phase=phase,
            tier=tier,
            bandwidth=link.bandwidth,
            reached_bandwidth=bandwidth,
            latency_us=latency / MICRO,
            bytes=sum(carried),
            bytes_of_all_chips=sum(carried) * chips,
            busy_ms=sum(carried) / bandwidth / MILLI,
        )


def group_reaches(part: Part, network: Network) -> list[GroupReach]:
    """Every group of more than one rank, and how many of them meet on each tier."""
    found = []
    for name in GROUPS:
        group = group_of(name, network.plans)
        if group.ranks[0] == 1:
            continue
        span = zip(network.tiers, network.span(name), strict=True)
        met = {tier: only(reach.members) for tier, reach in span if only(reach.members) > 1}
        found.append(
            GroupReach(
                part=part,
                group=name,
                ranks=int(group.ranks[0]),
                stride=int(group.stride[0]),
                members=met,
            )
        )
    return found
