"""A running task's progress, added up chunk by chunk."""

import time
from collections.abc import Callable

from llm_simulator.planner.evaluate import AnyOutcome
from llm_simulator.planner.results.search_result import stats_of
from llm_simulator.planner.search.outcome import (
    Aggregated,
    Candidate,
    Counts,
    top_candidates,
)
from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import BestSoFar, EvaluationProgress
from llm_simulator.task_manager.work import LaidOut


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
        self._counts = Counts()
        self._best: Candidate | None = None
        self._laid_out: LaidOut | None = None

    def planned(self, laid_out: LaidOut) -> None:
        """The search is laid out: how much there is to do, and what scores mean."""
        self._laid_out = laid_out
        self._total = laid_out.layout.total_plans
        self._evaluations_total = laid_out.layout.total_evaluations

    def add(self, outcome: AnyOutcome, *, resumed: bool = False) -> None:
        """Counts a chunk; one ``resumed`` was computed earlier and says nothing of the rate."""
        before = self._done
        self._counts += outcome.running
        self._best = better(self._best, *outcome.best)
        if resumed:
            self._resumed += self._done - before

    def update(self, priority: int) -> TaskUpdate:
        """The progress as clients are told it; its sequence number is still to be given."""
        stats = stats_of(self._counts, self._total)
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
            best_so_far=self._best_so_far(),
            sequence=0,
        )

    def _best_so_far(self) -> BestSoFar | None:
        best, laid_out = self._best, self._laid_out
        if best is None or laid_out is None:
            return None
        return BestSoFar(
            parallelism=best.parallelism if isinstance(best, Aggregated) else {},
            chips=best.chips,
            batch_size=best.batch_size,
            value=best.value,
            objective=laid_out.objective,
            risk=laid_out.risk,
        )

    @property
    def _done(self) -> int:
        return self._counts.evaluations


def better(*candidates: Candidate | None) -> Candidate | None:
    """The best candidate in the order of the final ranking; None when there is none."""
    known = [candidate for candidate in candidates if candidate is not None]
    return next(iter(top_candidates(known, 1)), None)
