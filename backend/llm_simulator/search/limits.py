"""What makes a plan infeasible: each limit with its code, how far a plan is from it, and words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llm_simulator.costs.memory import Memory
from llm_simulator.serving.steady_state import SteadyState
from llm_simulator.specs.deployment import Deployment
from llm_simulator.units import GIGA, MILLI, Array


@dataclass(frozen=True)
class Limits:
    """Latency limits in force, in seconds; None where there is none."""

    max_ttft: float | None
    max_tpot: float | None


@dataclass(frozen=True)
class Limit:
    """One limit over a table: what each plan needs, what there is; same unit, shape [P]."""

    code: str
    needed: Array
    available: float
    sentence: str
    """Format string with ``needed``, ``available``, ``excess`` in ``scale`` units."""
    scale: float

    @property
    def overshoot(self) -> Array:
        """Needed over available; above 1 the limit is missed."""
        return self.needed / self.available

    def shown(self, row: int) -> tuple[float, float]:
        """Needed and available of one plan in GB or ms."""
        return float(self.needed[row]) / self.scale, self.available / self.scale

    def text(self, row: int) -> str:
        """The reason for one plan that misses the limit."""
        needed, available = self.shown(row)
        return self.sentence.format(needed=needed, available=available, excess=needed - available)


def limits_of(
    deployment: Deployment, limits: Limits, steady: SteadyState, memory: Memory
) -> list[Limit]:
    """Every limit in the order in which a plan's reason is chosen."""
    usable = deployment.chip.memory_capacity * deployment.workload.memory_utilization
    found = [
        Limit(
            "memory",
            memory.total,
            usable,
            "needs {needed:.1f} GB per chip, {excess:.2g} GB over the usable {available:.1f} GB",
            GIGA,
        )
    ]
    return found + latency_limits(limits, steady.ttft, steady.tpot)


def latency_limits(limits: Limits, ttft: Array, tpot: Array) -> list[Limit]:
    """The limits in force of the latencies that users see."""
    latencies = (
        ("max_ttft", "TTFT", ttft, limits.max_ttft),
        ("max_tpot", "TPOT", tpot, limits.max_tpot),
    )
    words = "{needed:.2f} ms, {excess:.2g} ms over the limit of {available:g} ms"
    return [
        Limit(code, seconds, bound, f"{name} {words}", MILLI)
        for code, name, seconds, bound in latencies
        if bound is not None
    ]


def first_missed(limits: list[Limit], rows: int | tuple[int, ...]) -> NDArray[np.int64]:
    """Index of the first limit each plan misses, ``len(limits)`` where it keeps all; shape [P]."""
    first = np.full(rows, len(limits))
    for index in reversed(range(len(limits))):
        first = np.where(limits[index].overshoot > 1, index, first)
    return first


def worst_overshoot(limits: list[Limit]) -> Array:
    """Largest overshoot of each plan over all limits; shape [P]."""
    return np.max([limit.overshoot for limit in limits], axis=0)
