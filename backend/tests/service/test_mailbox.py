"""One client's mailbox: the newest state of each task, at most twenty a second."""

import asyncio

from llm_simulator.schemas.events import TaskEvent
from llm_simulator.schemas.states import TaskState
from llm_simulator.websocket_manager import UPDATE_INTERVAL, Mailbox


class Clock:
    """A clock set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def event(task_id: str, sequence: int) -> TaskEvent:
    """A state of a running task."""
    return TaskEvent(
        task_id=task_id,
        experiment_name="e",
        status=TaskState.RUNNING,
        progress=1.0,
        message="",
        error=None,
        search_stats=None,
        sequence=sequence,
    )


def test_a_newer_state_takes_the_older_one_s_place() -> None:
    async def scene() -> list[str]:
        mailbox = Mailbox()
        for sequence in range(100):
            mailbox.put("a", sequence, f"a{sequence}")
        mailbox.put("b", 100, "b100")
        return [await mailbox.take(), await mailbox.take()]

    assert asyncio.run(scene()) == ["a99", "b100"]


def test_the_second_update_of_a_task_waits_its_interval() -> None:
    async def scene() -> tuple[str, str, str]:
        clock = Clock()
        mailbox = Mailbox(clock)
        mailbox.put("a", 1, "a1")
        first = await mailbox.take()
        mailbox.put("a", 2, "a2")
        mailbox.put("b", 3, "b3")
        second = await mailbox.take()
        clock.now += UPDATE_INTERVAL
        return first, second, await mailbox.take()

    assert asyncio.run(scene()) == ("a1", "b3", "a2")


def test_what_a_snapshot_has_told_is_not_told_again() -> None:
    async def scene() -> str:
        mailbox = Mailbox()
        mailbox.put("old", 1, "old")
        mailbox.put("new", 5, "new")
        mailbox.forget_older([event("old", 1), event("new", 4), event("other", 9)])
        return await mailbox.take()

    assert asyncio.run(scene()) == "new"
