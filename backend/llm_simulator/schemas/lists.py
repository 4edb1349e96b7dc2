"""Which tasks or experiments to list, in which order, from where on."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from llm_simulator.schemas.labels import Tag
from llm_simulator.schemas.record import Moment
from llm_simulator.schemas.states import TaskState

# PostgreSQL's integer ends here; a larger number can't be an id.
LARGEST_ID = 2**31 - 1

Needle = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$"),
]


class Order(StrEnum):
    """Which end comes first; what has no value always comes last."""

    ASCENDING = "asc"
    DESCENDING = "desc"


class TaskSort(StrEnum):
    """What tasks can be sorted by."""

    CREATED_AT = "created_at"
    COMPLETED_AT = "completed_at"
    STATUS = "status"
    PROGRESS = "progress"
    BEST_SCORE = "best_score"


class ExperimentSort(StrEnum):
    """What experiments can be sorted by."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    NAME = "name"
    TOTAL_TASKS = "total_tasks"


class Wanted(BaseModel):
    """What can be asked of tasks and experiments alike."""

    model_config = ConfigDict(frozen=True)

    text: Needle | None = None
    tag: Tag | None = None
    pinned: bool | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None


class WantedTasks(Wanted):
    """Which tasks; each word of ``text`` is looked for in the experiment's name, those of model,
    chip and topology, "64xh200-sxm", "4k in", "1k out" and the engine, the whole at the beginning
    of the task's id."""

    status: Annotated[list[TaskState], Field(description="Any of these.")] = []
    experiment_name: Annotated[str | None, Field(max_length=200, pattern=r"^[^\x00]*$")] = None
    experiment_id: Annotated[int | None, Field(ge=1, le=LARGEST_ID)] = None


class Paged(BaseModel):
    """Which part of a list."""

    order: Order = Order.DESCENDING
    cursor: str | None = Field(
        default=None,
        max_length=500,
        description="The last answer's `next_cursor`, with the same query.",
    )


class TaskQuery(WantedTasks, Paged):
    """One page of tasks."""

    sort: TaskSort = TaskSort.CREATED_AT
    limit: int = Field(default=50, ge=1, le=1000)


class ExperimentQuery(Wanted, Paged):
    """One page of experiments; ``text`` is looked for in the name and the first part of the
    description."""

    sort: ExperimentSort = ExperimentSort.CREATED_AT
    limit: int = Field(default=1000, ge=1, le=1000)
