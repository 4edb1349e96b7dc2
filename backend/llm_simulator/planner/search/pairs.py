"""Judged pairs of pools as columns, and what they compete for: the top-k and the front."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.search.order import best_first, compared
from llm_simulator.planner.search.outcome import Disaggregated, FrontPoint, PoolChoice
from llm_simulator.planner.search.pareto import beaten, front
from llm_simulator.units import Array, IntArray

STAND_FOR_ALL = 64
"""Points of a front that bounds are compared with at least."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of a prefill and a decode pool, judged; columns of shape [R] or as said."""

    plans: IntArray
    """Places of both plans in the enumeration of instance plans; [R, 2], prefill first."""
    batches: IntArray
    """[R, 2]"""
    instances: IntArray
    """[R, 2]"""
    population: IntArray
    chips: IntArray
    order: IntArray
    """Place in the enumeration of all pairs."""
    missed: IntArray
    """The first limit missed, the number of limits where all are kept."""
    value: Array
    """What the pair is ranked by."""
    latency: Array
    """Seconds of a whole request, which equal values on equal chips rank by."""
    overshoot: Array
    scores: Array
    """Under the objectives of the front; [R, K]."""

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, rows: IntArray | NDArray[np.bool_] | slice) -> "Pairs":
        """The pairs of ``rows``."""
        return Pairs(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def candidates(self, start: int, value: Array) -> list[Disaggregated]:
        """The pairs as candidates of that ``value``, numbered from ``start``."""
        return [self._candidate(row, start, float(value[row])) for row in range(len(self))]

    def front_points(self, start: int) -> list[FrontPoint]:
        """The pairs as points of a front."""
        found = self.candidates(start, self.value)
        return [
            FrontPoint(candidate, tuple(scores))
            for candidate, scores in zip(found, self.scores.tolist(), strict=True)
        ]

    def _candidate(self, row: int, start: int, value: float) -> Disaggregated:
        return Disaggregated(
            index=start + int(self.order[row]),
            prefill=self._choice(row, 0),
            decode=self._choice(row, 1),
            chips=int(self.chips[row]),
            batch_size=int(self.population[row]),
            value=value,
            latency=float(self.latency[row]),
        )

    def _choice(self, row: int, pool: int) -> PoolChoice:
        return PoolChoice(
            index=int(self.plans[row, pool]),
            batch=int(self.batches[row, pool]),
            instances=int(self.instances[row, pool]),
        )


def joined(parts: Sequence[Pairs]) -> Pairs:
    """All pairs of ``parts`` in one table."""
    return Pairs(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Pairs)
        }
    )


class TopK:
    """The best pair of each two plans, the ``top_k`` best of these."""

    def __init__(self, top_k: int) -> None:
        self._top_k = top_k
        self._pairs: Pairs | None = None
        self._value: Array = np.zeros(0)

    @property
    def threshold(self) -> float:
        """The value, as ranks compare it, that a pair needs to get on the list."""
        return float(compared(self._value)[-1]) if len(self._value) == self._top_k else -np.inf

    def __len__(self) -> int:
        return len(self._value)

    def absorb(self, pairs: Pairs, value: Array) -> None:
        """Takes in those of ``pairs`` whose ``value`` is good enough."""
        rows = np.flatnonzero(compared(value) >= self.threshold)
        pairs, value = pairs[rows], value[rows]
        if self._pairs is not None:
            pairs, value = joined((self._pairs, pairs)), np.concatenate((self._value, value))
        order = best_first(value, pairs.chips, pairs.latency, pairs.population, pairs.order)
        _, first = np.unique(pairs.plans[order], axis=0, return_index=True)
        kept = order[np.sort(first)[: self._top_k]]
        self._pairs, self._value = pairs[kept], value[kept]

    def candidates(self, start: int) -> list[Disaggregated]:
        """The list, best first, numbered from ``start``."""
        return [] if self._pairs is None else self._pairs.candidates(start, self._value)


class Front:
    """The pairs that no other beats under all objectives, and nothing ``known`` either."""

    def __init__(self, known: Sequence[FrontPoint]) -> None:
        self._known = np.array([point.scores for point in known])
        self._pairs: Pairs | None = None

    def absorb(self, pairs: Pairs) -> None:
        """Takes in those of ``pairs`` that nothing beats."""
        pairs = pairs[np.flatnonzero(~self.beats(pairs.scores))]
        if self._pairs is not None:
            pairs = joined((self._pairs, pairs))
        self._pairs = pairs[front(-pairs.scores)]

    def beats(self, bounds: Array) -> NDArray[np.bool_]:
        """Whether something on the front is nowhere below and somewhere above ``bounds`` [R, K].

        With more than two objectives some of the front stand for all: what they don't beat may
        still be beaten by the others, which judging finds out.
        """
        points = self._points()
        if bounds.shape[1] > 2 and len(points) > STAND_FOR_ALL:
            order = np.argsort(points[:, 0])
            points = points[order[:: len(order) // STAND_FOR_ALL]]
        return beaten(bounds, points)

    def points(self, start: int) -> list[FrontPoint]:
        """The front, numbered from ``start``."""
        return [] if self._pairs is None else self._pairs.front_points(start)

    def _points(self) -> Array:
        """The scores of the front."""
        if self._pairs is None:
            return self._known
        if len(self._known) == 0:
            return self._pairs.scores
        return np.concatenate((self._known, self._pairs.scores))
