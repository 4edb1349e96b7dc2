"""Which plan, how fast, and why: the planner with the built-in catalogue."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.evaluate import (
    CandidatesRequest,
    Progress,
    evaluate,
    parse_request,
    with_ways_out,
)
from llm_simulator.planner.results.candidates import all_rows
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.search.candidate_rows import Rows


def evaluate_deployment(
    *,
    topology: Any,
    model: Any,
    inference: Any,
    hardware: Any = None,
    economics: Any = None,
    search_mode: str = "auto",
    manual_parallelism: Mapping[str, int] | None = None,
    manual_pools: Mapping[str, Any] | None = None,
    search_constraints: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> EvaluationResult:
    """Ranked plans for serving ``model`` on ``topology`` under the load of ``inference``.

    Each part is a preset's name or an object (docs/inputs.md). ``progress`` is called with plans
    done and plans in all after each chunk. Latencies in ms, throughput in output tokens/s.
    Raises InvalidInput naming every field that can't be read or does not fit.

    >>> result = evaluate_deployment(
    ...     topology="server-8", model="llama-3.1-8b", hardware="h100-sxm", inference="chat"
    ... )
    >>> result.top_k_plans[0].is_feasible
    True
    """
    return evaluate_request(
        {
            "topology": topology,
            "model": model,
            "hardware": hardware,
            "inference": inference,
            "economics": economics,
            "search_mode": search_mode,
            "manual_parallelism": manual_parallelism,
            "manual_pools": manual_pools,
            "search_constraints": search_constraints,
        },
        progress,
    )


def evaluate_request(body: Mapping[str, Any], progress: Progress | None = None) -> EvaluationResult:
    """The same for a request's body, as it would be submitted to the service."""
    catalogue = builtin_catalogue()
    request = parse_request(body, catalogue)
    return with_ways_out(request, evaluate(request, progress), catalogue)


def evaluate_candidates(body: Mapping[str, Any], progress: Progress | None = None) -> Rows:
    """Every hypothetical chip of a body with ``candidates`` and its best plan, in their order.

    A NumPy table with one row each: figures in base units, the plan's degrees, concurrency, score,
    TTFT and TPOT in seconds, requests per second and USD per chip-hour. ``evaluate_request`` gives
    the front, the prices and the plans of the best one instead. ``progress`` is called with speeds
    done and speeds in all. Raises InvalidInput naming the field that can't be.
    """
    request = parse_request(body, builtin_catalogue())
    if not isinstance(request, CandidatesRequest):
        raise InvalidInput.at("candidates", "are needed: a list or a grid of hypothetical chips")
    return all_rows(request, progress)
