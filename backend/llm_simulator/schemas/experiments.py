"""Experiments as the API shows them."""

from typing import Any

from pydantic import Field

from llm_simulator.schemas.labels import StoredTags
from llm_simulator.schemas.record import Moment, Record
from llm_simulator.schemas.tasks import TaskSummary


class ExperimentSummary(Record):
    """A named group of tasks."""

    id: int
    name: str
    description: str | None
    total_tasks: int
    completed_tasks: int
    created_at: Moment
    updated_at: Moment
    tags: StoredTags
    pinned: bool


class ExperimentList(Record):
    """One page of experiments, as of tasks."""

    experiments: list[ExperimentSummary]
    total: int
    next_cursor: str | None


class ExperimentDetail(ExperimentSummary):
    """An experiment with its first configuration and its tasks, newest first."""

    # pydantic keeps the attribute name model_config for itself.
    model_configuration: Any = Field(alias="model_config")
    hardware_config: Any
    inference_config: Any
    tasks: list[TaskSummary]
