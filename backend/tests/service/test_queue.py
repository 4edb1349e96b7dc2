"""Who is next, who may run whose task, and what is kept when a server ends; on both databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from llm_simulator.database import Database
from llm_simulator.models import EvaluationChunk, LoggedEvent
from llm_simulator.planner.search.outcome import Aggregated, Counts, Outcome
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.chunks import packed, unpacked
from llm_simulator.task_manager.event_log import STEP, EventLog
from llm_simulator.task_manager.fair_scheduler import EVERY, FairScheduler
from llm_simulator.task_manager.history.queries import History
from llm_simulator.task_manager.leases import FOR_GOOD, Leases
from llm_simulator.task_manager.queue import QueueStore
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.write_buffer import Unwritten, write
from tests.service.made_up_work import outcome
from tests.service.test_store import claimed, counters, result, submission


def order_of(store: TaskStore, count: int) -> list[str]:
    """The tasks in the order in which they are taken up."""
    return [claimed(store).task_id for _ in range(count)]


def stored_chunks(database: Database) -> int:
    """How many chunks are stored in all."""
    with database.reading() as session:
        return session.execute(select(func.count(EvaluationChunk.id))).scalar_one()


def test_a_higher_priority_is_taken_up_first_and_equal_ones_in_order(database: Database) -> None:
    store = TaskStore(database)
    low, first, second, high = (store.create(submission(priority=p)) for p in (-5, 0, 0, 7))
    assert order_of(store, 4) == [high, first, second, low]


def test_waiting_outweighs_priority_in_the_end(database: Database) -> None:
    impatient = TaskStore(database, ageing_seconds=1e-6)
    old = impatient.create(submission(priority=-100))
    urgent = impatient.create(submission(priority=100))
    assert order_of(impatient, 2) == [old, urgent]


def test_a_changed_ageing_holds_for_those_who_wait(database: Database) -> None:
    old = TaskStore(database, ageing_seconds=1e-6).create(submission(priority=-100))
    store = TaskStore(database)
    new = store.create(submission())
    store.rekey()
    assert order_of(store, 2) == [new, old]


def test_a_changed_priority_changes_the_order(database: Database) -> None:
    store = TaskStore(database)
    first, second, ended = (store.create(submission()) for _ in range(3))
    store.cancel(ended)
    assert store.set_priority(second, 3)
    assert not store.set_priority(ended, 3)
    assert not store.set_priority("unknown", 3)
    assert order_of(store, 2) == [second, first]


def test_a_moved_task_stands_before_the_other_whatever_their_priorities(database: Database) -> None:
    store = TaskStore(database)
    ids = [store.create(submission(priority=p)) for p in (10, 0, 0, -10)]
    a, b, c, d = ids
    assert store.move_before(d, a)
    assert store.move_before(a, c)
    assert store.move_before(b, None)
    # A restart orders by what is stored of each task's waiting and priority.
    store.rekey()
    queue = QueueStore(database, max_running=1).queue(limit=10)
    assert [task.task_id for task in queue.pending] == [d, a, c, b]
    priorities = [task.priority for task in queue.pending]
    assert priorities == sorted(priorities, reverse=True)
    assert order_of(store, 4) == [d, a, c, b]
    assert not store.move_before(a, None)


def test_there_is_room_between_any_two_tasks(database: Database) -> None:
    store = TaskStore(database)
    first, *others = (store.create(submission()) for _ in range(40))
    for other in others[1:]:
        assert store.move_before(other, others[0])
    assert order_of(store, 40) == [first, *others[1:], others[0]]


def test_waiting_counts_on_from_where_a_task_was_moved(database: Database) -> None:
    store = TaskStore(database, ageing_seconds=1e-6)
    first, moved = store.create(submission()), store.create(submission())
    assert store.move_before(moved, first)
    late = store.create(submission(priority=100))
    assert order_of(store, 3) == [moved, first, late]


def test_only_a_more_urgent_task_is_taken_up_beyond_the_places(database: Database) -> None:
    store = TaskStore(database)
    store.create(submission(priority=1))
    assert store.claim_next(above=1) is None
    urgent = store.create(submission(priority=2))
    task = store.claim_next(above=1)
    assert task is not None
    assert task.task_id == urgent


def test_a_paused_queue_starts_nothing_until_it_is_resumed(database: Database) -> None:
    store, queue = TaskStore(database), QueueStore(database, max_running=1)
    task_id = store.create(submission())
    queue.pause(True)
    assert store.claim_next() is None
    assert queue.queue(limit=10).paused
    queue.pause(False)
    assert claimed(store).task_id == task_id


def test_the_queue_says_who_is_next_and_about_when(database: Database) -> None:
    store, queue = TaskStore(database), QueueStore(database, max_running=1)
    store.create(submission())
    store.complete(claimed(store), result(), message="Done")
    running = store.create(submission())
    claimed(store)
    later, next_one = store.create(submission()), store.create(submission(priority=1))
    seen = queue.queue(limit=10)
    assert [task.task_id for task in seen.running] == [running]
    assert [(task.task_id, task.position) for task in seen.pending] == [(next_one, 1), (later, 2)]
    starts = [task.estimated_start for task in seen.pending]
    assert starts[0] is not None
    assert starts[1] is not None
    assert starts[0] <= starts[1]
    short = queue.queue(limit=1)
    assert (len(short.pending), short.total_pending) == (1, 2)
    queue.pause(True)
    assert [task.estimated_start for task in queue.queue(limit=10).pending] == [None, None]


def test_a_retried_task_starts_anew_at_the_end_of_the_queue(database: Database) -> None:
    store, history = TaskStore(database), History(database)
    again = store.create(submission())
    task = claimed(store)
    write(database, [Unwritten(task, fingerprint="f", outcomes={0: (1, outcome(1))})])
    assert stored_chunks(database) == 1
    assert store.fail(task, "Because.")
    assert stored_chunks(database) == 0
    other = store.create(submission())
    assert store.retry(again)
    assert not store.retry(again)
    state = history.task(again)
    assert (state.status, state.progress, state.error) == (TaskState.PENDING, 0.0, None)
    assert (state.started_at, state.completed_at, state.evaluations) == (None, None, None)
    assert order_of(store, 2) == [other, again]
    assert counters(database) == (2, 0)


def test_a_completed_task_can_not_be_retried(database: Database) -> None:
    store = TaskStore(database)
    task_id = store.create(submission())
    store.complete(claimed(store), result(), message="Done")
    assert not store.retry(task_id)
    assert counters(database) == (1, 1)


def test_a_dead_server_s_task_keeps_its_place_its_progress_and_its_chunks(
    database: Database,
) -> None:
    leases, history = Leases(database), History(database)
    dead, living = TaskStore(database, server_id="dead"), TaskStore(database, server_id="living")
    leases.renew("dead", FOR_GOOD)
    leases.renew("living", FOR_GOOD)
    ran, waited = dead.create(submission()), dead.create(submission())
    task = claimed(dead)
    write(database, [Unwritten(task, fingerprint="plan", outcomes={3: (1, outcome(5))})])
    write(database, [Unwritten(task, attempts={4: 2})])
    assert living.take_over() == 0
    leases.renew("dead", -1.0)
    assert leases.alive() == ["living"]
    assert living.take_over() == 1
    assert history.task(ran).status is TaskState.PENDING
    again = claimed(living)
    assert (again.task_id, again.epoch) == (ran, 2)
    assert again.resumed.fingerprint == "plan"
    assert again.resumed.outcomes == {3: outcome(5)}
    assert again.resumed.attempts == {4: 2}
    assert claimed(living).task_id == waited


def test_writes_of_a_server_that_lost_its_task_are_refused(database: Database) -> None:
    frozen, other = TaskStore(database, server_id="a"), TaskStore(database, server_id="b")
    frozen.create(submission())
    stale = claimed(frozen)
    assert other.take_over() == 1
    late = Unwritten(stale, outcomes={0: (1, outcome(1))})
    assert write(database, [late]) == [stale]
    current = claimed(other)
    assert write(database, [late]) == [stale]
    assert not frozen.complete(stale, result(), message="Late")
    assert not frozen.fail(stale, "Late.")
    assert stored_chunks(database) == 0
    assert other.complete(current, result(), message="Done")
    assert counters(database) == (1, 1)


def test_a_chunk_is_stored_once_and_a_new_plan_voids_those_before(database: Database) -> None:
    store = TaskStore(database)
    store.create(submission())
    task = claimed(store)
    chunks = {n: (1, outcome(n)) for n in range(3)}
    write(database, [Unwritten(task, fingerprint="one", outcomes=dict(chunks))])
    write(database, [Unwritten(task, outcomes={1: (2, outcome(9))})])
    assert stored_chunks(database) == 3
    write(database, [Unwritten(task, fingerprint="two", outcomes={0: (1, outcome(0))})])
    assert stored_chunks(database) == 1


def test_tasks_are_taken_up_once_by_many_servers(database: Database) -> None:
    servers = [TaskStore(database, server_id=str(n)) for n in range(4)]
    created = {servers[0].create(submission()) for _ in range(24)}

    def all_of(store: TaskStore) -> Sequence[str]:
        taken: list[str] = []
        while (task := store.claim_next()) is not None:
            taken.append(task.task_id)
        return taken

    with ThreadPoolExecutor(4) as threads:
        taken = [task for tasks in threads.map(all_of, servers) for task in tasks]
    assert len(taken) == 24
    assert set(taken) == created


def test_outcomes_come_back_bit_for_bit() -> None:
    exact = Outcome(
        Counts(seconds=0.1 + 0.2),
        nearest=[Aggregated(3, {"dp": 1}, chips=1, batch_size=1, value=float("-inf"))],
    )
    assert unpacked(packed(exact)) == exact


def test_the_log_tells_every_change_once_and_in_order(database: Database) -> None:
    store, log = TaskStore(database), EventLog(database)
    task_id = store.create(submission("logged"))
    seen = log.newest()
    other = store.create(submission("other"))
    store.complete(claimed(store), result(), message="Done")
    store.delete(task_id)
    events = log.since(seen)
    assert events is not None
    told = [(event.task_id, getattr(event, "status", "deleted")) for event in events]
    assert told == [
        (other, "pending"),
        (task_id, "running"),
        (task_id, "completed"),
        (task_id, "deleted"),
    ]
    numbers = [event.sequence for event in events]
    assert numbers == sorted(set(numbers))
    assert log.since(numbers[-1] + STEP - 1) == []
    assert [event.task_id for event in log.since(seen, task_id=other) or []] == [other]
    assert len(log.since(0, experiment="logged") or []) == 4
    # A number that the log does not know yet, or no more, needs a snapshot.
    assert log.since(numbers[-1] + STEP) is None
    log.trim(kept=2)
    assert log.since(seen) is None
    assert len(log.since(numbers[-3]) or []) == 2


def test_changes_of_many_servers_are_numbered_as_they_are_committed(database: Database) -> None:
    store, log = TaskStore(database), EventLog(database)
    seen: list[int] = []
    newest = 0
    with ThreadPoolExecutor(4) as threads:
        created = [threads.submit(store.create, submission(str(n % 3))) for n in range(40)]
        while len(seen) < 40:
            events = log.after(newest)
            seen += [event.sequence for event in events]
            newest = seen[-1] if seen else 0
        assert {future.result() for future in created}
    # Nothing appeared behind what a reader had already seen.
    with database.reading() as session:
        assert session.execute(select(func.count(LoggedEvent.sequence))).scalar_one() == len(seen)


class Player:
    """A running task as far as turns are concerned."""

    def __init__(self, priority: int) -> None:
        self.priority = priority
        self.turn = 0


def test_equal_priorities_take_turns() -> None:
    turns, players = FairScheduler(), [Player(0), Player(0), Player(0)]
    taken = [players.index(turns.next(players)) for _ in range(9)]
    assert taken == [0, 1, 2] * 3


@pytest.mark.parametrize("lows", [1, 3])
def test_the_urgent_goes_first_and_the_low_still_get_on(lows: int) -> None:
    turns, urgent, low = FairScheduler(), Player(100), [Player(-100) for _ in range(lows)]
    rounds = EVERY * lows * 2
    taken = [turns.next([*low, urgent]) for _ in range(rounds)]
    assert taken[0] is urgent
    assert all(taken.count(player) >= 1 for player in low)
    assert taken.count(urgent) >= rounds * (EVERY - 1) // EVERY - 1
