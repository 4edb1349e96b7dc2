"""The best plans so far of a task that has not ended, put together by a worker."""

from typing import Any

from llm_simulator.database import Database
from llm_simulator.errors import InvalidInput, RunFailed, WorkerLost
from llm_simulator.schemas.tasks import TaskResults
from llm_simulator.task_manager.chunks import stored_outcomes
from llm_simulator.task_manager.dispatcher import DispatchLoop
from llm_simulator.task_manager.rows.result_rows import FINDINGS, without_breakdown
from llm_simulator.task_manager.work import WorkerFunctions

PATIENCE_SECONDS = 10.0
SHOWN = ("top_k_plans", "infeasible_plans", *FINDINGS)


def partial_results(
    database: Database, dispatch: DispatchLoop, work: WorkerFunctions, results: TaskResults
) -> TaskResults:
    """``results`` with the plans of the chunks stored so far, marked as partial.

    An answer that does not come in time is an empty one.
    """
    with database.reading() as session:
        outcomes = stored_outcomes(session, results.task_id)
    found: dict[str, Any] = {}
    if outcomes:
        try:
            found = dispatch.ask(
                work.assemble_so_far, results.request, outcomes, seconds=PATIENCE_SECONDS
            )
        except (WorkerLost, RunFailed, InvalidInput):
            found = {}
    best = {name: found[name] for name in SHOWN if found.get(name)}
    if "infeasible_plans" in best:
        best["infeasible_plans"] = [without_breakdown(plan) for plan in best["infeasible_plans"]]
    return TaskResults.model_validate(
        results.model_dump() | {"partial": True, **best}, from_attributes=False
    )
