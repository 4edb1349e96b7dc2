"""One action on many tasks."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from llm_simulator.schemas.errors import ErrorCode
from llm_simulator.schemas.record import Record
from llm_simulator.schemas.submission import Priority

TaskId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]


class Action(StrEnum):
    """What can be done with many tasks."""

    CANCEL = "cancel"
    DELETE = "delete"
    RETRY = "retry"
    SET_PRIORITY = "set_priority"


class Batch(BaseModel):
    """An action and the tasks to do it with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    task_ids: Annotated[list[TaskId], Field(min_length=1, max_length=1000)]
    priority: Priority | None = Field(
        default=None, description="The new one; for set_priority only."
    )

    @model_validator(mode="after")
    def _priority_where_it_is_set(self) -> "Batch":
        if (self.priority is not None) != (self.action is Action.SET_PRIORITY):
            raise ValueError("priority goes with the action set_priority and with no other")
        return self


class BatchItem(Record):
    """What became of one task; ``code`` is that of an error, null after a success."""

    task_id: str
    success: bool
    code: ErrorCode | None
    message: str


class BatchResult(Record):
    """One item for each task id, in the order asked, repeated ids once."""

    results: list[BatchItem]
    succeeded: int
    failed: int
