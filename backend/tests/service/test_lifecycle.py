"""The one table of allowed changes of state."""

import pytest

from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.lifecycle import ACTIVE, FINAL, TRANSITIONS, sources


def test_only_a_retry_leaves_a_final_state() -> None:
    left = {change: why for change, why in TRANSITIONS.items() if change[0] in FINAL}
    assert set(left) == {
        (TaskState.FAILED, TaskState.PENDING),
        (TaskState.CANCELLED, TaskState.PENDING),
    }
    assert all("retries" in why for why in left.values())


def test_every_state_can_be_reached() -> None:
    assert {target for _, target in TRANSITIONS} == set(TaskState)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_every_task_can_end(state: TaskState) -> None:
    assert sources(state) <= ACTIVE
    assert TaskState.RUNNING in sources(state)


def test_only_recovery_takes_a_running_task_back() -> None:
    assert sources(TaskState.PENDING) & ACTIVE == {TaskState.RUNNING}
    assert "recovery" in TRANSITIONS[TaskState.RUNNING, TaskState.PENDING]
