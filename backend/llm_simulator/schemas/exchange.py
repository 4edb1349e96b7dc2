"""Exports and imports."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from llm_simulator.schemas.batch import TaskId
from llm_simulator.schemas.labels import Tags
from llm_simulator.schemas.lists import WantedTasks
from llm_simulator.schemas.plans import SearchStats
from llm_simulator.schemas.record import Moment, Record
from llm_simulator.schemas.states import TaskState
from llm_simulator.schemas.submission import Description, ExperimentName, Priority
from llm_simulator.schemas.tasks import Evaluations

UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
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


class ArchivedTask(BaseModel):
    """A task as it was, with every plan that is stored of it."""

    model_config = ConfigDict(frozen=True)

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
    evaluations: Evaluations | None = None
    warnings: Annotated[list[Sentence], Field(max_length=1000)] = []
    request: dict[str, Any]
    tags: Tags = []
    pinned: bool = False
    results: list[dict[str, Any]] = []


class ArchivedExperiment(BaseModel):
    """An experiment without its tasks."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    name: ExperimentName
    description: Description | None = None
    created_at: Moment
    updated_at: Moment
    tags: Tags = []
    pinned: bool = False
    # pydantic keeps the attribute name model_config for itself.
    model_configuration: dict[str, Any] | None = Field(None, alias="model_config")
    hardware_config: dict[str, Any] | None = None
    inference_config: dict[str, Any] | None = None


class Archive(BaseModel):
    """An exported experiment."""

    model_config = ConfigDict(frozen=True)

    format: Literal["tier6-experiment"]
    version: Literal[1]
    exported_at: Moment
    experiment: ArchivedExperiment
    tasks: list[ArchivedTask]


class Imported(Record):
    """What an import has stored. ``renamed_tasks`` are task ids that were taken here, each with
    the id it has now; ``experiment_name`` has a number behind it when the name was taken."""

    experiment_id: int
    experiment_name: str
    tasks: int
    results: int
    renamed_tasks: dict[str, str]
    message: str
