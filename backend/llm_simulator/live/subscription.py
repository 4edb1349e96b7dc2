"""Which tasks a client wants to hear of."""

from typing import Annotated

from pydantic import Field

from llm_simulator.schemas.events import Event, TaskEvent
from llm_simulator.schemas.record import Record

Sequence = Annotated[int, Field(ge=0, lt=2**63)]


class Subscription(Record):
    """One task, one experiment's tasks, or all; from now on, or from a past event on."""

    task_id: Annotated[str, Field(max_length=100)] | None = None
    experiment: Annotated[str, Field(max_length=200)] | None = None
    since: Sequence | None = None
    """The number of the last event the client has seen."""

    def covers(self, event: Event | TaskEvent) -> bool:
        """Whether the client wants to hear of this event."""
        if self.task_id is not None and event.task_id != self.task_id:
            return False
        return self.experiment is None or event.experiment_name == self.experiment
