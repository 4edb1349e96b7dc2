"""What a worker runs: the performance model, its answer or its failure put in an envelope.

An exception never crosses the process border: one with a ``__init__`` of its own breaks the pool.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import Tier6Error
from llm_simulator.planner.evaluate import (
    Chunk,
    Request,
    assemble,
    evaluate_chunk,
    layout,
    stored_request,
)


class Envelope(TypedDict):
    """``outcome`` where ``ok``, else ``error``, a sentence for the user, and a trace to log."""

    ok: bool
    outcome: Any
    error: str
    trace: str


def planned(snapshot: Mapping[str, Any]) -> Envelope:
    """The request itself, how many plans it has and in which chunks."""
    return enveloped(_plan, snapshot)


def evaluated_chunk(request: Request, chunk: Chunk) -> Envelope:
    """The outcome of one chunk."""
    return enveloped(evaluate_chunk, request, chunk)


def assembled(request: Request | Mapping[str, Any], outcomes: Sequence[Any]) -> Envelope:
    """The final result of all chunks' outcomes, of a request or its snapshot."""
    return enveloped(_assemble, request, outcomes)


def _assemble(request: Request | Mapping[str, Any], outcomes: Sequence[Any]) -> Any:
    if isinstance(request, Mapping):
        request = stored_request(request, builtin_catalogue())
    return assemble(request, outcomes)


def _plan(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    request = stored_request(snapshot, builtin_catalogue())
    work = layout(request)
    return {
        "request": request,
        "total_plans": work.total_plans,
        "evaluations": work.total_evaluations,
        "chunks": work.chunks,
    }


def enveloped(function: Callable[..., Any], *args: Any) -> Envelope:
    """The envelope of ``function(*args)``."""
    try:
        return Envelope(ok=True, outcome=function(*args), error="", trace="")
    except Tier6Error as error:
        return _failure(str(error))
    except MemoryError:
        return _failure("The evaluation ran out of memory; a smaller search may fit.")
    except Exception as error:
        kind = type(error).__name__
        return _failure(
            f"The evaluation failed unexpectedly ({kind}); the server's log has the details."
        )


def _failure(sentence: str) -> Envelope:
    return Envelope(ok=False, outcome=None, error=sentence, trace=traceback.format_exc())
