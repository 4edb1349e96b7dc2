"""A call in a Dask cluster."""

import contextlib
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from typing import Any

from llm_simulator.errors import Tier6Error


class DaskCall(Future[Any]):
    """Ends once: answered, lost or cancelled; what comes later is dropped."""

    def __init__(self, encoded: bytes, dropped: Callable[["DaskCall"], None]) -> None:
        super().__init__()
        self.encoded = encoded
        self._dropped = dropped

    def cancel(self) -> bool:
        """True when the call was given up, False when it had ended."""
        cancelled = super().cancel()
        if cancelled:
            self._dropped(self)
        return cancelled

    def answer(self, answer: Any) -> None:
        """Ends the call with its answer."""
        with contextlib.suppress(InvalidStateError):
            self.set_result(answer)

    def fail(self, error: Tier6Error) -> None:
        """Ends the call without an answer."""
        with contextlib.suppress(InvalidStateError):
            self.set_exception(error)
