"""One chunk of a search: a slice of the plan table evaluated, every plan accounted for.

Each plan is tried at every concurrency in problem. It is feasible when it keeps the limits at one
of them, and shown at the best of those; otherwise its reason is that at the one nearest to
feasible.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import DEGREES, PlanTable
from llm_simulator.planner.search.caution import judged, judged_latencies
from llm_simulator.planner.search.evaluations import Evaluations
from llm_simulator.planner.search.limits import (
    Limit,
    first_missed,
    latency_limits,
    memory_limit,
    rate_limits,
    worst_overshoot,
)
from llm_simulator.planner.search.order import best_first, compared, contenders
from llm_simulator.planner.search.outcome import (
    Aggregated,
    Candidate,
    Counts,
    FrontPoint,
    Outcome,
)
from llm_simulator.planner.search.pareto import front
from llm_simulator.planner.search.points import chunk_points
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.ranking import latency, score, scores
from llm_simulator.units import Array, IntArray


@dataclass(frozen=True)
class Judged:
    """Every evaluation of a chunk against the limits; columns of shape [E]."""

    codes: tuple[str, ...]
    missed: IntArray
    """The first limit missed, ``len(codes)`` for a feasible evaluation."""
    overshoot: Array

    @cached_property
    def good(self) -> IntArray:
        """The evaluations that keep every limit."""
        return np.flatnonzero(self.missed == len(self.codes))


def chunk_outcome(
    problem: SearchProblem, plans: PlanTable, start: int, *, most_points: int = 0
) -> Outcome:
    """The outcome of ``plans``, which stand at ``start`` in the enumeration.

    It keeps about ``most_points`` of the feasible points.
    """
    concurrencies = np.array(problem.of_plans)
    evaluations = Evaluations(
        problem.deployment,
        plans,
        concurrencies,
        skip_misfits=problem.limits.none,
        per_replica=problem.per_replica is not None,
        known=problem.ranks,
    )
    kept = _judged(problem, evaluations)
    good, values = kept.good, _values(problem, evaluations, kept.good)
    shape = values.shape
    feasible = np.asarray((kept.missed == len(kept.codes)).reshape(shape).any(axis=1))
    nearness = -kept.overshoot.reshape(shape)
    nearest = np.argmax(nearness, axis=1)
    missed = kept.missed.reshape(shape)[np.arange(len(plans)), nearest][~feasible]
    counts = np.bincount(missed, minlength=len(kept.codes))
    return Outcome(
        counts=Counts(
            evaluated=len(plans),
            evaluations=len(evaluations),
            feasible=int(np.count_nonzero(feasible)),
            reasons={code: int(n) for code, n in zip(kept.codes, counts, strict=True) if n},
        ),
        best=_best_of_each(problem, evaluations, feasible, values, start),
        nearest=_best_of_each(problem, evaluations, ~feasible, nearness, start),
        front=_front_points(problem, evaluations, good, start),
        robust=[] if problem.cautious else _robust(problem.with_caution(), evaluations, start),
        points=chunk_points(evaluations, good, most_points),
    )


def _robust(cautious: SearchProblem, evaluations: Evaluations, start: int) -> list[Candidate]:
    """The plan that a cautious search finds here, if any."""
    good = _judged(cautious, evaluations).good
    values = _values(cautious, evaluations, good)
    feasible = np.asarray(np.isfinite(values).any(axis=1))
    return _best_of_each(cautious, evaluations, feasible, values, start)


def _judged(problem: SearchProblem, evaluations: Evaluations) -> Judged:
    """Memory and latencies are those of the rank cases; the rate is each evaluation's own."""
    cases = evaluations.cases
    limits = [memory_limit(cases.memory, cases.usable)]
    if not problem.limits.none:
        latencies = judged_latencies(problem, cases)
        limits += latency_limits(problem.limits, latencies, cautious=problem.cautious)
    missed = first_missed(limits, len(cases.memory))[cases.case]
    overshoot = worst_overshoot(limits)[cases.case]
    rates = _rate_limits(problem, evaluations)
    if rates:
        [rate] = rates
        missed = np.where(missed < len(limits), missed, len(limits) + (rate.overshoot <= 1))
        overshoot = np.fmax(overshoot, rate.overshoot)
    return Judged(tuple(limit.code for limit in (*limits, *rates)), missed, overshoot)


