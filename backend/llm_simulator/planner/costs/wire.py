"""Bytes that a message puts on the links of each tier, told by the formulas of its time."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from llm_simulator.planner.costs.collectives import Span, all_to_all_time, servers_of
from llm_simulator.planner.costs.communication import TIMES, transfer_time
from llm_simulator.planner.operators.work import Message, Pattern
from llm_simulator.units import Array, Bytes, Seconds

STEP = 1e-30
"""Of the complex step: so small that its square is nothing beside 1."""
FREE = 1e250
"""Bytes per second of a link that takes no time."""


def wire_bytes(message: Message, span: Span) -> tuple[Array, ...]:
    r"""Bytes that one rank sends over each tier of ``span`` when ``message`` is sent once.

    A time is linear in the seconds per byte of a link, whichever algorithm is the fastest, so what
    the link carries is the derivative

    .. math:: S = \frac{\partial T}{\partial (1/\beta)}

    taken by a complex step, which is exact (Squire and Trapp, SIAM Review 40 (1998)). The tiers of
    an all-to-all overlap: each is looked at alone. Direct tiers of a reduction are one network: its
    bytes belong to them by the share of peers first met on each.

    >>> from llm_simulator.planner.costs.collectives import Reach
    >>> ring = Reach(np.array([4.0]), 1e-6, 100e9)
    >>> [sent] = wire_bytes(Message("all_reduce", "all_reduce", "tensor", 8e6), (ring,))
    >>> sent.round().tolist()
    [12000000.0]
    """
    if message.pattern == "all_reduce":
        return _of_reduction(message.size, span)
    if message.pattern == "all_to_all":
        return _of_exchange(message, span)
    return tuple(
        _carried(_time_of(message.pattern, message.size), span, (tier,))
        for tier in range(len(span))
    )


def _time_of(pattern: Pattern, size: Bytes) -> Callable[[Span], Seconds]:
    return partial(TIMES[pattern], size)


def _of_exchange(message: Message, span: Span) -> tuple[Array, ...]:
    sent = _on_each(_time_of("all_to_all", message.size), span)
    if message.relay is None:
        return sent
    across = message.relay.across(servers_of(span))
    relayed = _on_each(lambda alone: all_to_all_time(message.size, alone, across), span)
    direct = np.asarray(TIMES["all_to_all"](message.size, span))
    is_relayed = np.asarray(transfer_time(message, span)) < direct
    return tuple(np.where(is_relayed, *both) for both in zip(relayed, sent, strict=True))


def _on_each(time: Callable[[Span], Seconds], span: Span) -> tuple[Array, ...]:
    return tuple(_carried(time, _only(span, tier), (tier,)) for tier in range(len(span)))


def _of_reduction(size: Bytes, span: Span) -> tuple[Array, ...]:
    direct = tuple(tier for tier, reach in enumerate(span) if reach.direct)
    time = _time_of("all_reduce", size)
    together = _carried(time, span, direct) if direct else np.zeros(1)
    peers, met = [], np.ones(1)
    for tier in direct:
        peers.append(met * (span[tier].members - 1))
        met = met * span[tier].members
    everyone = np.maximum(sum(peers, start=np.zeros(1)), 1.0)
    shares = dict(zip(direct, peers, strict=True))
    return tuple(
        together * shares[tier] / everyone if tier in shares else _carried(time, span, (tier,))
        for tier in range(len(span))
    )


def _carried(time: Callable[[Span], Seconds], span: Span, tiers: tuple[int, ...]) -> Array:
    """Bytes on ``tiers``, which are of one bandwidth."""
    bandwidth = span[tiers[0]].bandwidth
    slower: Any = bandwidth / (1 + STEP * 1j)
    stepped = tuple(
        replace(reach, bandwidth=slower) if tier in tiers else reach
        for tier, reach in enumerate(span)
    )
    # A tier that nobody crosses is as if it were infinitely fast.
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        seconds = np.asarray(time(stepped))
    return np.nan_to_num(np.imag(seconds)) / STEP * bandwidth


def _only(span: Span, tier: int) -> Span:
    """The span as if all other tiers took no time."""
    return tuple(
        replace(reach, latency=0.0, bandwidth=reach.bandwidth if place == tier else FREE)
        for place, reach in enumerate(span)
    )
