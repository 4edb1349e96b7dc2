"""What chunks of a search found: plain data that crosses process borders, and how it adds up.

``merged`` of all outcomes does not depend on how the plans were sliced.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, NotRequired, TypedDict

import numpy as np

from llm_simulator.planner.search.pareto import front

Columns = dict[str, list[Any]]
"""A table as plain data."""


class PoolChoice(TypedDict):
    """One pool of a disaggregated deployment: a plan, its batch per rank, how many instances."""

    index: int
    """The plan's place in the enumeration of instance plans."""
    batch: int
    instances: int


class Candidate(TypedDict):
    """A plan that may be shown: its place in the enumeration and what it is ranked by."""

    index: int
    parallelism: dict[str, int]
    chips: int
    batch_size: int
    """Requests in flight over the whole deployment."""
    value: float
    """Score of a feasible plan; negative overshoot of an infeasible one."""
    prefill: NotRequired[PoolChoice]
    decode: NotRequired[PoolChoice]
    """Of a disaggregated deployment, whose ``parallelism`` stays empty: the pools say it."""


class FrontPoint(Candidate):
    """A candidate whose scores under several objectives no other beats in all."""

    scores: list[float]


class PoolOutcome(TypedDict):
    """What one or more chunks of instance plans found for the pools of disaggregated serving."""

    evaluated: int
    evaluations: int
    fitting: int
    """Plans that fit into the memory of a chip in at least one of the two pools."""
    prefill: Columns
    decode: Columns


class Outcome(TypedDict):
    """What one or more chunks found."""

    evaluated: int
    """Plans answered or bounded: feasible, infeasible and pruned."""
    evaluations: int
    """Plans at concurrencies, answered one by one."""
    feasible: int
    reasons: dict[str, int]
    """Infeasible plans by the first limit they miss; the counts add up."""
    pruned: dict[str, int]
    """Plans that were not evaluated since a bound shows that they can't be shown, by the bound."""
    best: list[Candidate]
    nearest: list[Candidate]
    """Infeasible plans, those closest to fitting first."""
    front: list[FrontPoint]
    seconds: float
    pools: NotRequired[PoolOutcome]


def nothing_found() -> Outcome:
    """The outcome of no plans."""
    return Outcome(
        evaluated=0,
        evaluations=0,
        feasible=0,
        reasons={},
        pruned={},
        best=[],
        nearest=[],
        front=[],
        seconds=0.0,
    )


def merged(outcomes: Sequence[Outcome], top_k: int) -> Outcome:
    """The outcome of all chunks together, whatever their order."""
    counts = tally(outcomes)
    return Outcome(
        evaluated=counts.evaluated,
        evaluations=counts.evaluations,
        feasible=counts.feasible,
        reasons=counts.reasons,
        pruned=counts.pruned,
        best=_top((c for outcome in outcomes for c in outcome["best"]), top_k),
        nearest=_top((c for outcome in outcomes for c in outcome["nearest"]), top_k),
        front=merged_front([point for outcome in outcomes for point in outcome["front"]]),
        seconds=sum(outcome["seconds"] for outcome in outcomes),
    )


def merged_front(points: Sequence[FrontPoint]) -> list[FrontPoint]:
    """The points that no other beats, ties included, best under the first objective first."""
    if not points:
        return []
    kept = front(-np.array([point["scores"] for point in points]))
    found = [points[row] for row in kept.tolist()]
    return sorted(found, key=lambda p: ([-s for s in p["scores"]], p["index"], p["batch_size"]))


@dataclass(frozen=True)
class Tally:
    """What outcomes add up to; ``evaluated`` is feasible, infeasible and pruned plans together."""

    evaluated: int
    evaluations: int
    feasible: int
    reasons: dict[str, int]
    pruned: dict[str, int]


def tally(outcomes: Sequence[Outcome]) -> Tally:
    """The counts of all outcomes together."""
    return Tally(
        evaluated=sum(outcome["evaluated"] for outcome in outcomes),
        evaluations=sum(outcome["evaluations"] for outcome in outcomes),
        feasible=sum(outcome["feasible"] for outcome in outcomes),
        reasons=_counted(outcome["reasons"] for outcome in outcomes),
        pruned=_counted(outcome["pruned"] for outcome in outcomes),
    )


def _counted(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(sorted(total.items()))


def _top(candidates: Iterable[Candidate], top_k: int) -> list[Candidate]:
    return nsmallest(top_k, candidates, key=lambda c: (-c["value"], c["chips"], c["index"]))
