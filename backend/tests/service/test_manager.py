"""The whole task manager in this process, with real workers and real databases; made-up work."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.database import Database
from llm_simulator.errors import Conflict, InvalidInput, NotFound, WorkerLost
from llm_simulator.executors import identity
from llm_simulator.executors.local import LocalExecutor
from llm_simulator.migrations import upgrade
from llm_simulator.planner.evaluate import Chunk, parse_request
from llm_simulator.planner.search.outcome import Outcome
from llm_simulator.schemas.events import Event, TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import TaskStatus
from llm_simulator.task_manager.admission import Admission
from llm_simulator.task_manager.chunks import plan_fingerprint
from llm_simulator.task_manager.commands import Question
from llm_simulator.task_manager.dispatcher import Dispatcher, DispatchLoop
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.manager import Scheduling, TaskManager
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.write_buffer import Unwritten, write
from tests.service.made_up_work import MADE_UP, outcome
from tests.service.running_server import PATIENCE, eventually
from tests.service.test_queue import stored_chunks
from tests.service.test_store import claimed, submission
from tests.service.work import doubled, tick_for_ever


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    """Two workers, warm after the first test."""
    local = LocalExecutor(2, ["tests.service.made_up_work"], niceness=0)
    yield local
    local.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """An empty database of the kind that starts quicker, for what both do alike."""
    opened = Database.open(f"sqlite:///{tmp_path / 'test.db'}")
    upgrade(opened)
    yield opened
    opened.close()


@contextmanager
def running(
    database: Database,
    executor: LocalExecutor,
    *subscribers: Callable[[Event], None],
    **scheduling: Any,
) -> Iterator[TaskManager]:
    """A task manager that runs as long as the block."""
    manager = TaskManager(
        database=database,
        history=History(database),
        executor=executor,
        scheduling=Scheduling(**scheduling),
        subscribers=subscribers,
        work=MADE_UP,
    )
    manager.start()
    try:
        yield manager
    finally:
        manager.shutdown()


def submitted(manager: TaskManager, chunks: int, priority: int = 0, **trouble: Any) -> str:
    """The id of a new task of so many chunks."""
    base = submission(priority=priority)
    base.request.update({"chunks": chunks, **trouble})
    return manager.submit(base)


def ended(database: Database, task_id: str) -> TaskStatus:
    """A task's state once it has ended."""
    history = History(database)
    eventually(lambda: history.task(task_id).completed_at, f"{task_id} ends")
    return history.task(task_id)


def test_a_task_is_computed_told_in_order_and_leaves_no_chunks(
    database: Database, executor: LocalExecutor
) -> None:
    events: list[Event] = []
    with running(database, executor, events.append) as manager:
        task_id = submitted(manager, chunks=30, seconds=0.02)
        done = ended(database, task_id)
        eventually(lambda: getattr(events[-1], "status", None) == "completed", "the end is told")
        assert manager.results(task_id).partial is False
        assert manager.results(task_id).top_k_plans[0].chips == 30
    assert (done.status, done.progress) == (TaskState.COMPLETED, 100.0)
    assert stored_chunks(database) == 0
    updates = [event for event in events if isinstance(event, TaskUpdate)]
    assert [u.sequence for u in updates] == sorted({u.sequence for u in updates})
    assert list(dict.fromkeys(u.status for u in updates)) == ["pending", "running", "completed"]
    progress = [update.progress for update in updates]
    assert progress == sorted(progress)
    last = [update for update in updates if update.status == "running"][-1]
    assert last.evaluations is not None
    assert (last.evaluations.done, last.evaluations.total) == (300, 300)
    assert last.best_so_far is not None
    assert (last.best_so_far.value, last.best_so_far.objective) == (29.0, "throughput")
    assert last.rate is not None
    assert last.seconds_left == 0.0
    stored = manager.events_since(updates[0].sequence - 1)
    assert [getattr(event, "status", "") for event in stored or []] == [
        "pending",
        "running",
        "completed",
    ]


def test_an_interrupted_task_goes_on_after_its_stored_chunks(
    database: Database, executor: LocalExecutor, tmp_path: Path
) -> None:
    journal, gate = tmp_path / "journal", tmp_path / "gate"
    with running(database, executor) as manager:
        held = {"held": 10, "gate": str(gate)}
        task_id = submitted(manager, chunks=20, journal=str(journal), **held)
        eventually(lambda: stored_chunks(database) > 2, "chunks are stored")
        manager.pause()
    before = stored_chunks(database)
    handed_back = History(database).task(task_id)
    assert (handed_back.status, handed_back.progress > 0) == (TaskState.PENDING, True)
    assert 2 < before < 20
    gate.touch()
    with running(database, executor) as manager:
        # Put together by a worker, which starts anew: what is asked too early is answered empty.
        eventually(lambda: manager.results(task_id).top_k_plans, "the plans so far are there")
        partial = manager.results(task_id)
        assert partial.partial is True
        assert partial.top_k_plans[0].chips == before
        manager.resume()
        assert ended(database, task_id).status is TaskState.COMPLETED
        assert manager.results(task_id).top_k_plans[0].chips == 20
    computed = journal.read_text().split()
    assert set(computed) == {str(n) for n in range(20)}
    # At most what the workers had in hand when it stopped was computed twice.
    assert len(computed) <= 20 + executor.slots + 1


