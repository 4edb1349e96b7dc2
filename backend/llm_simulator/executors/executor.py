"""What the task manager asks of an execution engine."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol


class Executor(Protocol):
    """Runs importable functions somewhere else; their arguments and answers are pickled.

    A future ends with the function's answer, cancelled, or with an error: RunFailed or InvalidInput
    when the function failed, WorkerLost when its worker did and calling again may help.
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
