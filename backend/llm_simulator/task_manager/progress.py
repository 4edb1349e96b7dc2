"""A running task's progress, added up chunk by chunk."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from llm_simulator.planner.evaluate import running_stats
from llm_simulator.planner.search.outcome import Candidate, Outcome
from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.plans import SearchStats
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import BestSoFar, EvaluationProgress


class Progress:
    """What is known of a running search; a chunk's cost does not grow with their number."""

    def __init__(
        self,
        task_id: str,
        experiment_name: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._task_id = task_id
        self._experiment_name = experiment_name
        self._clock = clock
        self._began = clock()
        self._total = 0
        self._evaluations_total = 0
        self._resumed = 0
        self._stats: Mapping[str, Any] = {}
        self._best: Candidate | None = None

    def planned(self, total_plans: int, evaluations: int | None = None) -> None:
        """The search has so many plans; several evaluations of each, where they are said."""
        self._total = total_plans
        self._evaluations_total = total_plans if evaluations is None else evaluations

    def add(self, outcome: Outcome, *, resumed: bool = False) -> None:
        """Counts a chunk; one ``resumed`` was computed earlier and says nothing of the rate."""
        before = self._done
        self._stats = added(self._stats, running_stats([outcome], self._total))
        self._best = better(self._best, *outcome.get("best", ()))
        if resumed:
            self._resumed += self._done - before

    def update(self, priority: int) -> TaskUpdate:
        """The progress as clients are told it; its sequence number is still to be given."""
        stats = SearchStats.model_validate({**self._stats, "total_plans": self._total})
        rate = (self._done - self._resumed) / max(self._clock() - self._began, 1e-9)
        left = max(self._evaluations_total - self._done, 0)
        return TaskUpdate(
            task_id=self._task_id,
            experiment_name=self._experiment_name,
            status=TaskState.RUNNING,
            progress=100.0 * stats.evaluated_plans / max(self._total, 1),
            message=f"{stats.evaluated_plans:,} of {self._total:,} plans",
            error=None,
            search_stats=stats,
            priority=priority,
            evaluations=EvaluationProgress(done=self._done, total=self._evaluations_total),
            rate=rate or None,
            seconds_left=left / rate if rate else None,
            best_so_far=self._best and _shown(self._best),
            sequence=0,
        )

    @property
    def _done(self) -> int:
        return self._stats.get("evaluations", self._stats.get("evaluated_plans", 0))


def added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two searches' statistics as one: counts add up, also those by reason; None stays unknown.

    >>> added({"feasible": 1, "reasons": {"a": 2}}, {"feasible": 3, "reasons": {"b": 1}})
    {'feasible': 4, 'reasons': {'a': 2, 'b': 1}}
    """
    return dict(one) | {
        name: added(one.get(name, {}), value)
        if isinstance(value, Mapping)
        else None
        if value is None
        else one.get(name, 0) + value
        for name, value in other.items()
    }


def better(*candidates: Candidate | None) -> Candidate | None:
    """The best candidate in the order of the final ranking; None when there is none."""
    known = [candidate for candidate in candidates if candidate is not None]
    return min(known, key=lambda c: (-c["value"], c["chips"], c["index"]), default=None)


def _shown(best: Candidate) -> BestSoFar:
    return BestSoFar(
        parallelism=best["parallelism"],
        chips=best["chips"],
        batch_size=best["batch_size"],
        value=best["value"],
    )
