"""Tasks as the API shows them."""

from typing import Any

from llm_simulator.schemas.plans import InfeasiblePlan, Plan, SearchStats
from llm_simulator.schemas.record import Moment, Record
from llm_simulator.schemas.states import SearchMode, TaskState
from llm_simulator.schemas.sweep import SweepTable


class RunningTask(Record):
    """A pending or running task."""

    task_id: str
    experiment_name: str
    status: TaskState
    progress: float
    message: str
    created_at: Moment


class TaskSummary(RunningTask):
    """A task in a list."""

    experiment_id: int
    error: str | None
    search_mode: SearchMode
    started_at: Moment | None
    completed_at: Moment | None
    search_stats: SearchStats | None


class TaskStatus(TaskSummary):
    """A single task."""

    manual_parallelism: dict[str, Any] | None
    search_constraints: dict[str, Any] | None


class TaskList(Record):
    """Tasks, newest first, and how many there are in all."""

    tasks: list[TaskSummary]
    total: int


class RunningTasks(Record):
    """All pending and running tasks, oldest first."""

    tasks: list[RunningTask]


class TaskResults(Record):
    """A task's ranked plans, the infeasible ones with their reason, and what was asked."""

    task_id: str
    status: TaskState
    experiment_name: str
    top_k_plans: list[Plan]
    infeasible_plans: list[InfeasiblePlan]
    search_stats: SearchStats | None
    warnings: list[str]
    sweep: SweepTable | None = None
    """Of a sweep; the plans are then those of its best point."""
    request: dict[str, Any]
