"""The public entry of the planner: anything that can be asked, whole or chunk by chunk.

A request is parsed once and travels as itself: workers take it with a chunk and keep the search
they prepared for it. What is here reads no file: the catalogue is an argument.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.costs.prices import usd_before_overhead
from llm_simulator.planner.explain.ways_out import ways_out
from llm_simulator.planner.requests.candidates_request import CandidatesRequest
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.requests.sweep_request import SweepRequest
from llm_simulator.planner.results.candidates import candidates_result
from llm_simulator.planner.results.effort import Effort, effort_of
from llm_simulator.planner.results.result import EvaluationResult, SearchStats
from llm_simulator.planner.results.search_result import search_result, stats_of
from llm_simulator.planner.results.sweep import (
    SweepOutcome,
    sweep_layout,
    sweep_outcome,
    sweep_result,
)
from llm_simulator.planner.search.candidates import CandidatesOutcome, candidate_search
from llm_simulator.planner.search.layout import Chunk, Layout
from llm_simulator.planner.search.outcome import Counts, Outcome
from llm_simulator.planner.search.prepared import prepare, prepared
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.warning import EvaluationWarning

Request = EvaluationRequest | SweepRequest | CandidatesRequest
AnyOutcome = Outcome | SweepOutcome | CandidatesOutcome
Found = TypeVar("Found", Outcome, SweepOutcome, CandidatesOutcome)
_OUTCOME: TypeAdapter[AnyOutcome] = TypeAdapter(AnyOutcome, config=ConfigDict(defer_build=True))
Progress = Callable[[int, int], None]

PREVIEWED = 5
"""Plans of a preview that does not say ``top_k``: each has its whole breakdown."""
NO_TRAFFIC = EvaluationWarning.of(
    "preview_without_traffic",
    "A preview simulates no single requests; submit a task for percentiles.",
)


def parse_request(body: Mapping[str, Any], catalogue: Catalogue) -> Request:
    """The request in ``body``; raises InvalidInput naming every part that can't be read."""
    if body.get("candidates") is not None:
        return CandidatesRequest.parse(body, catalogue, _price_of)
    if body.get("sweep") is not None:
        return SweepRequest.parse(_without(body, "candidates"), catalogue)
    return EvaluationRequest.parse(_without(body, "sweep", "candidates"), catalogue)


def stored_request(snapshot: Mapping[str, Any], catalogue: Catalogue) -> Request:
    """The request that a ``snapshot()`` describes; a sweep's points are not checked again."""
    if snapshot.get("sweep") is not None:
        return SweepRequest.stored(_without(snapshot, "candidates"), catalogue)
    return parse_request(snapshot, catalogue)


def _without(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: part for name, part in body.items() if name not in names}


def _price_of(deployed: Deployment) -> float:
    """USD per hour of a deployment's chip, before overheads; NaN where nobody knows it."""
    economics = deployed.economics
    return math.nan if economics is None else usd_before_overhead(economics, deployed.chip)


def layout(request: Request) -> Layout:
    """The work that a request is; raises InvalidInput when no legal plan is left to try."""
    if isinstance(request, CandidatesRequest):
        return candidate_search(request).layout
    return sweep_layout(request) if isinstance(request, SweepRequest) else prepare(request).layout


def effort(request: Request) -> Effort:
    """How much a request is; raises InvalidInput when no legal plan is left to try."""
    chips = request.candidates.size if isinstance(request, CandidatesRequest) else None
    return effort_of(layout(request), chips)


def evaluate_chunk(request: Request, chunk: Chunk) -> AnyOutcome:
    """The outcome of one chunk of a request's work."""
    if isinstance(request, SweepRequest):
        return sweep_outcome(request, chunk)
    if isinstance(request, CandidatesRequest):
        return candidate_search(request).evaluated(chunk)
    return prepared(request).evaluated(chunk, points=True)


def outcome_as_json(outcome: AnyOutcome) -> Any:
    """The outcome as data that ``json`` can write; it keeps every float, infinite ones too."""
    return _OUTCOME.dump_python(outcome)


