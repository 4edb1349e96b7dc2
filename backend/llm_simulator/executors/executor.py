"""What the task manager asks of an execution engine."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol


class Executor(Protocol):
    """Runs importable functions of JSON-able arguments somewhere else.

    The functions never raise: they answer with an envelope (``executors.envelope``). So a future
    ends with the function's answer, with WorkerLost, or cancelled. An argument that many calls
    have in common is given as a ``Shared`` (``executors.parcel``): it travels once.
    """

    @property
    def slots(self) -> int:
        """How many calls run at the same time; none while the engine is down."""
        ...

    @property
    def down(self) -> str | None:
        """Why the engine takes no calls at the moment, a sentence; None when it does."""
        ...

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """A future of ``function(*args)``; cancelling it ends the call even while it runs.

        Raises EngineDown while the engine takes no calls.
        """
        ...

    def close(self) -> None:
        """Ends all calls and gives every resource back."""
        ...
