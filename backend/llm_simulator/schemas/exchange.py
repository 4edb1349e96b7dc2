"""Exports and imports."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from llm_simulator.planner.results.result import SearchStats
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.schemas.batch import TaskId
from llm_simulator.schemas.labels import Tags
from llm_simulator.schemas.lists import WantedTasks
from llm_simulator.schemas.record import Moment, Record
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.submission import Description, ExperimentName, Priority
from llm_simulator.schemas.tasks import EvaluationProgress

UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
MOST_PLANS_OF_A_TASK = 2_000
"""The best and the nearest misses, 1,000 of each at most."""
Sentence = Annotated[str, StringConstraints(max_length=10_000)]


class ExportedTable(StrEnum):
    """What can be exported."""

    TASKS = "tasks"
    RESULTS = "results"
    EXPERIMENTS = "experiments"


class ExportFormat(StrEnum):
    """JSON has everything, CSV and Parquet have a row of figures."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class ExportQuery(WantedTasks):
    """Which rows: of these tasks, or, for experiments, by text, tag, pin and dates only."""

    format: ExportFormat = ExportFormat.JSON
    task_id: TaskId | None = None


class Archived(BaseModel):
    """A part of an archive: of a known version no field is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class ArchivedTask(Archived):
    """A task as it was: its columns (models.exported_columns), tags, and every stored plan."""

    task_id: Annotated[str, StringConstraints(pattern=UUID)]
    status: TaskState
    progress: Annotated[float, Field(ge=0, le=100)]
    message: Sentence
    error: Sentence | None = None
    created_at: Moment
    started_at: Moment | None = None
    completed_at: Moment | None = None
    search_stats: SearchStats | None = None
    priority: Priority = 0
    evaluations: EvaluationProgress | None = None
    warnings: Annotated[list[EvaluationWarning], Field(max_length=1000, fail_fast=True)] | None = (
        None
    )
    findings: dict[str, Any] | None = None
    request: dict[str, Any]
    pinned: bool = False
    tags: Tags = []
    results: Annotated[
        list[dict[str, Any]], Field(max_length=MOST_PLANS_OF_A_TASK, fail_fast=True)
    ] = []


class ArchivedExperiment(Archived):
    """An experiment without its tasks: its columns and tags."""

    name: ExperimentName
    description: Description | None = None
    created_at: Moment
    updated_at: Moment
    # pydantic keeps the attribute name model_config for itself.
    model_configuration: dict[str, Any] | None = Field(default=None, alias="model_config")
    hardware_config: dict[str, Any] | None = None
    inference_config: dict[str, Any] | None = None
    pinned: bool = False
    tags: Tags = []


class Archive(Archived):
    """An exported experiment. Version 1 has no findings, up to 2 warnings are sentences."""

    format: Literal["tier6-experiment"]
    version: Literal[1, 2, 3]
    exported_at: Moment
    experiment: ArchivedExperiment
    # A document of millions of wrong tasks is not told of each.
    tasks: Annotated[list[ArchivedTask], Field(fail_fast=True)]


class Imported(Record):
    """What an import has stored. ``renamed_tasks`` are task ids that were taken here, each with
    the id it has now; ``experiment_name`` has a number behind it when the name was taken."""

    experiment_id: int
    experiment_name: str
    tasks: int
    results: int
    renamed_tasks: dict[str, str]
    message: str
