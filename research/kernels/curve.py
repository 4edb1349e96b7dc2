"""Time of one kernel: a soft maximum of what may bound it, plus what it always pays.

Never faster than the data sheet: shares are at most 1 and everything else only adds. Never slower
on faster hardware: the demands are seconds at the data sheet's figures and enter increasing.
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.units import Bytes, BytesPerSecond, Count, Seconds

NO_TIME: Seconds = 0.0
TINY: Seconds = 1e-30


@dataclass(frozen=True)
class KernelDemand:
    """Seconds at the data sheet's figures that one call asks for; every column of one shape."""

    compute: Seconds
    """Useful operations at peak FLOP/s."""
    memory: Seconds
    """Bytes at peak bandwidth."""
    stream: Seconds = NO_TIME
    """One pass of a separate kernel over the activations (quantising, permuting) at peak."""
    serial: Count = 0.0
    """Length of the longest chain of dependent steps, in the unit of ``serial_latency``."""
    compute_per_width: Seconds = NO_TIME
    """What one more element of head width adds to ``compute``."""
    memory_per_token: Seconds = NO_TIME
    """What one more cached token per request adds to ``memory``."""


@dataclass(frozen=True)
class KernelCurve:
    """Coefficients of ``kernel_time`` for one operator, number format, chip and engine."""

    fixed: Seconds
    """Start and drain of the call's kernels."""
    compute_share: float
    """Share of peak FLOP/s, 0 to 1."""
    memory_share: float
    """Share of peak bandwidth, 0 to 1."""
    sharpness: float
    """1: bounds add up; large: the longest alone counts."""
    stream_passes: float = 0.0
    serial_latency: Seconds = 0.0
    extra_width: float = 0.0
    """Head width that has the cost of one score's softmax."""
    extra_context: float = 0.0
    """Tokens of cache per request that its fixed cost amounts to."""


def kernel_time(curve: KernelCurve, demand: KernelDemand) -> Seconds:
    r"""Seconds of one call; shape of the demand.

    .. math::
        t = t_0 + z\,S + \Bigl[\Bigl(\frac{C + w C'}{e_c}\Bigr)^p
          + \Bigl(\frac{M + l M'}{e_m}\Bigr)^p + (\tau s)^p\Bigr]^{1/p}

    With p to infinity and no extras this is the roofline: max(compute, memory) + launch.

    >>> sharp = KernelCurve(fixed=2.0, compute_share=0.5, memory_share=1.0, sharpness=1.0)
    >>> float(kernel_time(sharp, KernelDemand(compute=4.0, memory=3.0)))
    13.0
    """
    compute = demand.compute + curve.extra_width * demand.compute_per_width
    memory = demand.memory + curve.extra_context * demand.memory_per_token
    bounds = (
        compute / curve.compute_share,
        memory / curve.memory_share,
        curve.serial_latency * demand.serial,
    )
    return curve.fixed + curve.stream_passes * demand.stream + soft_maximum(bounds, curve.sharpness)


def soft_maximum(parts: tuple[Seconds, ...], sharpness: float) -> Seconds:
    """The p-norm of ``parts``: between their maximum and their sum.

    >>> float(soft_maximum((3.0, 4.0), 2.0))
    5.0
    """
    largest: Seconds = TINY
    for part in parts:
        largest = np.maximum(largest, part)
    # Scaled by the largest part, so that no power under- or overflows.
    total: Seconds = 0.0
    for part in parts:
        total = total + np.power(part / largest, sharpness)
    return largest * np.power(total, 1 / sharpness)


@dataclass(frozen=True)
class CollectiveCurve:
    """Coefficients of ``collective_time`` for one pattern, chip and engine."""

    fixed: Seconds
    per_rank: Seconds
    """What each further rank adds to the start."""
    bandwidth_share: float
    """Share of the link's bandwidth that a large message reaches, 0 to 1."""
    ramp: Seconds = 0.0
    """Message time below which the bandwidth is not reached."""
    direct_share: float = 0.0
    """Share of the link's bandwidth when each rank reads all others at once; 0: never done."""
    turn: Seconds = 0.0
    """What the bandwidth-saving algorithm starts later than the direct one."""


def collective_time(
    curve: CollectiveCurve, *, ranks: Count, moved: Bytes, direct: Bytes, bandwidth: BytesPerSecond
) -> Seconds:
    r"""Seconds of one collective; shape of the arguments.

    ``moved``: bytes over a rank's link at least, 2(n-1)/n S for an all-reduce; ``direct``: bytes
    when every rank reads all others, (n-1) S. The faster of the two algorithms counts.

    .. math::
        t = \alpha + (n-1) a + \min\Bigl(\frac{D}{\beta e_d},
            t_t + \sqrt{x^2 + x r}\Bigr), \quad x = \frac{V}{\beta e}

    >>> curve = CollectiveCurve(fixed=1.0, per_rank=0.5, bandwidth_share=0.5)
    >>> float(collective_time(curve, ranks=3, moved=4.0, direct=8.0, bandwidth=2.0))
    6.0
    """
    sent = moved / (bandwidth * curve.bandwidth_share)
    best = curve.turn + np.sqrt(sent * sent + sent * curve.ramp)
    if curve.direct_share:
        best = np.minimum(best, direct / (bandwidth * curve.direct_share))
    return curve.fixed + curve.per_rank * (ranks - 1) + best
