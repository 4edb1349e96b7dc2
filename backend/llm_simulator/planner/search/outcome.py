"""What chunks of a search found, and how it adds up.

``merged`` of all outcomes does not depend on how the plans were sliced.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from llm_simulator.planner.search.order import best_first
from llm_simulator.planner.search.pareto import front
from llm_simulator.planner.search.points import Points, merged_points
from llm_simulator.planner.specs.calibration import Engine

Columns = dict[str, list[Any]]
"""A table as plain data."""


@dataclass(frozen=True)
class Counts:
    """What became of plans; it adds up over chunks, ways to serve and points of a sweep.

    >>> (Counts(evaluated=2, reasons={"memory": 1}) + Counts(evaluated=1, feasible=1)).reasons
    {'memory': 1}
    """

    evaluated: int = 0
    """Plans answered or bounded: feasible, infeasible and pruned."""
    evaluations: int = 0
    """Plans at concurrencies, answered one by one."""
    feasible: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    """Infeasible plans by the first limit they miss; the counts add up."""
    pruned: dict[str, int] = field(default_factory=dict)
    """Plans that were not evaluated since a bound shows that they can't be shown, by the bound."""
    illegal: dict[str, int] | None = None
    """Combinations of degrees that are no plans, by rule; None where they aren't counted."""
    refused: dict[Engine, dict[str, int]] = field(default_factory=dict)
    """Combinations that the model allows, by the engine that doesn't start them and its rule."""
    seconds: float = 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            evaluated=self.evaluated + other.evaluated,
            evaluations=self.evaluations + other.evaluations,
            feasible=self.feasible + other.feasible,
            reasons=_added(self.reasons, other.reasons),
            pruned=_added(self.pruned, other.pruned),
            illegal=other.illegal
            if self.illegal is None
            else _added(self.illegal, other.illegal or {}),
            refused={
                engine: _added(self.refused.get(engine, {}), other.refused.get(engine, {}))
                for engine in {**self.refused, **other.refused}
            },
            seconds=self.seconds + other.seconds,
        )


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(one) + Counter(other)).items()))


@dataclass(frozen=True)
class PoolChoice:
    """One pool of a disaggregated deployment: a plan, its batch per rank, how many instances."""

    index: int
    """The plan's place in the enumeration of instance plans."""
    batch: int
    instances: int


@dataclass(frozen=True)
class Aggregated:
    """A plan that may be shown: its place in the enumeration and what it is ranked by."""

    index: int
    parallelism: dict[str, int]
    chips: int
    batch_size: int
    """Requests in flight over the whole deployment."""
    value: float
    """Score of a feasible plan; negative overshoot of an infeasible one."""
    latency: float = 0.0
    """Seconds of a whole request, which equal values on equal chips rank by; may be infinite."""
    folded: int | None = None
    """How many plans it stands for that differ from it in the number of replicas alone; None where
    each stands for itself."""

    @property
    def shape(self) -> tuple[int, ...]:
        """All degrees but the number of replicas."""
        return tuple(degree for name, degree in self.parallelism.items() if name != "dp")


@dataclass(frozen=True)
class Disaggregated:
    """A pair of pools that may be shown; otherwise like an aggregated plan."""

    index: int
    prefill: PoolChoice
    decode: PoolChoice
    chips: int
    batch_size: int
    value: float
    latency: float = 0.0


Candidate = Aggregated | Disaggregated


def top_candidates(candidates: Iterable[Candidate], top_k: int) -> list[Candidate]:
    """The ``top_k`` best of the candidates, ranked as ``ranking`` says; of a shape the best."""
    found = list(candidates)
    values = np.array([candidate.value for candidate in found], float)
    ties = np.array([(c.chips, c.latency, c.batch_size, c.index) for c in found], float)
    order = best_first(values, *ties.reshape(-1, 4).T)
    return _folded(found[row] for row in order.tolist())[:top_k]


def _folded(ranked: Iterable[Candidate]) -> list[Candidate]:
    """The candidates in their order, the first of each shape standing for all that may fold."""
    kept: dict[object, Candidate] = {}
    for place, candidate in enumerate(ranked):
        if not isinstance(candidate, Aggregated) or candidate.folded is None:
            kept[place] = candidate
            continue
        first = kept.setdefault(candidate.shape, candidate)
        if first is not candidate and isinstance(first, Aggregated):
            stands_for = (first.folded or 0) + candidate.folded + 1
            kept[candidate.shape] = replace(first, folded=stands_for)
    return list(kept.values())


@dataclass(frozen=True)
class FrontPoint:
    """A candidate whose scores under several objectives no other beats in all."""

    candidate: Candidate
    scores: tuple[float, ...]


@dataclass(frozen=True)
class PoolOutcome:
    """What one or more chunks of instance plans found for the pools of disaggregated serving."""

    counts: Counts
    """Instance plans; those that fit into the memory of neither pool's chips are infeasible."""
    prefill: Columns
    decode: Columns


@dataclass(frozen=True)
class Outcome:
    """What one or more chunks found."""

    counts: Counts = field(default_factory=Counts)
    best: list[Candidate] = field(default_factory=list)
    nearest: list[Candidate] = field(default_factory=list)
    """Infeasible plans, those closest to fitting first."""
    front: list[FrontPoint] = field(default_factory=list)
    pools: PoolOutcome | None = None
    robust: list[Candidate] = field(default_factory=list)
    """The plan that a cautious search would show first; none where the search itself is one."""
    points: Points = field(default_factory=Points)
    """Every feasible point, where they are kept."""

    def took(self, seconds: float) -> "Outcome":
        """The same, found in so many seconds."""
        return replace(self, counts=replace(self.counts, seconds=seconds))

    @property
    def running(self) -> Counts:
        """What a running search says of the chunk: instances of pools are plans as well."""
        return self.counts if self.pools is None else self.counts + self.pools.counts


def merged(outcomes: Sequence[Outcome], top_k: int) -> Outcome:
    """The outcome of all chunks together, whatever their order; without their pools."""
    return Outcome(
        counts=sum((outcome.counts for outcome in outcomes), Counts()),
        best=top_candidates((c for outcome in outcomes for c in outcome.best), top_k),
        nearest=top_candidates((c for outcome in outcomes for c in outcome.nearest), top_k),
        front=merged_front([point for outcome in outcomes for point in outcome.front]),
        robust=top_candidates((c for outcome in outcomes for c in outcome.robust), 1),
        points=merged_points(outcome.points for outcome in outcomes),
    )


def merged_front(points: Sequence[FrontPoint]) -> list[FrontPoint]:
    """The points that no other beats, ties included, best under the first objective first."""
    if not points:
        return []
    kept = front(-np.array([point.scores for point in points]))
    found = [points[row] for row in kept.tolist()]
    return sorted(
        found,
        key=lambda p: ([-s for s in p.scores], p.candidate.index, p.candidate.batch_size),
    )
