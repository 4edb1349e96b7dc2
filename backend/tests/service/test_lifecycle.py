"""The one table of allowed changes of state."""

import pytest

from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.lifecycle import ACTIVE, FINAL, TRANSITIONS, sources


def test_nothing_leaves_a_final_state() -> None:
    assert {TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED} == FINAL
    assert not [change for change in TRANSITIONS if change[0] in FINAL]


def test_every_state_can_be_reached() -> None:
    assert {target for _, target in TRANSITIONS} == set(TaskState)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_every_task_can_end(state: TaskState) -> None:
    assert sources(state) <= ACTIVE
    assert TaskState.RUNNING in sources(state)


def test_only_recovery_leads_back() -> None:
    assert sources(TaskState.PENDING) == {TaskState.RUNNING}
    assert "recovery" in TRANSITIONS[TaskState.RUNNING, TaskState.PENDING]
