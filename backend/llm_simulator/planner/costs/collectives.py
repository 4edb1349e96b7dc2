"""Time of collectives on one link and over the tiers of a topology.

n ranks, S bytes, alpha seconds per hop, beta bytes per second of one direction. A span lists the
tiers that a group crosses, inner to outer: how many members meet on each, and over which link.
"""

import math
from dataclasses import dataclass

import numpy as np

from llm_simulator.units import Bytes, BytesPerSecond, Count, Seconds


@dataclass(frozen=True)
class Reach:
    """One tier of a span: ``members`` sub-groups meet over ``link``; shape [P]."""

    members: Count
    latency: Seconds
    """Seconds per hop that collectives reach."""
    bandwidth: BytesPerSecond
    """Bytes per second that collectives reach on the link."""
    direct: bool = False
    """Whether every pair of members has a path of its own: a switch or a full mesh. Direct tiers
    are one network over the same ports, which their equal bandwidths tell: trays of an NVLink rack
    beside the chips of each tray."""
    reduces: bool = False
    """Whether the switch adds up what passes through it."""


Span = tuple[Reach, ...]


def ring_all_reduce_time(
    size: Bytes, ranks: Count, *, latency: Seconds, bandwidth: BytesPerSecond
) -> Seconds:
    r"""Time of a ring all-reduce of a buffer of ``size``.

    .. math:: T = 2(n-1)\,\alpha + \frac{2(n-1)}{n}\,\frac{S}{\beta}

    Source: Patarasuk and Yuan, J. Parallel Distrib. Comput. 69 (2009).

    >>> float(ring_all_reduce_time(8e6, 4, latency=1e-6, bandwidth=100e9))
    0.000126
    >>> float(ring_all_reduce_time(8e6, 1, latency=1e-6, bandwidth=100e9))
    0.0
    """
    steps = 2 * (ranks - 1)
    return steps * latency + steps / ranks * size / bandwidth


def ring_all_gather_time(
    part: Bytes, ranks: Count, *, latency: Seconds, bandwidth: BytesPerSecond
) -> Seconds:
    r"""Time until every rank has the ``part`` of all; a reduce-scatter into parts takes as long.

    .. math:: T = (n-1)\,(\alpha + S_{part}/\beta)
    """
    return (ranks - 1) * (latency + part / bandwidth)


def tree_all_reduce_time(
    size: Bytes, ranks: Count, *, latency: Seconds, bandwidth: BytesPerSecond
) -> Seconds:
    r"""Time of a double binary tree: few hops, every byte up and down once.

    .. math:: T = 2\lceil\log_2 n\rceil\,\alpha + 2\,\frac{S}{\beta} \text{ for } n > 1

    Source: Sanders, Speck and Träff, Parallel Computing 35 (2009); NCCL 2.4.

    >>> float(tree_all_reduce_time(8e6, 4, latency=1e-6, bandwidth=100e9))
    0.000164
    """
    hops = 2 * np.ceil(np.log2(ranks))
    return hops * latency + 2 * np.minimum(ranks - 1, 1) * size / bandwidth


def one_shot_all_reduce_time(
    size: Bytes, ranks: Count, *, latency: Seconds, bandwidth: BytesPerSecond
) -> Seconds:
    r"""Time in which every rank reads the whole buffer of every other and adds up by itself.

    .. math:: T = \alpha + (n-1)\,S/\beta \text{ for } n > 1

    >>> float(one_shot_all_reduce_time(1e4, 5, latency=1e-6, bandwidth=100e9))
    1.4e-06
    """
    return np.minimum(ranks - 1, 1) * latency + (ranks - 1) * size / bandwidth


def two_shot_all_reduce_time(
    size: Bytes, ranks: Count, *, latency: Seconds, bandwidth: BytesPerSecond
) -> Seconds:
    r"""Time of a direct reduce-scatter and a direct all-gather, all peers at once.

    .. math:: T = 2\alpha + \frac{2(n-1)}{n}\,\frac{S}{\beta} \text{ for } n > 1

    >>> float(two_shot_all_reduce_time(8e6, 4, latency=1e-6, bandwidth=100e9))
    0.000122
    """
    others = ranks - 1
    return 2 * (np.minimum(others, 1) * latency + others / ranks * size / bandwidth)


def routed_all_reduce_time(
    size: Bytes, ranks: Count, *, latency: Seconds, bandwidth: BytesPerSecond
) -> Seconds:
    """Time of the faster of ring and tree, where ranks speak to a few neighbours only."""
    figures = {"latency": latency, "bandwidth": bandwidth}
    return np.minimum(
        ring_all_reduce_time(size, ranks, **figures), tree_all_reduce_time(size, ranks, **figures)
    )


def in_switch_all_reduce_time(
    size: Bytes, ranks: Count, *, latency: Seconds, bandwidth: BytesPerSecond
) -> Seconds:
    r"""Time where the switch adds up: every byte goes up and comes down once, overlapped (NVLS).

    .. math:: T = 2\alpha + S/\beta \text{ for } n > 1

    >>> float(in_switch_all_reduce_time(8e6, 4, latency=1e-6, bandwidth=100e9))
    8.2e-05
    """
    return np.minimum(ranks - 1, 1) * (2 * latency + size / bandwidth)


