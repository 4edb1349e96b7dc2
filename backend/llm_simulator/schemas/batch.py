"""One action on many tasks."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from llm_simulator.schemas.errors import ErrorCode
from llm_simulator.schemas.record import Record

TaskId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")]


class Action(StrEnum):
    """What can be done with many tasks."""

    CANCEL = "cancel"
    DELETE = "delete"


class Batch(BaseModel):
    """An action and the tasks to do it with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    task_ids: Annotated[list[TaskId], Field(min_length=1, max_length=1000)]


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
