"""How a call and its answer travel: pickled here, so that no engine meets what it can't carry.

Nothing is raised across the border, and what many calls have in common travels once.
"""

import pickle
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

from llm_simulator.errors import WorkerLost

KEPT_VALUES = 16
"""Shared values that a worker remembers; it meets a few tasks in turn."""

log = structlog.get_logger(__name__)


class Shared:
    """A value that is an argument of many calls; it lives as long as somebody holds it here.

    The functions get the value itself and must not change it: a worker's next call gets the same.
    """

    def __init__(self, value: Any) -> None:
        self.content = pickle.dumps(value)


@dataclass(frozen=True)
class Held:
    """Stands in a call's arguments for the shared value of this number."""

    number: int


@dataclass(frozen=True)
class Parcel:
    """A call, ready to travel; its shared values go their own way."""

    function: Callable[..., Any]
    arguments: bytes
    shared: tuple[Shared, ...]

    @classmethod
    def of(cls, function: Callable[..., Any], args: Sequence[Any]) -> "Parcel":
        """The parcel of ``function(*args)``."""
        shared = tuple(arg for arg in args if isinstance(arg, Shared))
        numbers = iter(range(len(shared)))
        plain = [Held(next(numbers)) if isinstance(arg, Shared) else arg for arg in args]
        return cls(function, pickle.dumps(plain), shared)


@dataclass(frozen=True)
class Mishap:
    """What a worker says instead of an answer: a sentence, and a trace to log."""

    sentence: str
    trace: str


def carried(
    function: Callable[..., Any], arguments: bytes, sources: Sequence[bytes | Path]
) -> bytes:
    """What a worker sends back of a parcel whose shared values are in ``sources``.

    For ``opened``: the pickled answer, or the pickled mishap of a function that raised after all.
    """
    try:
        args = [
            _loaded(sources[arg.number]) if isinstance(arg, Held) else arg
            for arg in pickle.loads(arguments)
        ]
        return pickle.dumps(function(*args))
    except Exception as error:
        sentence = f"its computation ended without an answer ({type(error).__name__})"
        return pickle.dumps(Mishap(sentence, traceback.format_exc()))


def opened(sent: bytes) -> Any:
    """The answer that ``carried`` sent; raises WorkerLost for a mishap."""
    answer = pickle.loads(sent)
    if isinstance(answer, Mishap):
        log.error("call_raised", trace=answer.trace)
        raise WorkerLost(answer.sentence)
    return answer


@lru_cache(maxsize=KEPT_VALUES)
def _loaded(source: bytes | Path) -> Any:
    return pickle.loads(source.read_bytes() if isinstance(source, Path) else source)
