"""What the threads of the task manager ask of each other: frozen messages, in order.

The dispatcher computes and never touches the database; the scheduler owns the database and never
computes. Nothing else is shared between the two.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

from llm_simulator.schemas.events import TaskUpdate
from llm_simulator.task_manager.task_rows import StoredTask, Submission

Command = TypeVar("Command")


class CommandQueue(Generic[Command]):
    """Commands for one thread. ``post`` is for anybody, ``take`` for the thread."""

    def __init__(self) -> None:
        self._commands: SimpleQueue[Command] = SimpleQueue()

    def post(self, command: Command) -> None:
        """Has the thread carry the command out after those before it."""
        self._commands.put(command)

    def take(self, timeout: float | None = None) -> list[Command]:
        """All commands there are; waits up to ``timeout`` seconds for the first."""
        taken: list[Command] = []
        try:
            taken.append(self._commands.get(timeout=timeout))
            while True:
                taken.append(self._commands.get_nowait())
        except Empty:
            return taken


@dataclass(frozen=True)
class Stop:
    """Ends the thread in order."""


# To the scheduler, from users' threads and the listener.


@dataclass(frozen=True)
class Submit:
    """Store a submission; ``task_id`` gets its id once it is stored for good, or the error."""

    submission: Submission
    task_id: "Future[str]" = field(default_factory=Future)


@dataclass(frozen=True)
class EventsLogged:
    """The log has, or may have, new events."""


@dataclass(frozen=True)
class TasksChanged:
    """The same, and there may be a task to take up."""


@dataclass(frozen=True)
class TaskGone:
    """A user has cancelled or deleted a task: its computation of up to this epoch is over."""

    task_id: str
    epoch: int | None = None


@dataclass(frozen=True)
class AdvancedElsewhere:
    """A task that runs on another server has got on, as the database knows."""

    task_id: str


# To the scheduler, from the dispatcher.


@dataclass(frozen=True)
class PlanLaidOut:
    """A task's plan is laid out otherwise than what is stored of its earlier runs."""

    task: StoredTask
    fingerprint: str


@dataclass(frozen=True)
class ChunkComputed:
    """A chunk has its outcome."""

    task: StoredTask
    chunk: int
    attempt: int
    outcome: Any
    progress: TaskUpdate


@dataclass(frozen=True)
class ChunkLost:
    """A chunk, or another step, waits for the attempt of this number after a worker's death."""

    task: StoredTask
    chunk: int
    attempt: int


@dataclass(frozen=True)
class RunEnded:
    """A task has its result, or the sentence why there is none."""

    task: StoredTask
    result: Any = None
    failure: str | None = None


Report = PlanLaidOut | ChunkComputed | ChunkLost | RunEnded
ToScheduler = Submit | EventsLogged | TasksChanged | TaskGone | AdvancedElsewhere | Report | Stop


# To the dispatcher.


@dataclass(frozen=True)
class StartRun:
    """Compute a task that was taken up."""

    task: StoredTask


@dataclass(frozen=True)
class DropRun:
    """Compute no more of a task, and kill what is being computed of it."""

    task: StoredTask


@dataclass(frozen=True)
class Prioritise:
    """Change whose turn is next."""

    task: StoredTask
    priority: int


@dataclass(frozen=True)
class Question:
    """A call that belongs to no task and goes before all others; lost after ``seconds``."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    seconds: float
    answer: "Future[Any]" = field(default_factory=Future)


@dataclass(frozen=True)
class CallEnded:
    """A worker has answered, or the call has ended without an answer."""

    call: "Future[Any]"


ToDispatcher = StartRun | DropRun | Prioritise | Question | CallEnded | Stop
