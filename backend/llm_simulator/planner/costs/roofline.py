"""Time of one operator: the longer of computing and moving its bytes, plus starting it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from llm_simulator.planner.operators.together import Works
from llm_simulator.planner.operators.work import AnyWork, Product
from llm_simulator.planner.specs.calibration import EngineFactors
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Count, FlopPerSecond, Seconds

KernelKind = Literal["gemm", "expert", "attention", "elementwise"]


@dataclass(frozen=True)
class Reached:
    """What kernels of one operator reach: shares of peak, and seconds to start one; [P] or one."""

    compute: Count
    memory: Count
    start: Seconds


def family(work: AnyWork) -> KernelKind:
    """Kind of kernel that does the work: gemm, expert, attention or elementwise."""
    if work.operator in _FAMILIES:
        return _FAMILIES[work.operator]
    is_tiled = isinstance(work, Product) or work.padded_tiles is not None
    return "gemm" if is_tiled else "elementwise"


_FAMILIES: dict[str, KernelKind] = {
    "expert_up": "expert",
    "expert_down": "expert",
    "attention": "attention",
    "linear_attention": "attention",
}


def reached(kind: str, narrow: Count, chip: ChipSpec, factors: EngineFactors) -> Reached:
    """What kernels of a ``kind`` reach; ``narrow`` is 1 where operands are narrower than bf16."""
    compute = factors.gemm_compute if kind == "elementwise" else getattr(factors, f"{kind}_compute")
    start = getattr(factors, f"{kind}_start")
    if kind in ("gemm", "expert"):
        start = start + narrow * factors.narrow_start
    return Reached(
        compute=np.minimum(chip.compute_efficiency * compute, 1.0),
        memory=np.minimum(chip.memory_efficiency * getattr(factors, f"{kind}_memory"), 1.0),
        start=chip.kernel_latency * start,
    )


@dataclass(frozen=True)
class WorkSeconds:
    """Seconds of one repetition of several works, a row each; shape [O, ...].

    Each is worked out when it is asked for: of large tables not all are held at once.
    """

    works: Works
    chip: ChipSpec
    factors: EngineFactors

    @cached_property
    def _reach(self) -> Reached:
        return reach_of(self.works, self.chip, self.factors)

    @property
    def compute(self) -> Seconds:
        """Of the operations, padding included, at what kernels reach."""
        return padded_compute_time(self.works, self.chip) / self._reach.compute

    @property
    def memory(self) -> Seconds:
        """Of the bytes at what kernels reach."""
        return self.ideal_memory / self._reach.memory

    @property
    def start(self) -> Seconds:
        """Of the starts of kernels."""
        return start_time(self.works, self._reach)

    @property
    def time(self) -> Seconds:
        """Computing and moving bytes at once, the starts of kernels included."""
        return operator_time(self.compute, self.memory) + self.start

    @property
    def ideal_compute(self) -> Seconds:
        """Of the useful operations at data-sheet peak."""
        return ideal_compute_time(self.works, self.chip)

    @property
    def ideal_memory(self) -> Seconds:
        """Of the bytes at data-sheet bandwidth."""
        return ideal_memory_time(self.works, self.chip)


def reach_of(works: Works, chip: ChipSpec, factors: EngineFactors) -> Reached:
    """What the kernels of ``works`` reach, a row each."""
    kinds = [(family(each), float(each.unit != "bf16")) for each in works.each]
    known = {kind: reached(*kind, chip, factors) for kind in set(kinds)}
    rows = [known[kind] for kind in kinds]
    return Reached(
        compute=works.column([row.compute for row in rows]),
        memory=works.column([row.memory for row in rows]),
        start=works.column([row.start for row in rows]),
    )


def peak_of(work: AnyWork | Works, chip: ChipSpec) -> FlopPerSecond:
    """FLOP/s of the matrix unit that does ``work``; of several works, a row each."""
    if isinstance(work, Works):
        return work.column([chip.peak_flops[each.unit] for each in work.each])
    return chip.peak_flops[work.unit]


def start_time(works: Works, reach: Reached) -> Seconds:
    """Seconds to start the kernels of ``works`` once; one without work starts none."""
    return np.minimum(np.ceil(works.bytes), 1) * works.kernels * reach.start


def operator_time(compute: Seconds, memory: Seconds) -> Seconds:
    r"""Seconds of an operator that computes and moves bytes at once.

    .. math:: T = \sqrt{T_c^2 + T_m^2}

    Measured products pass smoothly from one bound to the other (research/kernels.md: exponents
    of 1.2 to 2.3); never less than either.

    >>> float(operator_time(3.0, 4.0))
    5.0
    """
    return np.sqrt(compute * compute + memory * memory)


def padded_compute_time(work: AnyWork | Works, chip: ChipSpec) -> Seconds:
    """Seconds at peak of the operations, padding of tiles and of the last wave included; [P]."""
    flops = work.flops if work.padded_flops is None else work.padded_flops
    return flops / peak_of(work, chip) * wave_padding(work.padded_tiles, chip.compute_units)


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


def ideal_compute_time(work: AnyWork | Works, chip: ChipSpec) -> Seconds:
    """Seconds of the useful operations at data-sheet peak: the numerator of MFU."""
    return work.flops / peak_of(work, chip)


def ideal_memory_time(work: AnyWork | Works, chip: ChipSpec) -> Seconds:
    """Seconds of the bytes at data-sheet bandwidth: the numerator of MBU."""
    return work.bytes / chip.memory_bandwidth
