"""How large the database is for each completed task.

``python -m benchmarks.database_size [--tasks N] [--postgresql]`` stores the results of two searches
many times over in an empty database, as the server does, and prints kilobytes for each task, table
by table with what its indexes take.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.database_load import address
from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.database import Database
from llm_simulator.migrations import upgrade
from llm_simulator.models import Base
from llm_simulator.planner.evaluate import evaluate_chunk, layout, parse_request
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.task_rows import Submission
from llm_simulator.task_manager.work import assembled

SEARCH = {"batch_sizes": "ladder", "serving": "both", "max_tpot_ms": 50.0}
EXAMPLES: dict[str, dict[str, Any]] = {
    "llama-3.1-70b on 64 H100": {
        "model": "llama-3.1-70b",
        "hardware": "h100-sxm",
        "topology": "pod-64",
        "inference": {"input_seq_length": 1024, "output_seq_length": 256},
        "search_constraints": SEARCH,
    },
    "deepseek-v3 on 64 H200": {
        "model": "deepseek-v3",
        "hardware": "h200-sxm",
        "topology": "pod-64",
        "inference": {"input_seq_length": 4096, "output_seq_length": 1024},
        "search_constraints": SEARCH,
    },
}
KILO = 1000


def main() -> None:
    """Prints kilobytes for each task of both examples."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=50)
    options.add_argument("--postgresql", action="store_true")
    given = options.parse_args()
    for name, body in EXAMPLES.items():
        with tempfile.TemporaryDirectory() as folder:
            database = Database.open(address(Path(folder), postgresql=given.postgresql))
            upgrade(database)
            empty = sizes(database)
            fill(database, body, given.tasks)
            full = sizes(database)
            database.close()
        each = {table: (full[table] - empty[table]) / given.tasks / KILO for table in full}
        print(f"{name}: {sum(each.values()):.1f} kB for each task")
        for table, size in sorted(each.items(), key=lambda row: -row[1]):
            if size >= 0.05:
                print(f"  {table:24}{size:8.1f} kB")


def fill(database: Database, body: dict[str, Any], tasks: int) -> None:
    """Stores the result of the search of ``body`` so many times."""
    request = parse_request(body, builtin_catalogue())
    outcomes = [evaluate_chunk(request, chunk) for chunk in layout(request).chunks]
    result, store = assembled(request, outcomes), TaskStore(database)
    for _ in range(tasks):
        store.create(Submission("size", None, dict(request.snapshot())))
        task = store.claim_next()
        assert task is not None
        assert store.complete(task, result, message="Done")


def sizes(database: Database) -> dict[str, int]:
    """Bytes of each table with its indexes."""
    tables = [table.name for table in Base.metadata.sorted_tables]
    sized = (
        "SELECT pg_total_relation_size(CAST(:name AS regclass))"
        if database.shared
        else "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN"
        " (SELECT name FROM sqlite_master WHERE tbl_name = :name)"
    )
    with database.reading() as session:
        return {
            name: int(session.execute(text(sized), {"name": name}).scalar_one()) for name in tables
        }


if __name__ == "__main__":
    main()
