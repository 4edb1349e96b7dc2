"""One client's mailbox: every change of a state, only the newest progress, bounded."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from llm_simulator.live.mailbox import CatchUp, Mailbox, latest
from llm_simulator.live.message import Message
from llm_simulator.live.ring import EventRing
from llm_simulator.live.subscription import Subscription
from llm_simulator.schemas.events import Event, TaskDeleted, TaskUpdate
from llm_simulator.schemas.states import TaskState

PACE = 0.05
PENDING, RUNNING, COMPLETED = TaskState.PENDING, TaskState.RUNNING, TaskState.COMPLETED


class Clock:
    """A clock set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


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


async def opened(capacity: int = 100, clock: Clock | None = None, **wanted: Any) -> Mailbox:
    """A mailbox whose client has caught up."""
    mailbox = Mailbox(
        Subscription(**wanted), capacity=capacity, pace=lambda: PACE, clock=clock or Clock()
    )
    assert (await mailbox.take()).catch_up == CatchUp(wanted.get("since"), resync=False)
    if clock:
        clock.now += PACE
    return mailbox


async def texts(mailbox: Mailbox) -> list[str]:
    """What is sent next."""
    return [message.text for message in (await mailbox.take()).messages]


Scene = Callable[[], Coroutine[Any, Any, Any]]


async def progress_is_the_newest() -> list[str]:
    """A hundred steps of one task and one of another."""
    mailbox = await opened()
    filled(mailbox, *(event("a", n) for n in range(100)), event("b", 100))
    assert mailbox.coalesced == 99
    return await texts(mailbox)


async def changes_are_all_told() -> list[str]:
    """A task taken back by recovery, run again, completed and deleted."""
    mailbox = await opened()
    states = [PENDING, RUNNING, RUNNING, PENDING, RUNNING, RUNNING, COMPLETED]
    filled(mailbox, *(event("a", n, state) for n, state in enumerate(states)), gone("a", 7))
    return await texts(mailbox)


async def one_task_only() -> list[str]:
    """Events of others don't reach a subscriber of one task."""
    mailbox = await opened(task_id="a")
    filled(mailbox, event("a", 1), event("b", 2), gone("b", 3), event("a", 4, COMPLETED))
    return await texts(mailbox)


async def one_experiment_only() -> list[str]:
    """Nor those of other experiments."""
    mailbox = await opened(experiment="of b")
    filled(mailbox, event("a", 1), event("b", 2))
    return await texts(mailbox)


async def what_a_snapshot_told() -> list[str]:
    """States that a snapshot is about to tell are dropped, newer ones stay."""
    mailbox = await opened()
    filled(mailbox, event("old", 1), event("new", 5), event("ended", 3, COMPLETED))
    mailbox.forget_older([event("old", 1), event("new", 4)])
    return await texts(mailbox)


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
    assert asyncio.run(scene()) == sent


def test_the_pace_collects_what_comes_in_between() -> None:
    async def scene() -> tuple[list[str], list[str]]:
        clock = Clock()
        mailbox = await opened(clock=clock)
        filled(mailbox, event("a", 1))
        first = await texts(mailbox)
        later = asyncio.create_task(texts(mailbox))
        filled(mailbox, event("a", 2))
        await asyncio.sleep(0)
        filled(mailbox, event("a", 3), event("b", 4))
        return first, await later

    assert asyncio.run(scene()) == (["1"], ["3", "4"])


def test_too_much_at_once_ends_in_the_present_state() -> None:
    async def scene() -> tuple[Any, list[str]]:
        mailbox = await opened(capacity=10)
        filled(mailbox, *(event(str(n), n) for n in range(11)), event("after", 11))
        assert mailbox.overflows == 1
        return (await mailbox.take()).catch_up, await texts(mailbox)

    assert asyncio.run(scene()) == (CatchUp(None, resync=True), ["11"])


def test_answers_are_bounded_however_often_they_are_asked_for() -> None:
    async def scene() -> list[str]:
        mailbox = await opened()
        for n in range(10_000):
            mailbox.reply("error", Message.of(f"error {n}"))
        return await texts(mailbox)

    assert asyncio.run(scene()) == ["error 9999"]


def test_a_ring_tells_what_came_after_a_number_or_that_it_does_not_know() -> None:
    ring = EventRing(kept=3)
    start = ring.since(0)
    assert start is None
    first = 2**52
    for n in range(5):
        ring.keep(event("ab"[n % 2], first + n))
    assert [e.sequence - first for e in ring.since(first + 1) or ()] == [2, 3, 4]
    assert [e.sequence - first for e in ring.since(first + 1, task_id="a") or ()] == [2, 4]
    assert ring.since(first + 4) == []
    assert ring.since(first) is None
    assert ring.since(first + 5) is None


def test_a_message_is_one_frame_of_its_text() -> None:
    text = "é" * 100
    assert Message.of(text).frame == b"\x81\x7e\x00\xc8" + text.encode()
    assert [e.sequence for e in latest([event("a", 1), event("a", 2), gone("a", 3)])] == [2, 3]
