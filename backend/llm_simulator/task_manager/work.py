"""What workers run of a task: lay it out, evaluate its chunks, put the result together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.evaluate import (
    AnyOutcome,
    Request,
    assemble,
    evaluate_chunk,
    layout,
    stored_request,
    with_ways_out,
)
from llm_simulator.planner.requests.candidates_request import CandidatesRequest
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.requests.sweep_request import SweepRequest
from llm_simulator.planner.search.layout import Layout
from llm_simulator.planner.specs.search import Objective, Risk
from llm_simulator.stored.points import packed_points
from llm_simulator.task_manager.rows.digits import with_kept_digits
from llm_simulator.task_manager.rows.result_rows import without_breakdown


@dataclass(frozen=True)
class LaidOut:
    """A stored request as the chunks' calls take it, and the work that it is."""

    request: Any
    layout: Layout
    objective: Objective
    risk: Risk
    """What the scores of its plans mean."""


def laid_out(snapshot: Mapping[str, Any]) -> LaidOut:
    """The request of a snapshot with its chunks; raises InvalidInput when no plan is left."""
    request = stored_request(snapshot, builtin_catalogue())
    return LaidOut(request, layout(request), *_ranked_by(request))


def _ranked_by(request: Request) -> tuple[Objective, Risk]:
    """The objective, and whether its figures are the expected ones or those that hold with 80 %.

    Of a sweep over both the best are expected ones: no plan's cautious score is above its mean.
    """
    if isinstance(request, CandidatesRequest):
        constraints = request.base.search_constraints
    elif isinstance(request, SweepRequest):
        constraints = request.point(0).search_constraints
        if ("search_constraints", "risk") in [axis.path for axis in request.axes]:
            return constraints.objective, Risk.MEAN
    else:
        constraints = request.search_constraints
    return constraints.objective, constraints.risk


def assembled(request: Request, outcomes: Sequence[AnyOutcome]) -> dict[str, Any]:
    """The result of all chunks, as it is stored: ten thousand objects would travel slowly."""
    result = with_ways_out(request, assemble(request, outcomes), builtin_catalogue())
    whole = result.as_json()
    misses = [without_breakdown(plan) for plan in whole["infeasible_plans"]]
    found = with_kept_digits(whole | {"infeasible_plans": misses}) | {"points": None}
    if result.points is None or not isinstance(request, EvaluationRequest):
        return found
    tokens = request.deployment.workload.output_seq_length
    return found | {"points": packed_points(result.points, output_tokens=tokens)}


def assembled_so_far(snapshot: Mapping[str, Any], outcomes: Sequence[AnyOutcome]) -> dict[str, Any]:
    """The plans of the chunks done so far."""
    return assemble(stored_request(snapshot, builtin_catalogue()), outcomes).as_json()


@dataclass(frozen=True)
class WorkerFunctions:
    """The functions that workers run."""

    lay_out: Callable[..., LaidOut] = laid_out
    evaluate: Callable[..., Any] = evaluate_chunk
    assemble: Callable[..., Any] = assembled
    assemble_so_far: Callable[..., Any] = assembled_so_far
