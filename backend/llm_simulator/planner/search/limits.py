"""What makes a plan infeasible: each limit with its code, how far a plan is from it, and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from llm_simulator.units import GIGA, MILLI, Array, IntArray

MEMORY_WORDS = "needs {needed:.1f} GB per chip, {gap:.2f} GB over the usable {available:.1f} GB"
CHIPS_WORDS = "needs {needed:.0f} chips, {gap:.0f} more than the {available:.0f} there are"
LATENCY_WORDS = "{needed:.2f} ms, {gap:.2g} ms over the limit of {available:g} ms"
HELD = "with 80 % certainty at most "
RATE_WORDS = "serves {available:.3g} requests/s, {gap:.2g} less than the {needed:g} asked for"
LATENCY_NAMES = {"ttft": "TTFT", "tpot": "TPOT", "e2e_latency": "E2E latency"}
"""What may be limited of a request's time, and what people call it."""


@dataclass(frozen=True)
class Limits:
    """Limits in force; None where there is none."""

    max_ttft: float | None = None
    """Seconds."""
    max_tpot: float | None = None
    """Seconds."""
    min_request_rate: float | None = None
    """Requests per second."""
    max_e2e_latency: float | None = None
    """Seconds from a request's arrival to its last token."""

    @property
    def none(self) -> bool:
        """Whether memory alone decides."""
        return self == NO_LIMITS


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Limit:
    """One limit over a table: what each plan needs, what there is; same unit, shape [P] or one."""

    code: str
    needed: Array | float
    available: Array | float
    sentence: str
    """Format string with ``needed``, ``available`` and the ``gap`` between them, in ``scale``."""
    scale: float

    @property
    def overshoot(self) -> Array:
        """Needed over available; above 1 the limit is missed; shape [P]."""
        return np.asarray(self.needed / self.available)

    def shown(self, row: int) -> tuple[float, float]:
        """Needed and available of one plan in GB, ms or requests per second."""
        return self._at(self.needed, row), self._at(self.available, row)

    def text(self, row: int) -> str:
        """The reason for one plan that misses the limit."""
        needed, available = self.shown(row)
        return self.sentence.format(needed=needed, available=available, gap=needed - available)

    def _at(self, figure: Array | float, row: int) -> float:
        return float(figure if np.ndim(figure) == 0 else np.asarray(figure)[row]) / self.scale


def memory_limit(memory: Array, usable: Array, words: str = MEMORY_WORDS) -> Limit:
    """That what is resident on the fullest chip fits there."""
    return Limit("memory", memory, usable, words, GIGA)


def latency_limits(limits: Limits, served: "Latencies", *, cautious: bool = False) -> list[Limit]:
    """The limits in force of the latencies that users see, or of what those hold with 80 %."""
    held = HELD if cautious else ""
    latencies = [
        (name, getattr(served, name), getattr(limits, f"max_{name}")) for name in LATENCY_NAMES
    ]
    return [
        Limit(f"max_{name}", seconds, bound, f"{LATENCY_NAMES[name]} {held}{LATENCY_WORDS}", MILLI)
        for name, seconds, bound in latencies
        if bound is not None
    ]


def rate_limits(limits: Limits, request_rate: Array) -> list[Limit]:
    """The limit in force of how many requests are served."""
    needed = limits.min_request_rate
    if needed is None:
        return []
    return [Limit("min_request_rate", needed, request_rate, RATE_WORDS, 1.0)]


def first_missed(limits: Sequence[Limit], rows: int | tuple[int, ...]) -> NDArray[np.int64]:
    """Index of the first limit each plan misses, ``len(limits)`` where it keeps all; shape [P]."""
    first = np.full(rows, len(limits))
    for index in reversed(range(len(limits))):
        first = np.where(limits[index].overshoot > 1, index, first)
    return first


def worst_overshoot(limits: Sequence[Limit]) -> Array:
    """Largest overshoot of each plan over all limits, as far as they are known; shape [P].

    A plan may have no latencies (NaN) where only memory matters.
    """
    worst = np.asarray(limits[0].overshoot)
    for limit in limits[1:]:
        worst = np.fmax(worst, limit.overshoot)
    return worst


class Latencies(Protocol):
    """What limits on latency are about: seconds, or bounds of them."""

    @property
    def ttft(self) -> Array:
        """Seconds to the first token."""
        ...

    @property
    def tpot(self) -> Array:
        """Seconds per output token after the first."""
        ...

    @property
    def e2e_latency(self) -> Array:
        """Seconds from a request's arrival to its last token."""
        ...


class Rates(Latencies, Protocol):
    """What all limits are about."""

    @property
    def chips(self) -> IntArray:
        """Chips, in the shape of them all."""
        ...

    @property
    def request_rate(self) -> Array:
        """Requests per second."""
        ...


def least_overshoot(limits: Limits, bounds: Rates) -> Array:
    """How far what is within the ``bounds`` overshoots the ``limits`` at least, 0 without any."""
    worst = np.zeros(bounds.chips.shape)
    for limit in latency_limits(limits, bounds):
        worst = np.maximum(worst, limit.overshoot)
    if limits.min_request_rate is not None:
        worst = np.maximum(worst, limits.min_request_rate / bounds.request_rate)
    return worst
