"""The queue as the API shows it."""

from pydantic import BaseModel, ConfigDict, Field

from llm_simulator.schemas.batch import TaskId
from llm_simulator.schemas.record import Moment, Record
from llm_simulator.schemas.submission import Priority
from llm_simulator.schemas.tasks import TaskSummary


class QueuedTask(TaskSummary):
    """A pending task, its place and when it may start."""

    position: int
    """1 is next."""
    estimated_start: Moment | None
    """None while the queue is paused or no task has been completed to judge by."""


class Queue(Record):
    """What runs and what waits, next first."""

    paused: bool
    running: list[TaskSummary]
    pending: list[QueuedTask]
    total_pending: int


class PriorityChange(BaseModel):
    """A task's new priority."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    priority: Priority


class Move(BaseModel):
    """Where in the queue a waiting task goes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: TaskId | None = Field(
        description="The waiting task it goes before; null: to the queue's end."
    )
