"""A sweep chunk by chunk: several whole points where they are small, slices of a big one."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from llm_simulator.planner.plans.engines import engines_asked
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.requests.sweep_request import SweepRequest
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.results.search_result import counts_of, search_result, stats_of
from llm_simulator.planner.results.sweep_result import best_point, point_of
from llm_simulator.planner.results.sweep_table import SweepAxis, SweepPoint, SweepTable
from llm_simulator.planner.search.layout import Chunk, Layout
from llm_simulator.planner.search.outcome import Aggregated, Candidate, Counts, Outcome
from llm_simulator.planner.search.prepared import PreparedSearch, prepare, prepared
from llm_simulator.planner.specs.price_kinds import price_warnings

EVALUATIONS_PER_CHUNK = 65_536
"""What a chunk of whole points holds at most, about 0.2 s of work; larger points are sliced."""
EVALUATIONS_PER_POINT = 20_000
"""What a point costs however few plans it has: reading it and working out its best plan's figures
takes as long as so many evaluations."""


_RULED_BY = {"engine", "engine_version", "redundant_experts", "batch_size"}
"""What of a load decides which plans are legal, beside formats, and how many there are."""


@dataclass(frozen=True)
class SweepOutcome:
    """What one chunk of a sweep found."""

    running: Counts
    """Of the plans tried in this chunk."""
    best: list[Candidate]
    """The best plan of the chunk; its index is that of the point."""
    points: list[SweepPoint] = field(default_factory=list)
    """The points that are done."""
    counts: Counts = field(default_factory=Counts)
    """Of the points that are done."""
    number: int | None = None
    """The large point that this is a slice of, and what its own search found in there."""
    outcome: Outcome | None = None


def sweep_layout(request: SweepRequest) -> Layout:
    """How a sweep is cut up; raises InvalidInput naming the value that leaves no plan to try."""
    searches = list(_searches(request))
    return Layout(
        total_plans=sum(found.total_plans for found in searches),
        total_evaluations=sum(found.total_evaluations for found in searches),
        chunks=tuple(_chunks(searches)),
    )


def _searches(request: SweepRequest) -> Iterator[PreparedSearch]:
    """The search of each point; points with the same plans share one."""
    known: dict[str, PreparedSearch] = {}
    for number in range(request.size):
        point = request.point(number)
        plans = _what_decides_the_plans(point)
        if plans not in known:
            known[plans] = request.named(number, partial(prepare, point))
        yield known[plans]


def _what_decides_the_plans(point: EvaluationRequest) -> str:
    deployment, manual = point.deployment, point.manual_parallelism
    pools = point.manual_pools
    return json.dumps(
        [
            deployment.model.model_dump(mode="json"),
            deployment.topology.sizes,
            engines_asked(deployment),
            deployment.workload.model_dump(mode="json", include=_RULED_BY),
            [deployment.formats.of(module).weight for module in deployment.model.modules],
            point.search_mode,
            manual and manual.model_dump(mode="json"),
            pools and pools.model_dump(mode="json"),
            point.search_constraints.model_dump(mode="json"),
        ]
    )


def _chunks(searches: Sequence[PreparedSearch]) -> Iterator[Chunk]:
    """Whole points until a chunk is full; the slices of a large point one by one."""
    first, filled = 0, 0
    for number, found in enumerate(searches):
        large = found.total_evaluations > EVALUATIONS_PER_CHUNK
        cost = _cost(found)
        if first < number and (large or filled + cost > EVALUATIONS_PER_CHUNK):
            yield Chunk("points", first, number)
            first, filled = number, 0
        if large:
            yield from (replace(chunk, point=number) for chunk in found.layout.chunks)
            first = number + 1
        else:
            filled += cost
    if first < len(searches):
        yield Chunk("points", first, len(searches))


def _cost(found: PreparedSearch) -> int:
    """What a whole point takes of a chunk. Which pools go together is found out at its end."""
    pairs = EVALUATIONS_PER_CHUNK if len(found.instances) else 0
    return EVALUATIONS_PER_POINT + found.total_evaluations + pairs


def sweep_outcome(request: SweepRequest, chunk: Chunk) -> SweepOutcome:
    """The outcome of the points, or of the part of a point, that a chunk is."""
    if chunk.point is not None:
        return _slice_outcome(request, chunk.point, chunk)
    return _whole_outcome(request, range(chunk.start, chunk.stop))


def _slice_outcome(request: SweepRequest, number: int, chunk: Chunk) -> SweepOutcome:
    outcome = prepared(request.point(number)).evaluated(chunk)
    return SweepOutcome(
        running=outcome.running,
        best=[replace(candidate, index=number) for candidate in outcome.best[:1]],
        number=number,
        outcome=outcome,
    )


def _whole_outcome(request: SweepRequest, numbers: range) -> SweepOutcome:
    points, running, counts = [], Counts(), Counts()
    for number in numbers:
        search = prepare(_with_one_plan(request.point(number)))
        outcomes = _outcomes(search)
        row, counted = _finished(request, number, search, outcomes)
        points.append(row)
        running = sum((outcome.running for outcome in outcomes), running)
        counts += counted
    lead = points[best_point(points)]
    best = [_as_candidate(request, lead)] if lead.feasible else []
    return SweepOutcome(running=running, best=best, points=points, counts=counts)


def _finished(
    request: SweepRequest, number: int, search: PreparedSearch, outcomes: Sequence[Outcome]
) -> tuple[SweepPoint, Counts]:
    """A point's row in the table and its counts, once its search is done."""
    result = search_result(search, outcomes, sensitivity=False, choice=False)
    return point_of(request.index(number), result), counts_of(result.search_stats)


