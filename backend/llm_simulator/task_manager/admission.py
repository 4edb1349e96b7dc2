"""How many plans a submission has: known before it is stored, counted where it disturbs nobody."""

import threading
from collections.abc import Callable
from typing import Any

from llm_simulator.errors import InvalidInput, RunFailed, WorkerLost
from llm_simulator.planner.evaluate import (
    CandidatesRequest,
    EvaluationRequest,
    Request,
    SweepRequest,
    layout,
)
from llm_simulator.task_manager.run import too_many

COUNTED_HERE = 64
"""Chips up to which the plans of one search are counted in some milliseconds."""
COUNTED_BY_WORKERS = 4096
"""Chips up to which a worker needs about a second; larger searches are accepted uncounted."""
AT_ONCE = 4
"""Searches that workers count at the same time; more are accepted uncounted."""
PATIENCE_SECONDS = 5.0


def total_plans(request: Request) -> int:
    """The plans of a request; raises InvalidInput when no legal plan is left to try."""
    return layout(request).total_plans


class Admission:
    """Refuses searches without a plan or with too many; ``ask`` has a worker call a function."""

    def __init__(self, ask: Callable[..., Any], max_plans: int | None) -> None:
        self._ask = ask
        self._max_plans = max_plans
        self._counting = threading.BoundedSemaphore(AT_ONCE)

    def plans(self, request: Request) -> int | None:
        """The number of plans; None where no worker could say so in time: the task will find out.

        Raises InvalidInput for a search that can't be a task.
        """
        total = total_plans(request) if _is_small(request) else self._counted(request)
        if total is not None and self._max_plans is not None and total > self._max_plans:
            raise InvalidInput.at("search_constraints", too_many(total, self._max_plans))
        return total

    def _counted(self, request: Request) -> int | None:
        if _chips(request) > COUNTED_BY_WORKERS or not self._counting.acquire(blocking=False):
            return None
        try:
            return self._ask(total_plans, request, seconds=PATIENCE_SECONDS)
        except (WorkerLost, RunFailed):
            return None
        finally:
            self._counting.release()


def _is_small(request: Request) -> bool:
    if not isinstance(request, EvaluationRequest):
        return False
    return request.search_mode == "manual" or _chips(request) <= COUNTED_HERE


def _chips(request: Request) -> int:
    """The most chips that a plan may have; 0 for a sweep, whose points say it each for itself."""
    if isinstance(request, SweepRequest):
        return 0
    if isinstance(request, CandidatesRequest):
        return _chips(request.base)
    chips = request.deployment.topology.chips
    return min(request.search_constraints.max_chips or chips, chips)
