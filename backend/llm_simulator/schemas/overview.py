"""How the service is doing, and what became of its tasks lately."""

from typing import Literal

from llm_simulator.schemas.record import Record
from llm_simulator.schemas.states import TaskState


class Part(Record):
    """A part of the service, and why it does not work; None when it does."""

    down: str | None


class Workers(Part):
    """Processes, here or on a cluster, that run so many calls at once."""

    slots: int


class DatabasePart(Part):
    """Where everything is stored."""

    kind: Literal["sqlite", "postgresql"]


class Overview(Record):
    """The parts of the service, and how many tasks ended since the moment asked for."""

    version: str
    workers: Workers
    previews: Workers | None
    """None where previews are switched off."""
    database: DatabasePart
    clients: int
    """Pages that live events are sent to."""
    max_running: int
    """How many tasks run at once."""
    ended: dict[TaskState, int]
