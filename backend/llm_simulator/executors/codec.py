"""How a call and its result cross the border between processes: pickled here, never raised there.

An exception with a ``__init__`` of its own, or an answer that can't be pickled, would break a
process pool. So a worker sends a ``CallResult`` whatever happens, as bytes that any engine carries.
"""

import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from llm_simulator.errors import FieldProblem, InvalidInput, RunFailed, Tier6Error

OUT_OF_MEMORY = "The evaluation ran out of memory; a smaller search may fit."

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CallResult:
    """A function's answer, or why there is none."""

    answer: Any = None
    failure: str | None = None
    """A sentence for the user."""
    problems: tuple[FieldProblem, ...] = ()
    """What is wrong with the call's request, where that is why it failed."""
    trace: str = ""
    """Of an unexpected failure, to be logged."""


def encoded_call(function: Callable[..., Any], *args: Any) -> bytes:
    """A call of an importable function, ready to travel to ``run_call``."""
    return pickle.dumps((function, args))


def run_call(call: bytes) -> bytes:
    """What a worker sends back of an encoded call, for ``answer_of``; it raises nothing."""
    try:
        function, args = pickle.loads(call)
        return pickle.dumps(CallResult(function(*args)))
    except Exception as error:
        return pickle.dumps(_failure(error))


def answer_of(sent: bytes) -> Any:
    """The answer that ``run_call`` sent; raises InvalidInput or RunFailed where there is none."""
    try:
        result: CallResult = pickle.loads(sent)
    except Exception as error:
        log.exception("answer_not_read")
        raise RunFailed(_unexpected(error)) from error
    if result.problems:
        raise InvalidInput(result.problems)
    if result.failure is not None:
        if result.trace:
            log.error("call_failed", trace=result.trace)
        raise RunFailed(result.failure)
    return result.answer


def _failure(error: Exception) -> CallResult:
    match error:
        case InvalidInput():
            return CallResult(failure=str(error), problems=error.problems)
        case Tier6Error():
            return CallResult(failure=str(error))
        case MemoryError():
            return CallResult(failure=OUT_OF_MEMORY, trace=traceback.format_exc())
    return CallResult(failure=_unexpected(error), trace=traceback.format_exc())


def _unexpected(error: Exception) -> str:
    kind = type(error).__name__
    return f"The evaluation failed unexpectedly ({kind}); the server's log has the details."
