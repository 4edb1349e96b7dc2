"""One client's send queue: every change of a state, only the newest progress, bounded."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from llm_simulator.live.send_queue import CatchUp, EncodedEvent, SendQueue, latest
from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import Event, TaskDeleted, TaskUpdate
from llm_simulator.schemas.states import TaskState

PENDING, RUNNING, COMPLETED = TaskState.PENDING, TaskState.RUNNING, TaskState.COMPLETED


def event(task_id: str, sequence: int, status: TaskState = RUNNING) -> TaskUpdate:
    """A state of a task."""
    return TaskUpdate(
        task_id=task_id,
        experiment_name=f"of {task_id}",
        status=status,
        progress=1.0,
        message="",
        error=None,
        search_stats=None,
        sequence=sequence,
    )


def gone(task_id: str, sequence: int) -> TaskDeleted:
    """A task's deletion."""
    return TaskDeleted(task_id=task_id, experiment_name=f"of {task_id}", sequence=sequence)


def filled(queue: SendQueue, *events: Event) -> None:
    """Leaves the events as messages."""
    for one in events:
        queue.put(EncodedEvent.of(one))


def opened(capacity: int = 100, **wanted: Any) -> SendQueue:
    """A queue whose client has caught up."""
    queue = SendQueue(Subscription(**wanted), capacity=capacity)
    assert queue.take() == CatchUp(wanted.get("since"), resync=False)
    return queue


def texts(queue: SendQueue) -> list[str]:
    """What is sent next."""
    messages = queue.take()
    assert isinstance(messages, list)
    # An event by its number, an answer as it is.
    return [re.sub(r'^{.*"sequence":(\d+).*}$', r"\1", message) for message in messages]


Scene = Callable[[], list[str]]


def progress_is_the_newest() -> list[str]:
    """A hundred steps of one task and one of another."""
    queue = opened()
    filled(queue, *(event("a", n) for n in range(100)), event("b", 100))
    assert queue.coalesced == 99
    return texts(queue)


def changes_are_all_told() -> list[str]:
    """A task taken back by recovery, run again, completed and deleted."""
    queue = opened()
    states = [PENDING, RUNNING, RUNNING, PENDING, RUNNING, RUNNING, COMPLETED]
    filled(queue, *(event("a", n, state) for n, state in enumerate(states)), gone("a", 7))
    return texts(queue)


def one_task_only() -> list[str]:
    """Events of others don't reach a subscriber of one task."""
    queue = opened(task_id="a")
    filled(queue, event("a", 1), event("b", 2), gone("b", 3), event("a", 4, COMPLETED))
    return texts(queue)


def one_experiment_only() -> list[str]:
    """Nor those of other experiments."""
    queue = opened(experiment="of b")
    filled(queue, event("a", 1), event("b", 2))
    return texts(queue)


def what_a_snapshot_told() -> list[str]:
    """States that a snapshot is about to tell are dropped, newer ones stay."""
    queue = opened()
    filled(queue, event("old", 1), event("new", 5), event("ended", 3, COMPLETED))
    queue.forget_older([event("old", 1), event("new", 4)])
    return texts(queue)


@pytest.mark.parametrize(
    ("scene", "sent"),
    [
        (progress_is_the_newest, ["99", "100"]),
        # The last state comes last, and each state that the task left is told.
        (changes_are_all_told, ["3", "5", "6", "7"]),
        (one_task_only, ["1", "4"]),
        (one_experiment_only, ["2"]),
        (what_a_snapshot_told, ["5", "3"]),
    ],
)
def test_what_is_sent(scene: Scene, sent: list[str]) -> None:
    assert scene() == sent


def test_nothing_is_sent_twice() -> None:
    queue = opened()
    filled(queue, event("a", 1), event("a", 2, COMPLETED))
    assert texts(queue) == ["1", "2"]
    assert texts(queue) == []
    queue.forget(up_to=4)
    filled(queue, event("a", 3), event("b", 4), event("b", 5))
    assert texts(queue) == ["5"]


def test_only_progress_may_wait_for_more() -> None:
    queue = opened()
    assert texts(queue) == []
    at_once: list[bool] = []
    for one in (event("a", 1, PENDING), event("a", 2), event("a", 3, COMPLETED), gone("a", 4)):
        filled(queue, one)
        at_once.append(queue.ready.is_set())
        queue.wake()
        assert queue.ready.is_set()
        texts(queue)
    assert at_once == [True, False, True, True]


def test_too_much_at_once_ends_in_the_present_state() -> None:
    queue = opened(capacity=10)
    filled(queue, *(event(str(n), n) for n in range(11)), event("after", 11))
    assert queue.overflows == 1
    assert queue.take() == CatchUp(None, resync=True)
    assert texts(queue) == ["11"]


def test_answers_are_bounded_however_often_they_are_asked_for() -> None:
    queue = opened()
    for n in range(10_000):
        queue.reply("error", f"error {n}")
    assert texts(queue) == ["error 9999"]


def test_what_was_missed_is_told_without_old_progress() -> None:
    missed = [event("a", 1), event("a", 2), gone("a", 3)]
    assert [message.event.sequence for message in latest(missed)] == [2, 3]
