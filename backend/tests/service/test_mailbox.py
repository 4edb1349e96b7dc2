"""One client's mailbox: every change of a state, only the newest progress, bounded."""

from collections.abc import Callable
from typing import Any

import pytest

from llm_simulator.live.mailbox import CatchUp, Mailbox, latest
from llm_simulator.live.message import Message
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


def filled(mailbox: Mailbox, *events: Event) -> None:
    """Leaves the events, each as a message of its number."""
    for one in events:
        mailbox.put(one, Message.of(str(one.sequence)))


def opened(capacity: int = 100, **wanted: Any) -> Mailbox:
    """A mailbox whose client has caught up."""
    mailbox = Mailbox(Subscription(**wanted), capacity=capacity, arrived=lambda _: None)
    assert mailbox.take().catch_up == CatchUp(wanted.get("since"), resync=False)
    return mailbox


def texts(mailbox: Mailbox) -> list[str]:
    """What is sent next."""
    return [message.text for message in mailbox.take().messages]


Scene = Callable[[], list[str]]


def progress_is_the_newest() -> list[str]:
    """A hundred steps of one task and one of another."""
    mailbox = opened()
    filled(mailbox, *(event("a", n) for n in range(100)), event("b", 100))
    assert mailbox.coalesced == 99
    return texts(mailbox)


def changes_are_all_told() -> list[str]:
    """A task taken back by recovery, run again, completed and deleted."""
    mailbox = opened()
    states = [PENDING, RUNNING, RUNNING, PENDING, RUNNING, RUNNING, COMPLETED]
    filled(mailbox, *(event("a", n, state) for n, state in enumerate(states)), gone("a", 7))
    return texts(mailbox)


def one_task_only() -> list[str]:
    """Events of others don't reach a subscriber of one task."""
    mailbox = opened(task_id="a")
    filled(mailbox, event("a", 1), event("b", 2), gone("b", 3), event("a", 4, COMPLETED))
    return texts(mailbox)


def one_experiment_only() -> list[str]:
    """Nor those of other experiments."""
    mailbox = opened(experiment="of b")
    filled(mailbox, event("a", 1), event("b", 2))
    return texts(mailbox)


def what_a_snapshot_told() -> list[str]:
    """States that a snapshot is about to tell are dropped, newer ones stay."""
    mailbox = opened()
    filled(mailbox, event("old", 1), event("new", 5), event("ended", 3, COMPLETED))
    mailbox.forget_older([event("old", 1), event("new", 4)])
    return texts(mailbox)


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
    mailbox = opened()
    filled(mailbox, event("a", 1), event("a", 2, COMPLETED))
    assert texts(mailbox) == ["1", "2"]
    assert texts(mailbox) == []
    mailbox.forget(up_to=4)
    filled(mailbox, event("a", 3), event("b", 4), event("b", 5))
    assert texts(mailbox) == ["5"]


def test_only_progress_may_wait_for_more() -> None:
    at_once: list[bool] = []
    mailbox = Mailbox(Subscription(), capacity=100, arrived=at_once.append)
    at_once.clear()
    filled(mailbox, event("a", 1, PENDING), event("a", 2), event("a", 3, COMPLETED), gone("a", 4))
    assert at_once == [True, False, True, True]


def test_too_much_at_once_ends_in_the_present_state() -> None:
    mailbox = opened(capacity=10)
    filled(mailbox, *(event(str(n), n) for n in range(11)), event("after", 11))
    assert mailbox.overflows == 1
    assert mailbox.take().catch_up == CatchUp(None, resync=True)
    assert texts(mailbox) == ["11"]


def test_answers_are_bounded_however_often_they_are_asked_for() -> None:
    mailbox = opened()
    for n in range(10_000):
        mailbox.reply("error", Message.of(f"error {n}"))
    assert texts(mailbox) == ["error 9999"]


def test_a_message_is_one_frame_of_its_text() -> None:
    text = "é" * 100
    assert Message.of(text).frame == b"\x81\x7e\x00\xc8" + text.encode()
    assert [e.sequence for e in latest([event("a", 1), event("a", 2), gone("a", 3)])] == [2, 3]
