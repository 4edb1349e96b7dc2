"""Time of one operator: the longer of computing and moving its bytes, plus starting it."""

import numpy as np

from llm_simulator.operators.work import Work
from llm_simulator.specs.chip import ChipSpec
from llm_simulator.units import Count, Seconds


def compute_time(work: Work, chip: ChipSpec) -> Seconds:
    """Seconds the matrix unit needs, the padding of tiles and of the last wave included; [P]."""
    flops = work.flops if work.padded_flops is None else work.padded_flops
    peak = chip.peak_flops[work.unit] * chip.compute_efficiency
    return flops / peak * wave_padding(work.padded_tiles, chip.compute_units)


def wave_padding(tiles: Count | None, units: int) -> Count:
    r"""Time of dealing ``tiles`` to ``units`` over the time of an even split.

    .. math:: \frac{U \lceil c/U \rceil}{c} \text{ for } c \ge U

    Below one wave the inner dimension is split so that every unit has work (split-K).

    >>> float(wave_padding(np.float64(198), 132)), float(wave_padding(np.float64(40), 132))
    (1.3333333333333333, 1.0)
    """
    if tiles is None:
        return 1.0
    whole = np.maximum(tiles, units)
    return np.ceil(whole / units) * units / whole


def memory_time(work: Work, chip: ChipSpec) -> Seconds:
    """Seconds the memory needs to move the operator's bytes; shape [P]."""
    return work.bytes / (chip.memory_bandwidth * chip.memory_efficiency)


def ideal_compute_time(work: Work, chip: ChipSpec) -> Seconds:
    """Seconds of the useful operations at data-sheet peak: the numerator of MFU."""
    return work.flops / chip.peak_flops[work.unit]


def ideal_memory_time(work: Work, chip: ChipSpec) -> Seconds:
    """Seconds of the bytes at data-sheet bandwidth: the numerator of MBU."""
    return work.bytes / chip.memory_bandwidth


def launch_time(work: Work, chip: ChipSpec) -> Seconds:
    """Seconds to start and drain the operator's kernels."""
    return work.kernels * chip.kernel_latency
