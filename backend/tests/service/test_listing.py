"""Lists and labels, on SQLite and on PostgreSQL."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import delete, event, select

from llm_simulator.database import Database
from llm_simulator.errors import Conflict, InvalidInput, NotFound
from llm_simulator.models import EvaluationTask, Experiment, now
from llm_simulator.schemas.labels import ExperimentLabels, TaskLabels
from llm_simulator.schemas.lists import ExperimentQuery, Order, TaskQuery, TaskSort
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.history.labels import Labels
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.store import TaskStore
from tests.service.test_store import claimed, result, submission


def completed(store: TaskStore, name: str, score: float | None, model: str = "a") -> str:
    """The id of a new completed task whose best plan has this score; without one, of none."""
    task_id = store.create(submission(name, model))
    running = claimed(store)
    outcome = result()
    outcome["top_k_plans"] = [] if score is None else [outcome["top_k_plans"][0] | {"score": score}]
    assert store.complete(running, outcome, message="")
    return task_id


def found(history: History, **wanted: Any) -> list[str]:
    """The ids of all tasks that are wanted, page after page, each page as counted."""
    ids: list[str] = []
    cursor = None
    while True:
        page = history.tasks(TaskQuery(**wanted, limit=2, cursor=cursor))
        ids += [task.task_id for task in page.tasks]
        cursor = page.next_cursor
        if cursor is None:
            assert page.total == len(ids)
            return ids


def test_pages_are_every_match_once_in_order_and_nothing_comes_last(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    scores = (3.0, None, 7.0, 3.0, None, 5.0)
    ids = [completed(store, "one", score) for score in scores]
    by_score = [ids[n] for n in (2, 5, 3, 0, 4, 1)]
    assert found(history, sort=TaskSort.BEST_SCORE) == by_score
    ascending = found(history, sort=TaskSort.BEST_SCORE, order=Order.ASCENDING)
    assert ascending == [ids[n] for n in (0, 3, 5, 2, 1, 4)]
    for sort in TaskSort:
        assert sorted(found(history, sort=sort)) == sorted(ids)
        wanted = found(history, sort=sort, status=[TaskState.COMPLETED])
        assert wanted == found(history, sort=sort)


def test_a_page_s_successor_is_not_moved_by_new_tasks(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    ids = [store.create(submission()) for _ in range(4)]
    first = history.tasks(TaskQuery(limit=2))
    store.create(submission())
    second = history.tasks(TaskQuery(limit=2, cursor=first.next_cursor))
    assert [task.task_id for task in second.tasks] == [ids[1], ids[0]]
    assert (second.total, second.next_cursor) == (4, None)


def between_statements(database: Database, act: Callable[[], object]) -> None:
    """Has somebody else act once, after the first query that comes now."""

    waiting = [act]

    def acted(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if waiting and statement.startswith("SELECT"):
            waiting.pop()()

    event.listen(database.engine, "after_cursor_execute", acted)


def test_what_goes_while_a_list_is_read_is_still_in_it(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    ids = [completed(store, f"experiment {n}", 1.0) for n in range(3)]
    experiment_id = history.task(ids[0]).experiment_id
    between_statements(database, lambda: store.delete(ids[1]))
    page = history.tasks(TaskQuery())
    assert ([task.task_id for task in page.tasks], page.total) == (ids[::-1], 3)
    assert found(history) == [ids[2], ids[0]]

    def delete_experiment() -> None:
        with database.writing() as session:
            session.execute(delete(Experiment).where(Experiment.id == experiment_id))

    between_statements(database, delete_experiment)
    experiments = history.experiments(ExperimentQuery()).experiments
    assert [item.name for item in experiments] == [f"experiment {n}" for n in (2, 1, 0)]
    assert len(history.experiments(ExperimentQuery()).experiments) == 2


def test_a_stored_row_is_one_line(database: Database) -> None:
    store = TaskStore(database)
    store.create(replace(submission(model="two\nlines"), description="Several\nlines."))
    with database.reading() as session:
        for column in (EvaluationTask.search_text, Experiment.search_text, EvaluationTask.message):
            assert "\n" not in session.execute(select(column)).scalar_one()
    assert History(database).experiments(ExperimentQuery(text="several lines")).total == 1


def test_filters_join(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    labels = Labels(database)
    a = completed(store, "Größe 100%", 1.0, model="Llama-3")
    b = store.create(submission("other", model="Qwen_3"))
    c = store.create(submission("Größe 100%", model="Qwen_3"))
    assert store.cancel(c) is not None
    labels.label_task(b, TaskLabels(tags=["night", "prod"], pinned=True))
    assert found(history, text="GRÖSSE 100%") == [c, a]
    assert found(history, text="qwen_3") == [c, b]
    assert found(history, text="qwen%3") == []
    assert found(history, text=a[:9]) == [a]
    assert found(history, text="qwen", status=["cancelled", "completed"]) == [c]
    assert found(history, text="qwen", experiment_name="other") == [b]
    assert found(history, experiment_name="nobody's") == []
    assert found(history, tag="prod") == [b]
    assert found(history, tag="pro") == []
    assert found(history, pinned=False) == [c, a]
    assert found(history, created_after=now() - timedelta(hours=1)) == [c, b, a]
    assert found(history, created_before=now() - timedelta(hours=1)) == []
    assert history.task(b).tags == ["night", "prod"]


def test_totals_of_more_than_is_counted_at_once_are_right(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llm_simulator.task_manager.history.lists.COUNTED_AT_ONCE", 3)
    store, history = TaskStore(database), History(database)
    for _ in range(5):
        store.create(submission(model="Llama"))
    page = history.tasks(TaskQuery(text="llama", limit=2))
    assert (len(page.tasks), page.total) == (2, 5)


@pytest.mark.parametrize(
    "parts",
    [
        ["created_at", "asc", "2026-01-01T00:00:00+00:00", 1, 1],
        ["best_score", "desc", 1.0, 1, 1],
        ["created_at", "desc", "yesterday", 1, 1],
        ["created_at", "desc", "2026-01-01T00:00:00", 1, 1],
        ["created_at", "desc", "0001-01-01T00:00:00+01:00", 1, 1],
        ["created_at", "desc", 7, 1, 1],
        ["created_at", "desc", "2026-01-01T00:00:00+00:00", 2**40, 1],
        ["created_at", "desc", "2026-01-01T00:00:00+00:00", True, 1],
        ["created_at", "desc"],
        {"a": 1},
    ],
)
def test_a_cursor_of_another_list_is_refused(database: Database, parts: Any) -> None:
    cursor = base64.urlsafe_b64encode(orjson.dumps(parts)).decode()
    for text in (cursor, cursor[:-3], "é"):
        with pytest.raises(InvalidInput, match="start without a cursor"):
            History(database).tasks(TaskQuery(cursor=text))


def test_an_experiment_s_new_name_finds_it_and_its_tasks(database: Database) -> None:
    store, history, labels = TaskStore(database), History(database), Labels(database)
    task_id = store.create(submission("old name", model="Llama"))
    store.create(submission("taken"))
    experiment_id = history.task(task_id).experiment_id
    wanted = ExperimentLabels(name="New", description="For the board", tags=["b", "a"], pinned=True)
    labels.label_experiment(experiment_id, wanted)
    labels.label_experiment(experiment_id, ExperimentLabels())
    detail = history.experiment(experiment_id)
    assert (detail.name, detail.description) == ("New", "For the board")
    assert (detail.tags, detail.pinned) == (["a", "b"], True)
    assert found(history, text="old") == []
    assert found(history, text="NEW  /\nllama") == [task_id]
    board = history.experiments(ExperimentQuery(text="BOARD", tag="a", pinned=True))
    assert [item.id for item in board.experiments] == [experiment_id]
    assert history.experiments(ExperimentQuery(tag="c")).total == 0
    with pytest.raises(Conflict, match="Another experiment is called 'taken'"):
        labels.label_experiment(experiment_id, ExperimentLabels(name="taken"))
    with pytest.raises(NotFound):
        labels.label_experiment(99, ExperimentLabels(name="x"))


def test_an_experiment_is_renamed_while_its_tasks_end(database: Database) -> None:
    store, history, labels = TaskStore(database), History(database), Labels(database)
    store.create_all([submission("old")] * 40)
    running = [claimed(store) for _ in range(40)]
    [experiment] = history.experiments(ExperimentQuery()).experiments

    def rename(number: int) -> None:
        labels.label_experiment(experiment.id, ExperimentLabels(name=f"name {number}"))

    with ThreadPoolExecutor(6) as threads:
        ends = threads.map(lambda task: store.complete(task, result(), message="done"), running)
        names = threads.map(rename, range(40))
        assert all(ends)
        assert list(names) == [None] * 40
    [renamed] = history.experiments(ExperimentQuery()).experiments
    assert renamed.completed_tasks == 40
    assert history.tasks(TaskQuery(text=renamed.name)).total == 40