def _rate_limits(problem: SearchProblem, evaluations: Evaluations) -> list[Limit]:
    if problem.limits.min_request_rate is None:
        return []
    served = judged(problem, evaluations.steady_state(np.arange(len(evaluations))))
    return rate_limits(problem.limits, served.request_rate)


def _values(problem: SearchProblem, evaluations: Evaluations, good: IntArray) -> Array:
    """Scores of the ``good`` evaluations, nothing (-inf) elsewhere; shape [P, B]."""
    table = np.full((len(evaluations.plans), len(evaluations.concurrencies)), -np.inf)
    served = judged(problem, evaluations.steady_state(good))
    table.reshape(-1)[good] = score(problem.objective, served)
    return table


def _best_of_each(
    problem: SearchProblem,
    evaluations: Evaluations,
    eligible: NDArray[np.bool_],
    values: Array,
    start: int,
) -> list[Candidate]:
    """The best of the ``eligible`` plans, each at its best concurrency, of equals the smallest.

    Where plans fold it is the best of each shape, and always those of the first and the last one:
    other chunks may have more of them.
    """
    plans = np.flatnonzero(eligible)
    if len(plans) == 0:
        return []
    value = compared(values.max(axis=1)[plans])
    first = _shapes(evaluations.plans[plans]) if problem.fold else np.arange(len(plans))
    size = np.diff(first, append=len(plans))
    best = np.maximum.reduceat(value, first)
    wanted = np.zeros(len(first), dtype=np.bool_)
    wanted[contenders(best, problem.top_k)] = True
    edges = (0, len(first) - 1) if problem.fold else ()
    wanted[[*edges]] = True
    shape = np.repeat(np.arange(len(first)), size)
    tied = np.flatnonzero(wanted[shape] & (value == best[shape]))
    plans, shape = plans[tied], shape[tied]
    rows = plans * values.shape[1] + np.argmax(compared(values[plans]), axis=1)
    value, served = values.reshape(-1)[rows], judged(problem, evaluations.steady_state(rows))
    seconds = latency(served)
    order = best_first(value, served.chips, seconds, evaluations.concurrency_of(rows), rows)
    _, of_shape = np.unique(shape[order], return_index=True)
    order = order[np.sort(of_shape)]
    kept = np.arange(len(order)) < problem.top_k
    for edge in edges:
        kept |= shape[order] == edge
    kept = order[kept]
    listed = _listed(evaluations, rows[kept], value[kept], seconds[kept], start)
    if not problem.fold:
        return [*listed]
    others = (size[shape[kept]] - 1).tolist()
    return [replace(one, folded=more) for one, more in zip(listed, others, strict=True)]


def _shapes(plans: PlanTable) -> IntArray:
    """The first of each run of plans that differ in the number of replicas alone."""
    names = [name for name in DEGREES if name != "dp"]
    degrees = np.stack([getattr(plans, name) for name in names])
    return np.flatnonzero(np.append(True, (degrees[:, 1:] != degrees[:, :-1]).any(axis=0)))


def _listed(
    evaluations: Evaluations, rows: IntArray, value: Array, seconds: Array, start: int
) -> list[Aggregated]:
    plan = evaluations.plan_of(rows)
    plans = evaluations.plans[plan]
    columns = (
        (plan + start).tolist(),
        plans.rows(),
        plans.chips.tolist(),
        evaluations.concurrency_of(rows).tolist(),
        value.tolist(),
        seconds.tolist(),
    )
    return [
        Aggregated(index=i, parallelism=p, chips=c, batch_size=b, value=v, latency=s)
        for i, p, c, b, v, s in zip(*columns, strict=True)
    ]


def _front_points(
    problem: SearchProblem, evaluations: Evaluations, good: IntArray, start: int
) -> list[FrontPoint]:
    """The feasible evaluations that no other of the chunk beats."""
    if not problem.pareto:
        return []
    served = judged(problem, evaluations.steady_state(good))
    found = scores(problem.pareto, served)
    kept = front(-found)
    value = score(problem.objective, served)[kept]
    listed = _listed(evaluations, good[kept], value, latency(served)[kept], start)
    return [
        FrontPoint(candidate, tuple(row))
        for candidate, row in zip(listed, found[kept].tolist(), strict=True)
    ]
