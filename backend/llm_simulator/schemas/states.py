"""The states of a task."""

from enum import StrEnum


class TaskState(StrEnum):
    """Where a task is in its life; ``task_manager.lifecycle`` says which change is allowed."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SearchMode(StrEnum):
    """Whether one given plan is evaluated or all legal plans are."""

    MANUAL = "manual"
    AUTO = "auto"
