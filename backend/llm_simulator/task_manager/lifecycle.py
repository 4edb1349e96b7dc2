"""The life of a task: every allowed change of state, in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from llm_simulator.schemas.states import TaskState

PENDING, RUNNING = TaskState.PENDING, TaskState.RUNNING
COMPLETED, FAILED, CANCELLED = TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED

TRANSITIONS: Mapping[tuple[TaskState, TaskState], str] = MappingProxyType(
    {
        (PENDING, RUNNING): "a free place takes the next pending task",
        (PENDING, CANCELLED): "a user cancels it before it starts",
        (RUNNING, COMPLETED): "its results are stored",
        (RUNNING, FAILED): "it can't be computed; the error says why",
        (RUNNING, CANCELLED): "a user cancels it",
        (RUNNING, PENDING): "recovery: its server ended; it goes on after its stored chunks",
        (FAILED, PENDING): "a user retries it, from the start",
        (CANCELLED, PENDING): "a user retries it, from the start",
    }
)

ACTIVE = frozenset({PENDING, RUNNING})
FINAL = frozenset(TaskState) - ACTIVE


def sources(target: TaskState) -> frozenset[TaskState]:
    """The states from which a task may come to ``target``.

    >>> sorted(sources(TaskState.CANCELLED))
    [<TaskState.PENDING: 'pending'>, <TaskState.RUNNING: 'running'>]
    """
    return frozenset(source for source, end in TRANSITIONS if end == target)
