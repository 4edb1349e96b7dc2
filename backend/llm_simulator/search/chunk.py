"""One chunk of a search: a slice of the plan table evaluated, every plan accounted for.

An outcome is plain data that crosses process borders: counts, and the rows that may still matter
to the whole search. ``merged`` of all outcomes does not depend on how the table was sliced.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, NotRequired, TypedDict

import numpy as np

from llm_simulator.costs.memory import resident_memory
from llm_simulator.plans.table import PlanTable
from llm_simulator.search.limits import Limits, first_missed, limits_of, worst_overshoot
from llm_simulator.search.ranking import best_first, score
from llm_simulator.serving.steady_state import steady_state
from llm_simulator.specs.deployment import Deployment
from llm_simulator.specs.search import Objective
from llm_simulator.units import Array, IntArray

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
    value: float
    """Score of a feasible plan; negative overshoot of an infeasible one."""
    prefill: NotRequired[PoolChoice]
    decode: NotRequired[PoolChoice]
    """Of a disaggregated deployment, whose ``parallelism`` stays empty: the pools say it."""


class PoolOutcome(TypedDict):
    """What one or more chunks of instance plans found for the pools of disaggregated serving."""

    evaluated: int
    fitting: int
    """Plans that fit into the memory of a chip in at least one of the two pools."""
    prefill: Columns
    decode: Columns


class Outcome(TypedDict):
    """What one or more chunks found."""

    evaluated: int
    feasible: int
    reasons: dict[str, int]
    """Infeasible plans by the first limit they miss; the counts add up."""
    best: list[Candidate]
    nearest: list[Candidate]
    """Infeasible plans, those closest to fitting first."""
    seconds: float
    pools: NotRequired[PoolOutcome]


@dataclass(frozen=True)
class Question:
    """What a search asks of each plan."""

    deployment: Deployment
    limits: Limits
    objective: Objective
    top_k: int


def chunk_outcome(
    question: Question, plans: PlanTable, start: int, seconds: float = 0.0
) -> Outcome:
    """The outcome of ``plans``, which stand at ``start`` in the enumeration."""
    steady = steady_state(question.deployment, plans)
    memory = resident_memory(question.deployment, plans)
    limits = limits_of(question.deployment, question.limits, steady, memory)
    missed = first_missed(limits, len(plans))
    feasible = missed == len(limits)
    counts = np.bincount(missed, minlength=len(limits) + 1)
    reasons = {limit.code: int(n) for limit, n in zip(limits, counts[:-1], strict=True) if n}
    scores = score(question.objective, steady, plans)
    overshoot = worst_overshoot(limits)
    return Outcome(
        evaluated=len(plans),
        feasible=int(counts[-1]),
        reasons=reasons,
        best=_candidates(plans, feasible, scores, start, question.top_k),
        nearest=_candidates(plans, ~feasible, -overshoot, start, question.top_k),
        seconds=seconds,
    )


def nothing_found() -> Outcome:
    """The outcome of no plans."""
    return Outcome(evaluated=0, feasible=0, reasons={}, best=[], nearest=[], seconds=0.0)


def _candidates(
    plans: PlanTable, eligible: np.ndarray[Any, Any], value: Array, start: int, top_k: int
) -> list[Candidate]:
    rows = np.flatnonzero(eligible)
    chosen = rows[best_first(value[rows], plans.chips[rows], rows, top_k)]
    return _listed(plans[chosen], chosen + start, value[chosen])


def _listed(plans: PlanTable, index: IntArray, value: Array) -> list[Candidate]:
    columns = zip(index.tolist(), plans.rows(), plans.chips.tolist(), value.tolist(), strict=True)
    return [Candidate(index=i, parallelism=p, chips=c, value=v) for i, p, c, v in columns]


def merged(outcomes: Sequence[Outcome], top_k: int) -> Outcome:
    """The outcome of all chunks together, whatever their order."""
    evaluated, feasible, reasons = tally(outcomes)
    return Outcome(
        evaluated=evaluated,
        feasible=feasible,
        reasons=reasons,
        best=_top((c for outcome in outcomes for c in outcome["best"]), top_k),
        nearest=_top((c for outcome in outcomes for c in outcome["nearest"]), top_k),
        seconds=sum(outcome["seconds"] for outcome in outcomes),
    )


def tally(outcomes: Sequence[Outcome]) -> tuple[int, int, dict[str, int]]:
    """Plans evaluated, plans feasible, and infeasible plans by reason."""
    reasons: Counter[str] = Counter()
    for outcome in outcomes:
        reasons.update(outcome["reasons"])
    evaluated = sum(outcome["evaluated"] for outcome in outcomes)
    feasible = sum(outcome["feasible"] for outcome in outcomes)
    return evaluated, feasible, dict(sorted(reasons.items()))


def _top(candidates: Iterable[Candidate], top_k: int) -> list[Candidate]:
    return nsmallest(top_k, candidates, key=lambda c: (-c["value"], c["chips"], c["index"]))
