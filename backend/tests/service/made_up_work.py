"""WorkerFunctions of any shape and with any trouble, for real workers and a real database."""

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from llm_simulator.evaluate import evaluate_deployment
from llm_simulator.planner.evaluate import Chunk
from llm_simulator.planner.search.layout import Layout
from llm_simulator.planner.search.outcome import Aggregated, Counts, Outcome
from llm_simulator.planner.specs.search import Objective, Risk
from llm_simulator.task_manager.work import LaidOut, WorkerFunctions
from tests.service.submissions import quick
from tests.service.work import die


def outcome(found: int) -> Outcome:
    """An outcome of a chunk whose plans are all feasible; more found is better."""
    best = Aggregated(found, {"dp": found}, chips=8, batch_size=64, value=float(found))
    return Outcome(Counts(evaluated=10, evaluations=10, feasible=10, seconds=0.5), best=[best])


def plan(request: dict[str, Any]) -> Any:
    """A search in as many chunks as the request says, of 10 plans each."""
    chunks = tuple(Chunk("plans", 10 * n, 10 * n + 10) for n in range(request["chunks"]))
    layout = Layout(10 * len(chunks), 10 * len(chunks), chunks)
    return LaidOut(request, layout, Objective.THROUGHPUT, Risk.MEAN)


def chunk(request: dict[str, Any], chunk: Chunk) -> Any:
    """A chunk's outcome, once the trouble that the request asks for is over."""
    number = chunk.start // 10
    time.sleep(request.get("seconds", 0.0))
    if number == request.get("deadly"):
        die()
    if number == request.get("stuck"):
        time.sleep(1e6)
    if number >= request.get("held", number + 1):
        while not Path(request["gate"]).exists():
            time.sleep(0.01)
    if journal := request.get("journal"):
        with Path(journal).open("a") as lines:
            lines.write(f"{request.get('name', '')}{number}\n")
    return outcome(number)


@lru_cache(maxsize=1)
def real_result() -> dict[str, Any]:
    """The result of a search of one plan."""
    whole = quick(search_mode="manual", manual_parallelism={"dp": 1, "tp": 8})
    asked = {name: part for name, part in whole.items() if name != "experiment_name"}
    return evaluate_deployment(**asked).as_json()


def assemble(request: dict[str, Any], outcomes: list[Any]) -> Any:
    """A result whose best plan has as many chips as there are outcomes."""
    found = 10 * len(outcomes)
    result = real_result()
    stats = result["search_stats"] | {
        "total_plans": 10 * request["chunks"],
        "evaluated_plans": found,
        "feasible_plans": found,
    }
    [plan] = result["top_k_plans"]
    best = [plan | {"chips": len(outcomes)}]
    return result | {"top_k_plans": best, "search_stats": stats}


MADE_UP = WorkerFunctions(lay_out=plan, evaluate=chunk, assemble=assemble, assemble_so_far=assemble)
