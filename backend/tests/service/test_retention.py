"""Old tasks go, pinned and young ones stay, on SQLite and on PostgreSQL."""

from datetime import datetime, timedelta

import httpx
from sqlalchemy import update

from llm_simulator.database import Database
from llm_simulator.models import EvaluationResult, EvaluationTask, now
from llm_simulator.schemas.events import TaskDeleted
from llm_simulator.schemas.labels import ExperimentLabels, TaskLabels
from llm_simulator.schemas.lists import ExperimentQuery
from llm_simulator.task_manager.event_log import EventLog
from llm_simulator.task_manager.history.labels import Labels
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.history.retention import Retention, counted, removed
from llm_simulator.task_manager.store import TaskStore
from tests.service.running_server import eventually
from tests.service.submissions import quick
from tests.service.test_api import EVALUATION, ended, refused, submitted
from tests.service.test_listing import completed, found
from tests.service.test_store import stored_results, submission


def aged(database: Database, task_id: str, days: int, *, stored: datetime | None = None) -> None:
    """Lets a task have ended so many days ago; its results were stored then or as said."""
    past = now() - timedelta(days=days)
    row = History(database).task(task_id)
    with database.writing() as session:
        session.execute(
            update(EvaluationTask)
            .where(EvaluationTask.task_id == row.task_id)
            .values(created_at=past, completed_at=past)
        )
        session.execute(update(EvaluationResult).values(created_at=stored or past))


def told() -> None:
    """Nobody listens here."""


def test_what_is_old_goes_and_what_is_pinned_young_or_active_stays(database: Database) -> None:
    store, history, labels = TaskStore(database), History(database), Labels(database)
    old, kept, whole = (completed(store, name, 1.0) for name in ("gone", "kept", "pinned"))
    for task_id in (old, kept, whole):
        aged(database, task_id, 40)
    young = completed(store, "kept", 1.0)
    waits = store.create(submission("kept"))
    labels.label_task(kept, TaskLabels(pinned=True))
    pinned = ExperimentLabels(pinned=True)
    labels.label_experiment(history.task(whole).experiment_id, pinned)

    before = counted(database, 30)
    assert (before.tasks, before.results, before.pinned, before.removed) == (1, 2, 2, False)
    assert len(found(history)) == 5
    logged = EventLog(database)
    newest = logged.newest()
    after = removed(database, 30, told)
    [event] = logged.after(newest)
    assert isinstance(event, TaskDeleted)
    assert (event.task_id, event.experiment_name) == (old, "gone")
    assert (after.tasks, after.results, after.pinned, after.removed) == (1, 2, 2, True)
    assert set(found(history)) == {kept, whole, young, waits}
    assert stored_results(database) == 6
    left = {item.name: item for item in history.experiments(ExperimentQuery()).experiments}
    assert set(left) == {"kept", "pinned"}
    assert (left["kept"].total_tasks, left["kept"].completed_tasks) == (3, 2)
    assert removed(database, 30, told).tasks == 0


def test_results_that_were_stored_lately_are_not_old(database: Database) -> None:
    task_id = completed(TaskStore(database), "imported", 1.0)
    aged(database, task_id, 400, stored=now())
    assert counted(database, 30).tasks == 0


def test_the_rule_is_applied_again_and_again(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    aged(database, completed(store, "one", 1.0), 40)
    retention = Retention(database, 30, told, seconds_between=0.01)
    retention.start()
    eventually(lambda: not found(history), "the old task goes")
    aged(database, completed(store, "two", 1.0), 40)
    eventually(lambda: not found(history), "a task that got old later goes")
    retention.stop()


def test_retention_is_counted_before_it_is_done(client: httpx.Client) -> None:
    ended(client, submitted(client, quick("young")))
    report = client.get(f"{EVALUATION}/retention?days=1").raise_for_status().json()
    assert (report["tasks"], report["removed"]) == (0, False)
    assert client.post(f"{EVALUATION}/retention", json={"days": 1}).json()["removed"] is True
    for answer in (
        client.get(f"{EVALUATION}/retention?days=0"),
        client.post(f"{EVALUATION}/retention", json={"days": 0}),
    ):
        assert refused(answer, 422, "invalid_input") == ["days"]
