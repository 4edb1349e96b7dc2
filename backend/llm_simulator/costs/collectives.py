"""Time of collectives on one link and over the tiers of a topology.

n ranks, S bytes, alpha seconds per hop, beta bytes per second of one direction. A span lists the
tiers that a group crosses, inner to outer: how many members meet on each, and over which link.
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.specs.link import Link
from llm_simulator.units import Bytes, BytesPerSecond, Count, Seconds


@dataclass(frozen=True)
class Reach:
    """One tier of a span: ``members`` sub-groups meet over ``link``; shape [P]."""

    members: Count
    link: Link
    bandwidth: BytesPerSecond
    """Bytes per second that collectives reach on the link."""


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


def all_reduce_time(size: Bytes, span: Span) -> Seconds:
    """Time of a hierarchical all-reduce: scatter on the inner tier, reduce across, gather back.

    Scatter and gather together cost one ring all-reduce, so the tiers add up, each with what the
    inner ones left of the buffer.
    """
    total: Seconds = 0.0
    left = size
    for reach in span:
        total = total + ring_all_reduce_time(
            left, reach.members, latency=reach.link.latency, bandwidth=reach.bandwidth
        )
        left = left / reach.members
    return total


def all_gather_time(part: Bytes, span: Span) -> Seconds:
    """Time of a hierarchical all-gather: across the outer tiers first, then within the inner."""
    total: Seconds = 0.0
    gathered = part
    for reach in reversed(span):
        total = total + ring_all_gather_time(
            gathered, reach.members, latency=reach.link.latency, bandwidth=reach.bandwidth
        )
        gathered = gathered * reach.members
    return total


def all_to_all_time(size: Bytes, span: Span) -> Seconds:
    r"""Time of a balanced all-to-all in which each rank sends ``size`` in total.

    .. math:: T = \sum_i \alpha_i + \max_i \frac{S\,f_i}{\beta_i}

    with the share f of peers first met on tier i; tiers have ports of their own, so they overlap.
    """
    ranks: Count = 1.0
    for reach in span:
        ranks = ranks * reach.members
    latency: Seconds = 0.0
    transfer: Seconds = 0.0
    met: Count = 1.0
    for reach in span:
        share = met * (reach.members - 1) / ranks
        latency = latency + np.minimum(reach.members - 1, 1) * reach.link.latency
        transfer = np.maximum(transfer, size * share / reach.bandwidth)
        met = met * reach.members
    return latency + transfer


def send_time(size: Bytes, span: Span) -> Seconds:
    """Time to pass ``size`` to the next rank, over the slowest tier that the group crosses."""
    slowest: Seconds = 0.0
    for reach in span:
        hop = reach.link.latency + size / reach.bandwidth
        slowest = np.maximum(slowest, np.minimum(reach.members - 1, 1) * hop)
    return slowest
