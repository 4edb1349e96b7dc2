"""A small evaluation at once: what a slider shows while it moves."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.evaluation import search
from llm_simulator.planner.evaluation.preparation import PreparedSearch
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.results.result import EvaluationResult

SHOWN = 5
"""Plans of a preview that does not say ``top_k``: each has its whole breakdown."""
TRAFFIC = "A preview simulates no single requests; submit a task for percentiles."


def preview(body: Mapping[str, Any], most: int) -> EvaluationResult:
    """The result of at most ``most`` evaluations, without simulating single requests.

    The best plan's sensitivities come only when ``sensitivity`` is true: they take longer than a
    small search. Raises InvalidInput for an impossible request and for a larger one.
    """
    _refuse_percentiles(body)
    asked = EvaluationRequest.parse(_with_fewer_plans(body))
    simulated = asked.deployment.workload.traffic is not None
    snapshot = asked.snapshot()
    snapshot["inference"] = {**snapshot["inference"], "traffic": None}
    prepared = search.prepared_from(snapshot)
    _refuse_large(prepared, most)
    outcomes = [search.evaluate_chunk(snapshot, *chunk) for chunk in prepared.chunks]
    wanted = body.get("sensitivity") is True
    result = search.assemble(snapshot, outcomes, sensitivity=wanted)
    warnings = [*result["warnings"], TRAFFIC] if simulated else result["warnings"]
    return EvaluationResult(**{**result, "warnings": warnings})


def _with_fewer_plans(body: Mapping[str, Any]) -> dict[str, Any]:
    """The request itself, with a ``top_k``."""
    rest = {name: part for name, part in body.items() if name != "sensitivity"}
    given = rest.get("search_constraints")
    if given is None or isinstance(given, Mapping):
        rest["search_constraints"] = {"top_k": SHOWN, **(given or {})}
    return rest


def _refuse_percentiles(body: Mapping[str, Any]) -> None:
    constraints = body.get("search_constraints")
    if isinstance(constraints, Mapping) and constraints.get("limit_percentile") is not None:
        raise InvalidInput.at("search_constraints.limit_percentile", TRAFFIC)


def _refuse_large(prepared: PreparedSearch, most: int) -> None:
    if prepared.total_evaluations > most:
        raise InvalidInput.at(
            "search_constraints",
            f"the search has {prepared.total_evaluations:,} evaluations, more than the {most:,} "
            "of a preview; submit it as a task, or lower max_chips or allow fewer degrees",
        )
