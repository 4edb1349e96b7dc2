"""The tables and every change of a task, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from llm_simulator.database import Database
from llm_simulator.errors import Conflict, NotFound
from llm_simulator.models import Base, EvaluationResult, Experiment, now
from llm_simulator.schemas.lists import ExperimentQuery, TaskQuery
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.task_rows import StoredTask, Submission

DEGREES = {"dp": 1, "tp": 8, "pp": 1, "ep": 1, "sp": 1, "moe_tp": 1}
STATS = {
    "total_plans": 2,
    "evaluated_plans": 2,
    "feasible_plans": 1,
    "infeasible_plans": 1,
    "infeasible_reasons": {"memory": 1},
    "seconds": 0.1,
}


def submission(name: str = "one", model: str = "a", priority: int = 0) -> Submission:
    """A submission with a recognisable configuration."""
    request = {
        "topology": {"name": "t"},
        "model": {"name": model},
        "hardware": {"name": "h"},
        "inference": {"batch_size": 1},
        "search_mode": "auto",
        "manual_parallelism": None,
        "search_constraints": {"top_k": 3},
    }
    return Submission(experiment_name=name, description=None, request=request, priority=priority)


def result() -> Any:
    """One feasible plan and one that is not."""
    names = ("throughput", "tps_per_chip", "ttft", "tpot", "mfu", "mbu", "score")
    figures: dict[str, Any] = dict.fromkeys(names, 1.5)
    plan = {"parallelism": DEGREES, "chips": 8, **figures}
    too_big = plan | {"parallelism": DEGREES | {"tp": 1}, "score": None}
    return {
        "top_k_plans": [plan | {"rank": 1, "is_feasible": True, "infeasible_reason": None}],
        "infeasible_plans": [too_big | {"is_feasible": False, "infeasible_reason": "Too big."}],
        "search_stats": STATS,
        "warnings": ["Mind the gap."],
    }


def claimed(store: TaskStore) -> StoredTask:
    """The next task in the queue, taken up."""
    task = store.claim_next()
    assert task is not None
    return task


def stored_results(database: Database) -> int:
    """How many plans are stored in all."""
    with database.reading() as session:
        return session.execute(select(func.count(EvaluationResult.id))).scalar_one()


def counters(database: Database) -> tuple[int, int]:
    """Total and completed tasks of the one experiment."""
    [experiment] = History(database).experiments(ExperimentQuery()).experiments
    return experiment.total_tasks, experiment.completed_tasks


def test_no_more_tasks_are_let_in_than_may_wait(database: Database) -> None:
    store = TaskStore(database)
    assert len(store.create_all([submission()] * 3, most_waiting=5)) == 3
    assert len(store.create_all([submission()] * 4, most_waiting=5)) == 2
    assert store.create_all([submission()], most_waiting=5) == []
    store.claim_next()
    assert len(store.create_all([submission()] * 2, most_waiting=5)) == 1
    counts = History(database).counts()
    assert counts[TaskState.PENDING] == 5
    (experiment,) = History(database).experiments(ExperimentQuery()).experiments
    assert experiment.total_tasks == 6


def test_the_migrated_schema_is_that_of_the_models(database: Database) -> None:
    with database.changing_schema() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_task_goes_from_pending_to_completed_with_its_results(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    task_id = store.create(submission())
    assert history.task(task_id).status is TaskState.PENDING
    running = claimed(store)
    assert (running.task_id, running.request) == (task_id, submission().request)
    assert store.claim_next() is None
    assert store.complete(running, result(), message="Done")
    task = history.task(task_id)
    assert (task.status, task.progress, task.message) == (TaskState.COMPLETED, 100.0, "Done")
    assert task.search_stats is not None
    assert task.search_stats.feasible_plans == 1
    assert stored_results(database) == 2
    assert counters(database) == (1, 1)


def test_deployments_that_share_a_decode_plan_are_all_stored_each_rank_once(
    database: Database,
) -> None:
    store = TaskStore(database)
    store.create(submission())
    running = claimed(store)
    [plan], too_big = result()["top_k_plans"], result()["infeasible_plans"]
    many = result() | {
        "top_k_plans": [plan | {"rank": rank} for rank in (1, 2)],
        "infeasible_plans": too_big * 2,
    }
    assert store.complete(running, many, message="Done")
    assert stored_results(database) == 4
    store.create(submission())
    other = claimed(store)
    with pytest.raises(IntegrityError):
        store.complete(other, many | {"top_k_plans": [plan, plan]}, message="Done")


def test_moments_come_back_in_utc(database: Database) -> None:
    store = TaskStore(database)
    created = History(database).task(store.create(submission())).created_at
    assert created.tzinfo is UTC
    assert abs(now() - created) < timedelta(minutes=5)


def test_the_oldest_task_is_claimed_first(database: Database) -> None:
    store = TaskStore(database)
    created = [store.create(submission(f"experiment {n}")) for n in range(3)]
    assert [claimed(store).task_id for _ in created] == created


def test_a_task_ends_only_once(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    task_id = store.create(submission())
    running = claimed(store)
    assert store.cancel(task_id) == running.epoch == 1
    assert store.cancel(task_id) is None
    assert not store.complete(running, result(), message="Done")
    assert not store.fail(running, "No.")
    assert history.task(task_id).status is TaskState.CANCELLED
    assert stored_results(database) == 0
    assert counters(database) == (1, 0)


def test_racing_ends_leave_exactly_one(database: Database) -> None:
    store = TaskStore(database)
    for _ in range(10):
        task_id = store.create(submission())
        running = claimed(store)
        with ThreadPoolExecutor(4) as threads:
            ends = [
                threads.submit(store.complete, running, result(), message="Done"),
                threads.submit(store.cancel, task_id),
                threads.submit(store.complete, running, result(), message="Done"),
                threads.submit(store.fail, running, "No."),
            ]
        assert sorted(bool(end.result()) for end in ends) == [False, False, False, True]
    statuses = History(database).tasks(TaskQuery(limit=100)).tasks
    completed = sum(task.status is TaskState.COMPLETED for task in statuses)
    assert counters(database) == (10, completed)
    assert stored_results(database) == 2 * completed


def test_concurrent_submissions_join_one_experiment(database: Database) -> None:
    store = TaskStore(database)
    with ThreadPoolExecutor(16) as threads:
        created = list(threads.map(lambda _: store.create(submission()), range(100)))
    assert len(set(created)) == 100
    assert counters(database) == (100, 0)


def test_concurrent_deletes_and_completions_keep_the_counters_right(database: Database) -> None:
    store = TaskStore(database)
    created = [store.create(submission()) for _ in range(40)]
    running = [claimed(store) for _ in created]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda task: store.complete(task, result(), message=""), running[:30]))
        list(threads.map(store.delete, created[20:]))
    assert counters(database) == (20, 20)
    assert stored_results(database) == 40


def test_a_joined_experiment_keeps_its_first_configuration(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    first = store.create(submission(model="a"))
    second = store.create(submission(model="b"))
    [experiment] = history.experiments(ExperimentQuery()).experiments
    detail = history.experiment(experiment.id)
    assert detail.model_configuration == {"name": "a"}
    assert [task.task_id for task in detail.tasks] == [second, first]
    assert history.results(second).request["model"] == {"name": "b"}


def test_deleting_a_task_deletes_its_results_only(database: Database) -> None:
    store = TaskStore(database)
    gone, kept = store.create(submission()), store.create(submission())
    for _ in (gone, kept):
        store.complete(claimed(store), result(), message="")
    assert store.delete(gone) == "one"
    assert store.delete(gone) is None
    assert stored_results(database) == 2
    assert counters(database) == (1, 1)
    with pytest.raises(NotFound):
        History(database).task(gone)


def test_a_list_filters_and_counts(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    for n in range(5):
        store.create(submission("odd" if n % 2 else "even"))
    store.claim_next()
    pending = history.tasks(TaskQuery(status=[TaskState.PENDING], limit=2))
    assert (len(pending.tasks), pending.total) == (2, 4)
    odd = history.tasks(TaskQuery(experiment_name="odd"))
    assert (len(odd.tasks), odd.total) == (2, 2)


def test_a_second_server_on_the_same_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    first = Database.open(url)
    with pytest.raises(Conflict, match="Another Tier6 server"):
        Database.open(url)
    first.close()
    Database.open(url).close()


def test_a_submission_to_an_experiment_that_is_being_deleted_makes_it_anew(
    database: Database,
) -> None:
    store = TaskStore(database)
    store.delete(store.create(submission()))
    with ThreadPoolExecutor(1) as threads:
        with database.writing() as session:
            session.execute(delete(Experiment))
            waits = threads.submit(store.create, submission())
            assert not wait([waits], timeout=0.3).done
        task_id = waits.result()
    assert History(database).task(task_id).status is TaskState.PENDING
    assert counters(database) == (1, 0)
