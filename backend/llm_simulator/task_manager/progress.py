"""A running task's progress: every step as an event, a few steps a second in the database."""

import time
from collections.abc import Callable, Sequence

from llm_simulator.evaluation import running_stats
from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.schemas.plans import SearchStats
from llm_simulator.schemas.states import TaskState
from llm_simulator.search.outcome import Outcome

STORE_INTERVAL = 0.25
"""Seconds between two writes of one task's progress: SQLite has one writer for all."""


class Progress:
    """Turns finished chunks into progress. ``latest`` is the newest state told to anybody."""

    def __init__(
        self,
        *,
        task_id: str,
        experiment_name: str,
        publish: Callable[[TaskUpdate], TaskUpdate | None],
        store: Callable[[TaskUpdate], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._publish = publish
        self._store = store
        self._clock = clock
        self._stored_at = clock()
        self.latest = TaskUpdate(
            task_id=task_id,
            experiment_name=experiment_name,
            status=TaskState.RUNNING,
            progress=0.0,
            message="Running",
            error=None,
            search_stats=None,
            sequence=0,
        )

    def start(self) -> None:
        """Tells that the task runs."""
        self._tell(self.latest)

    def advanced(self, outcomes: Sequence[Outcome], total_plans: int) -> None:
        """Tells how far the task is, given the outcomes of the chunks done so far."""
        stats = SearchStats.model_validate(running_stats(outcomes, total_plans))
        self._tell(
            self.latest.model_copy(
                update={
                    "progress": 100.0 * stats.evaluated_plans / total_plans,
                    "message": f"{stats.evaluated_plans:,} of {stats.total_plans:,} plans",
                    "search_stats": stats,
                }
            )
        )
        if self._clock() - self._stored_at >= STORE_INTERVAL:
            self._store(self.latest)
            self._stored_at = self._clock()

    def _tell(self, update: TaskUpdate) -> None:
        self.latest = self._publish(update) or self.latest