def _outcomes(search: PreparedSearch) -> list[Outcome]:
    """All chunks of one point's search."""
    return [search.evaluated(chunk) for chunk in search.layout.chunks]


def _with_one_plan(point: EvaluationRequest) -> EvaluationRequest:
    """A point that asks for the best plan only, and simulates it only for a limit."""
    constraints = point.search_constraints.model_copy(update={"top_k": 1})
    if constraints.limit_percentile is not None:
        return replace(point, search_constraints=constraints)
    return replace(point, search_constraints=constraints).without_traffic()


def _as_candidate(request: SweepRequest, point: SweepPoint) -> Candidate:
    return Aggregated(
        index=_number(request, point),
        parallelism=point.parallelism.model_dump(),
        chips=point.chips,
        batch_size=point.batch_size,
        value=point.score or 0.0,
    )


def _number(request: SweepRequest, point: SweepPoint) -> int:
    *outer, last = point.index
    return sum(outer) * request.shape[-1] + last


def sweep_result(request: SweepRequest, outcomes: Sequence[SweepOutcome]) -> EvaluationResult:
    """The best point's result with the table of all points, whatever the chunks' order.

    While chunks are missing, the table has the points that are done.
    """
    slices = _slices_by_point(outcomes)
    sliced = [
        _finished(request, number, prepare(_with_one_plan(request.point(number))), parts)
        for number, parts in slices.items()
    ]
    points = [point for outcome in outcomes for point in outcome.points]
    points = sorted([*points, *(row for row, _ in sliced)], key=lambda point: point.index)
    done = [*(outcome.counts for outcome in outcomes), *(counted for _, counted in sliced)]
    counts = sum(done, Counts())
    lead = points[best_point(points)]
    number = _number(request, lead)
    search = prepare(request.point(number))
    result = search_result(search, slices.get(number) or _outcomes(search))
    return result.model_copy(
        update={
            "search_stats": stats_of(counts, counts.evaluated),
            "warnings": [
                *result.warnings,
                *price_warnings(search.problem.deployment.economics, request.chips),
            ],
            "sweep": SweepTable(axes=_axes(request), points=points, best=lead.index),
        }
    )


def _slices_by_point(outcomes: Sequence[SweepOutcome]) -> dict[int, list[Outcome]]:
    """The outcomes of each sliced point's own search."""
    found: dict[int, list[Outcome]] = {}
    for part in outcomes:
        if part.number is not None and part.outcome is not None:
            found.setdefault(part.number, []).append(part.outcome)
    return found


def _axes(request: SweepRequest) -> list[SweepAxis]:
    return [
        SweepAxis(field=axis.field, values=axis.shown, labels=list(axis.labels), unit=axis.unit)
        for axis in request.axes
    ]