def scatter_gather_time(size: Bytes, reach: Reach) -> Seconds:
    """Time of the fastest reduce-scatter and all-gather that the links of one tier allow."""
    figures = {"latency": reach.latency, "bandwidth": reach.bandwidth}
    time = routed_all_reduce_time(size, reach.members, **figures)
    if reach.direct:
        time = np.minimum(time, two_shot_all_reduce_time(size, reach.members, **figures))
    if reach.reduces:
        time = np.minimum(time, in_switch_all_reduce_time(size, reach.members, **figures))
    return time


def tier_all_reduce_time(size: Bytes, reach: Reach) -> Seconds:
    """Time of the fastest all-reduce that the links of one tier allow."""
    return _or_one_shot(scatter_gather_time(size, reach), size, reach)


def _or_one_shot(split: Seconds, size: Bytes, reach: Reach) -> Seconds:
    """The shorter of ``split``, in which a scatter and a gather do it, and one shot."""
    if not reach.direct:
        return split
    figures = {"latency": reach.latency, "bandwidth": reach.bandwidth}
    return np.minimum(split, one_shot_all_reduce_time(size, reach.members, **figures))


def all_reduce_time(size: Bytes, span: Span) -> Seconds:
    """Time of a hierarchical all-reduce: scatter on the inner tier, reduce across, gather back.

    Scatter and gather together cost one all-reduce in two shots, so the tiers add up, each with
    what the inner ones left of the buffer. One shot leaves nothing to scatter: only the outermost
    tier that a group crosses can do with it.
    """
    total: Seconds = 0.0
    left = size
    span = _direct_as_one(span)
    for place, reach in enumerate(span):
        beyond = math.prod(outer.members for outer in span[place + 1 :])
        split = scatter_gather_time(left, reach)
        total = total + np.where(beyond > 1, split, _or_one_shot(split, left, reach))
        left = left / reach.members
    return total


def _direct_as_one(span: Span) -> Span:
    """The span with its direct tiers as one, as slow as the slowest that a group crosses.

    >>> tray, rack = Reach(4, 1e-6, 9e11, direct=True), Reach(2, 2e-6, 9e11, direct=True)
    >>> [one] = _direct_as_one((tray, rack))
    >>> float(one.members), float(one.latency)
    (8.0, 2e-06)
    """
    direct = [reach for reach in span if reach.direct]
    if len(direct) < 2:
        return span
    members: Count = 1.0
    latency: Seconds = 0.0
    bandwidth: BytesPerSecond = np.inf
    for reach in direct:
        crossed = np.greater(reach.members, 1)
        members = members * reach.members
        latency = np.maximum(latency, np.where(crossed, reach.latency, 0.0))
        bandwidth = np.minimum(bandwidth, np.where(crossed, reach.bandwidth, np.inf))
    reduces = all(reach.reduces for reach in direct)
    one = Reach(members, latency, bandwidth, direct=True, reduces=reduces)
    return (one, *(reach for reach in span if not reach.direct))


def all_gather_time(part: Bytes, span: Span) -> Seconds:
    """Time of a hierarchical all-gather: across the outer tiers first, then within the inner."""
    total: Seconds = 0.0
    gathered = part
    for reach in reversed(span):
        total = total + ring_all_gather_time(
            gathered, reach.members, latency=reach.latency, bandwidth=reach.bandwidth
        )
        gathered = gathered * reach.members
    return total


def servers_of(span: Span) -> Count:
    """Units whose members reach each other directly, of those that a group lies in."""
    return math.prod((reach.members for reach in span if not reach.direct), start=1.0)


def all_to_all_time(size: Bytes, span: Span, across: Bytes | None = None) -> Seconds:
    r"""Time of a balanced all-to-all in which each rank sends ``size`` in total.

    .. math:: T = \sum_i \alpha_i + \max_i \frac{S\,f_i}{\beta_i}

    with the share f of peers first met on tier i; tiers have ports of their own, so they overlap.
    Direct tiers share theirs: what they send adds up, after the longest of their latencies.

    With ``across``, what a rank sends to the servers where each gets it once, all copies of
    ``size`` go over the direct tiers of the server they are for: as many times the share that
    otherwise stays inside as there are servers.

    >>> eight, four = Reach(8, 0.0, 400e9, direct=True), Reach(4, 0.0, 50e9)
    >>> float(all_to_all_time(8e6, (eight, four))), float(all_to_all_time(8e6, (eight, four), 2e6))
    (0.00012, 3e-05)
    """
    inside, outside = (size, size) if across is None else (size * servers_of(span), across)
    ranks: Count = 1.0
    for reach in span:
        ranks = ranks * reach.members
    latency: Seconds = 0.0
    transfer: Seconds = 0.0
    direct_latency: Seconds = 0.0
    direct_transfer: Seconds = 0.0
    met: Count = 1.0
    for reach in span:
        sent = inside if reach.direct else outside
        sending = sent * met * (reach.members - 1) / ranks / reach.bandwidth
        hop = np.minimum(reach.members - 1, 1) * reach.latency
        if reach.direct:
            direct_latency = np.maximum(direct_latency, hop)
            direct_transfer = direct_transfer + sending
        else:
            latency = latency + hop
            transfer = np.maximum(transfer, sending)
        met = met * reach.members
    return latency + direct_latency + np.maximum(transfer, direct_transfer)


def send_time(size: Bytes, span: Span) -> Seconds:
    """Time to pass ``size`` to the next rank, over the slowest tier that the group crosses."""
    slowest: Seconds = 0.0
    for reach in span:
        hop = reach.latency + size / reach.bandwidth
        slowest = np.maximum(slowest, np.minimum(reach.members - 1, 1) * hop)
    return slowest