def outcome_from_json(data: Any) -> AnyOutcome:
    """The outcome that ``outcome_as_json`` wrote."""
    return _OUTCOME.validate_python(data)


def running_stats(outcomes: Iterable[AnyOutcome], total_plans: int) -> SearchStats:
    """The search statistics of the chunks done so far, of ``total_plans`` in all."""
    return stats_of(sum((outcome.running for outcome in outcomes), Counts()), total_plans)


def assemble(request: Request, outcomes: Sequence[Any]) -> EvaluationResult:
    """The result of a request's chunks, whatever their order; all of them, or those so far."""
    if isinstance(request, SweepRequest):
        return sweep_result(request, outcomes)
    if isinstance(request, CandidatesRequest):
        return candidates_result(request, outcomes)
    return search_result(prepared(request), outcomes)


def with_ways_out(
    request: Request, result: EvaluationResult, catalogue: Catalogue
) -> EvaluationResult:
    """The result of a whole request; of a search without a feasible plan, with what would fit."""
    if result.top_k_plans or not result.infeasible_plans:
        return result
    if not isinstance(request, EvaluationRequest):
        return result
    found = ways_out(request, result.infeasible_plans[0], catalogue)
    return result.model_copy(update={"ways_out": found})


def evaluate(request: Request, progress: Progress | None = None) -> EvaluationResult:
    """The result of the whole request, computed here.

    ``progress`` is called with plans done and plans in all after each chunk.
    """
    if isinstance(request, SweepRequest):
        chunks = partial(sweep_outcome, request)
        return sweep_result(request, _outcomes(sweep_layout(request), chunks, progress))
    if isinstance(request, CandidatesRequest):
        asked = candidate_search(request)
        return candidates_result(request, _outcomes(asked.layout, asked.evaluated, progress))
    search = prepare(request)
    evaluated = partial(search.evaluated, points=True)
    return search_result(search, _outcomes(search.layout, evaluated, progress))


def _outcomes(
    work: Layout, evaluated: Callable[[Chunk], Found], progress: Progress | None
) -> list[Found]:
    found = []
    for chunk in work.chunks:
        found.append(evaluated(chunk))
        if progress is not None:
            progress(work.total_plans * len(found) // len(work.chunks), work.total_plans)
    return found


def preview(body: Mapping[str, Any], most: int, catalogue: Catalogue) -> EvaluationResult:
    """The result of at most ``most`` evaluations, without simulating single requests.

    The best plan's sensitivities and the decision come only when ``sensitivity`` is true: they
    take longer than a small search. Raises InvalidInput for an impossible request and for a larger
    one.
    """
    _refuse_percentiles(body)
    asked = EvaluationRequest.parse(_with_fewer_plans(body), catalogue)
    search = prepare(asked.without_traffic())
    _refuse_large(search.layout, most)
    outcomes = [search.evaluated(chunk) for chunk in search.layout.chunks]
    whole = body.get("sensitivity") is True
    result = search_result(search, outcomes, sensitivity=whole, choice=whole)
    if asked.deployment.workload.traffic is not None:
        return result.model_copy(update={"warnings": [*result.warnings, NO_TRAFFIC]})
    return result


def _with_fewer_plans(body: Mapping[str, Any]) -> dict[str, Any]:
    """The request itself, with a ``top_k``."""
    rest = {name: part for name, part in body.items() if name != "sensitivity"}
    given = rest.get("search_constraints")
    if given is None or isinstance(given, Mapping):
        rest["search_constraints"] = {"top_k": PREVIEWED, **(given or {})}
    return rest


def _refuse_percentiles(body: Mapping[str, Any]) -> None:
    constraints = body.get("search_constraints")
    if isinstance(constraints, Mapping) and constraints.get("limit_percentile") is not None:
        raise InvalidInput.at("search_constraints.limit_percentile", NO_TRAFFIC.message)


def _refuse_large(work: Layout, most: int) -> None:
    if work.total_evaluations > most:
        raise InvalidInput.at(
            "search_constraints",
            f"the search has {work.total_evaluations:,} evaluations, more than the {most:,} "
            "of a preview; submit it as a task, or lower max_chips or allow fewer degrees",
        )
