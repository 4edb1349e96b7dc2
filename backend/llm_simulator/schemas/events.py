"""What the server sends over WS /ws/tasks."""

from typing import Literal

from llm_simulator.schemas.plans import SearchStats
from llm_simulator.schemas.record import Record
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.tasks import LiveFigures


class TaskEvent(LiveFigures):
    """A task's present state; a larger sequence number is newer."""

    task_id: str
    experiment_name: str
    status: TaskState
    progress: float
    message: str
    error: str | None
    search_stats: SearchStats | None
    priority: int = 0
    sequence: int


class TaskUpdate(TaskEvent):
    """Sent on every change of a task."""

    type: Literal["task_update"] = "task_update"


class TaskDeleted(Record):
    """Sent when a task is deleted."""

    type: Literal["task_deleted"] = "task_deleted"
    task_id: str
    experiment_name: str
    sequence: int


class Snapshot(Record):
    """The first message on every connection: all pending and running tasks."""

    type: Literal["snapshot"] = "snapshot"
    tasks: list[TaskEvent]


Event = TaskUpdate | TaskDeleted
