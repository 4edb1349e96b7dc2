"""What the server sends over WS /ws/tasks."""

from typing import Literal

from llm_simulator.planner.results.result import SearchStats
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
    """All pending and running tasks that a client listens to; a single task whatever its state."""

    type: Literal["snapshot"] = "snapshot"
    tasks: list[TaskEvent]
    sequence: int = 0
    """The number to come back with as ``since``."""
    resync: bool = False
    """Whether the client missed events that can't be told again: what it shows may be old."""


class Heartbeat(Record):
    """Sent when there is nothing to tell; everything up to ``sequence`` has been told."""

    type: Literal["heartbeat"] = "heartbeat"
    sequence: int


class ClientError(Record):
    """Sent when a client's message can't be understood."""

    type: Literal["error"] = "error"
    message: str


Event = TaskUpdate | TaskDeleted