def test_a_plan_laid_out_otherwise_is_computed_anew(
    sqlite: Database, executor: LocalExecutor, tmp_path: Path
) -> None:
    store, journal = TaskStore(sqlite), tmp_path / "journal"
    base = submission()
    base.request.update({"chunks": 3, "journal": str(journal)})
    store.create(base)
    task = claimed(store)
    write(sqlite, [Unwritten(task, fingerprint="another version", outcomes={0: (1, Outcome())})])
    with running(sqlite, executor):
        assert ended(sqlite, task.task_id).status is TaskState.COMPLETED
    assert sorted(journal.read_text().split()) == ["0", "1", "2"]


def test_chunks_of_another_code_are_computed_anew(
    sqlite: Database, executor: LocalExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, journal = TaskStore(sqlite), tmp_path / "journal"
    base = submission()
    base.request.update({"chunks": 2, "journal": str(journal)})
    store.create(base)
    task = claimed(store)
    with monkeypatch.context() as older:
        older.setattr(identity, "_digest", lambda: "another")
        plan = plan_fingerprint(20, [Chunk("plans", at, at + 10) for at in (0, 10)])
    write(sqlite, [Unwritten(task, fingerprint=plan, outcomes={0: (1, outcome(0))})])
    with running(sqlite, executor):
        assert ended(sqlite, task.task_id).status is TaskState.COMPLETED
    assert sorted(journal.read_text().split()) == ["0", "1"]


def test_a_larger_search_than_a_task_may_be_fails_with_the_way_out(
    sqlite: Database, executor: LocalExecutor
) -> None:
    with running(sqlite, executor, max_plans=15) as manager:
        failed = ended(sqlite, submitted(manager, chunks=2))
    assert failed.status is TaskState.FAILED
    assert "20 plans are more than the 15" in (failed.error or "")


def test_a_question_that_takes_too_long_is_given_up_with_its_worker(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    dispatch = DispatchLoop(executor, work=MADE_UP, chunk_timeout=60.0, report=lambda _: None)
    dispatch.start()
    for n in range(executor.slots + 1):
        with pytest.raises(WorkerLost, match="in time"):
            dispatch.ask(tick_for_ever, str(tmp_path / str(n)), seconds=0.5)
    assert dispatch.ask(doubled, 21, seconds=PATIENCE) == 42
    dispatch.stop()


def test_nothing_is_due_while_nobody_asks_and_a_question_wakes_in_time() -> None:
    """The plain dispatcher with a clock of the test's own and an executor without slots."""
    now = [0.0]
    dispatcher = Dispatcher(
        NoSlots(),
        work=MADE_UP,
        chunk_timeout=60.0,
        report=lambda _: None,
        post=lambda _: None,
        clock=lambda: now[0],
    )
    question = Question(doubled, (1,), seconds=5.0)
    assert dispatcher.patience() is None
    dispatcher.obey(question)
    dispatcher.advance()
    assert dispatcher.patience() == 5.0
    now[0] = 5.0
    dispatcher.advance()
    with pytest.raises(WorkerLost, match="in time"):
        question.answer.result(0)
    assert dispatcher.patience() is None


class NoSlots:
    """An executor all of whose calls wait."""

    slots = 1
    down = None

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:  # noqa: ARG002
        """A call that never ends by itself."""
        return Future()

    def close(self) -> None:
        """Has nothing to give back."""


def test_a_search_that_no_worker_counts_in_time_is_accepted_uncounted() -> None:
    def silent(*_: Any, **__: Any) -> int:
        raise WorkerLost("no worker has answered in time")

    body = {"model": "deepseek-v3", "topology": "cluster-1024"}
    body |= {"hardware": "h200-sxm", "inference": "chat"}
    large = parse_request(body, builtin_catalogue())
    assert Admission(silent, max_plans=1).plans(large) is None
    with pytest.raises(InvalidInput, match="more than the 1 that one task may have"):
        Admission(lambda *_, **__: 2, max_plans=1).plans(large)


def test_a_deadly_chunk_fails_its_task_after_three_workers_and_no_other(
    sqlite: Database, executor: LocalExecutor
) -> None:
    with running(sqlite, executor) as manager:
        deadly = submitted(manager, chunks=6, deadly=2, seconds=0.02)
        others = [submitted(manager, chunks=12, seconds=0.02) for _ in range(3)]
        failed = ended(sqlite, deadly)
        assert failed.status is TaskState.FAILED
        assert failed.error is not None
        assert "Part 3 of the search failed 3 times" in failed.error
        assert "worker process died" in failed.error
        for other in others:
            assert ended(sqlite, other).status is TaskState.COMPLETED
    assert stored_chunks(sqlite) == 0


def test_the_workers_a_chunk_has_cost_are_counted_over_a_restart(
    sqlite: Database, executor: LocalExecutor
) -> None:
    history = History(sqlite)
    with running(sqlite, executor) as manager:
        task_id = submitted(manager, chunks=1, deadly=0, seconds=0.5)
        eventually(lambda: stored_chunks(sqlite) == 1, "an attempt is stored")
    assert history.task(task_id).status is TaskState.PENDING
    resumed = claimed(TaskStore(sqlite)).resumed
    [attempt] = resumed.attempts.values()
    assert attempt > 1
    with running(sqlite, executor):
        assert ended(sqlite, task_id).status is TaskState.FAILED


def test_a_stuck_chunk_is_killed_and_its_task_fails_in_the_end(
    sqlite: Database, executor: LocalExecutor
) -> None:
    store = TaskStore(sqlite)
    base = submission()
    base.request.update({"chunks": 3, "stuck": 1})
    store.create(base)
    task = claimed(store)
    plan = plan_fingerprint(30, [Chunk("plans", at, at + 10) for at in (0, 10, 20)])
    write(sqlite, [Unwritten(task, fingerprint=plan, attempts={1: 3})])
    with running(sqlite, executor, chunk_timeout=3.0) as manager:
        other = submitted(manager, chunks=10)
        failed = ended(sqlite, task.task_id)
        assert failed.error == "Part 2 of the search failed 3 times: it took longer than 3 s."
        assert ended(sqlite, other).status is TaskState.COMPLETED


def test_an_urgent_task_overtakes_all_that_run(
    sqlite: Database, executor: LocalExecutor, tmp_path: Path
) -> None:
    journal = str(tmp_path / "journal")
    with running(sqlite, executor, max_running=2) as manager:
        lows = [
            submitted(manager, 30, seconds=0.03, journal=journal, name=f"low{n}-") for n in range(4)
        ]
        eventually(lambda: stored_chunks(sqlite) > 0, "the low ones run")
        urgent = submitted(manager, 5, priority=10, seconds=0.03, journal=journal, name="urgent-")
        assert ended(sqlite, urgent).status is TaskState.COMPLETED
        queue = manager.queue()
        assert len(queue.running) == 2
        assert len(queue.pending) == 2
        for low in lows:
            manager.cancel(low)
    computed = Path(journal).read_text().split()
    chunks_of_urgent = [n for n, line in enumerate(computed) if line.startswith("urgent")]
    first, last = chunks_of_urgent[0], chunks_of_urgent[-1]
    meanwhile = [line for line in computed[first:last] if line.startswith("low")]
    assert len(meanwhile) <= executor.slots + 4
    # Before, from when both ran, the two shared the workers.
    early = [line.split("-")[0] for line in computed[:first]]
    both = early[early.index("low1") :]
    assert abs(both.count("low0") - both.count("low1")) <= executor.slots + 1


def test_a_raised_priority_counts_at_once(
    sqlite: Database, executor: LocalExecutor, tmp_path: Path
) -> None:
    journal = str(tmp_path / "journal")
    with running(sqlite, executor, max_running=2) as manager:
        held: dict[str, Any] = {"held": 15, "gate": journal + "-never"}
        tasks = [
            submitted(manager, 20, seconds=0.03, journal=journal, name=f"{n}-", **trouble)
            for n, trouble in enumerate((held, {}))
        ]
        eventually(lambda: stored_chunks(sqlite) > 0, "both run")
        manager.set_priority(tasks[1], 50)
        assert ended(sqlite, tasks[1]).priority == 50
        assert History(sqlite).task(tasks[0]).status is TaskState.RUNNING
        manager.delete(tasks[0])
    with pytest.raises(NotFound):
        History(sqlite).task(tasks[0])


def test_a_cancelled_task_stops_and_may_be_retried(
    sqlite: Database, executor: LocalExecutor
) -> None:
    with running(sqlite, executor) as manager:
        task_id = submitted(manager, chunks=2, stuck=1)
        eventually(lambda: manager.results(task_id).partial, "it runs")
        manager.cancel(task_id)
        with pytest.raises(Conflict, match="is cancelled; only a pending or running"):
            manager.cancel(task_id)
        with pytest.raises(Conflict, match="has a priority to change"):
            manager.set_priority(task_id, 1)
        other = submitted(manager, chunks=4)
        assert ended(sqlite, other).status is TaskState.COMPLETED
        manager.retry(task_id)
        eventually(lambda: History(sqlite).task(task_id).status == "running", "it runs again")
        manager.delete(task_id)
        for act in (manager.cancel, manager.retry, manager.delete):
            with pytest.raises(NotFound):
                act(task_id)


def test_a_paused_queue_survives_a_restart(sqlite: Database, executor: LocalExecutor) -> None:
    with running(sqlite, executor) as manager:
        manager.pause()
        task_id = submitted(manager, chunks=1)
    with running(sqlite, executor) as manager:
        assert manager.queue().paused
        assert [task.task_id for task in manager.queue().pending] == [task_id]
        manager.resume()
        assert ended(sqlite, task_id).status is TaskState.COMPLETED
