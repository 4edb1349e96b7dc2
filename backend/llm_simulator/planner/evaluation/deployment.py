"""The one call that answers the question: which plan, how fast, and why."""

from collections.abc import Callable, Mapping
from typing import Any

from llm_simulator.planner.evaluation.work import assemble, evaluate_chunk, parse_request, work_of
from llm_simulator.planner.results.result import EvaluationResult

Progress = Callable[[int, int], None]


def evaluate_deployment(
    *,
    topology: Any,
    model: Any,
    inference: Any,
    hardware: Any = None,
    economics: Any = None,
    search_mode: str = "auto",
    manual_parallelism: Mapping[str, int] | None = None,
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
    >>> result["top_k_plans"][0]["is_feasible"]
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
            "search_constraints": search_constraints,
        },
        progress,
    )


def evaluate_request(body: Mapping[str, Any], progress: Progress | None = None) -> EvaluationResult:
    """The same for a request's body, as it would be submitted to the service."""
    request = parse_request(body)
    work = work_of(request)
    snapshot = request.snapshot()
    outcomes = []
    for start, stop in work.chunks:
        outcomes.append(evaluate_chunk(snapshot, start, stop))
        if progress is not None:
            progress(work.total_plans * len(outcomes) // len(work.chunks), work.total_plans)
    return assemble(snapshot, outcomes)
