"""The best plans so far of a task that has not ended, put together by a worker."""

from concurrent.futures import TimeoutError as NotInTime
from typing import Any

from llm_simulator.database import Database
from llm_simulator.errors import WorkerLost
from llm_simulator.planner.search.outcome import Outcome
from llm_simulator.schemas.tasks import TaskResults
from llm_simulator.task_manager.chunks import stored_outcomes
from llm_simulator.task_manager.feeder import Feeder
from llm_simulator.task_manager.rows.result_rows import FINDINGS
from llm_simulator.task_manager.run import Run, Work

PATIENCE_SECONDS = 10.0


class PartialResults:
    """Asks the workers; an answer that does not come in time is an empty one."""

    def __init__(self, database: Database, feeder: Feeder, work: Work) -> None:
        self._database = database
        self._feeder = feeder
        self._work = work

    def of(self, results: TaskResults, run: Run | None) -> TaskResults:
        """``results`` with the plans known so far, marked as partial.

        A task that runs elsewhere, or waits to go on, shows what is stored of it.
        """
        outcomes = self._outcomes(results.task_id, run)
        best = self._assembled(results.request, outcomes) if outcomes else {}
        return TaskResults.model_validate(
            results.model_dump() | {"partial": True, **best}, from_attributes=False
        )

    def _outcomes(self, task_id: str, run: Run | None) -> list[Outcome]:
        if run is not None and run.outcomes:
            return list(run.outcomes.values())
        with self._database.reading() as session:
            return stored_outcomes(session, task_id)

    def _assembled(self, request: dict[str, Any], outcomes: list[Outcome]) -> dict[str, Any]:
        try:
            answer = self._feeder.ask(self._work.assemble, request, outcomes)
            envelope = answer.result(PATIENCE_SECONDS)
        except (WorkerLost, NotInTime):
            return {}
        found = envelope["outcome"] if envelope["ok"] else {}
        shown = ("top_k_plans", "infeasible_plans", *FINDINGS)
        return {name: found[name] for name in shown if found.get(name)}
