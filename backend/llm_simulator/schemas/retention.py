"""What is removed because it is old."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from llm_simulator.schemas.record import Moment, Record

Days = Annotated[int, Field(ge=1, le=36_500)]


class RetentionRequest(BaseModel):
    """From how many days on tasks are old."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Days


class RetentionReport(Record):
    """Tasks that ended before ``before``, and their results: removed, or, when only counted, to be
    removed. ``pinned`` are as old, and kept."""

    days: int
    before: Moment
    tasks: int
    results: int
    pinned: int
    removed: bool
