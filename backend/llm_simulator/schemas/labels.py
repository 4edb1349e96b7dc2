"""Words and marks that users put on tasks and experiments."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from llm_simulator.schemas.submission import Description, ExperimentName

TAG_SEPARATOR = "\x1f"
"""Between tags where a database hands them out as one text; no tag can contain it."""

Tag = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


def _each_once(tags: list[str]) -> list[str]:
    return sorted(set(tags))


def _taken_apart(value: Any) -> Any:
    if value is None:
        return []
    return value.split(TAG_SEPARATOR) if isinstance(value, str) else value


Tags = Annotated[list[Tag], Field(max_length=20), AfterValidator(_each_once)]
StoredTags = Annotated[list[str], BeforeValidator(_taken_apart), AfterValidator(_each_once)]


class TaskLabels(BaseModel):
    """What to change of a task; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tags: Tags | None = Field(default=None, description="The new tags, in place of the old ones.")
    pinned: bool | None = Field(default=None, description="Pinned tasks are kept by retention.")


class ExperimentLabels(TaskLabels):
    """What to change of an experiment; what is left out stays."""

    name: ExperimentName | None = None
    description: Description | None = Field(default=None, description='"" removes it.')
