"""Exports and imports."""

from enum import StrEnum

from llm_simulator.schemas.batch import TaskId
from llm_simulator.schemas.lists import WantedTasks
from llm_simulator.schemas.record import Record


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


class Imported(Record):
    """What an import has stored. ``renamed_tasks`` are task ids that were taken here, each with
    the id it has now; ``experiment_name`` has a number behind it when the name was taken."""

    experiment_id: int
    experiment_name: str
    tasks: int
    results: int
    renamed_tasks: dict[str, str]
    message: str
