"""What can go wrong, as one tree.

.. code-block:: text

    Tier6Error
    ├── InvalidInput        an impossible input; names the field and the way out
    ├── NotFound            no task, experiment or catalogue entry of that name
    ├── Conflict            the request does not fit the present state
    ├── QueueFull           too many tasks wait already; later there may be room
    ├── TookTooLong         there was no answer in the time that a caller waits
    ├── WorkerLost          a worker died before its call ended; calling again is safe
    │   └── EngineDown      no worker can be reached at present; no call is to blame
    └── RunFailed           a task can't be computed; the text is the sentence for the user

A plan that does not fit or misses a limit is not an error: it is a result with a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import takewhile


@dataclass(frozen=True)
class FieldProblem:
    """One offending field (dotted path from the request's root) and what is wrong with it."""

    field: str
    message: str


class Tier6Error(Exception):
    """Base of every error that a user can meet; its text is one sentence without a path."""


class InvalidInput(Tier6Error):
    """An impossible input: every offending field with its problem and the way out."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in self.problems))

    @classmethod
    def at(cls, field: str, message: str) -> "InvalidInput":
        """The error for a single field."""
        return cls([FieldProblem(field, message)])

    def __reduce__(self) -> tuple[type["InvalidInput"], tuple[tuple[FieldProblem, ...]]]:
        return (type(self), (self.problems,))


class NotFound(Tier6Error):
    """Nothing is stored or catalogued under the name or id that was asked for."""


class Conflict(Tier6Error):
    """The request is well formed but does not fit the present state."""


class QueueFull(Tier6Error):
    """So many tasks wait that no more are accepted; later there may be room."""


class TookTooLong(Tier6Error):
    """There was no answer in the time that a caller waits; the text says what to do instead."""


class WorkerLost(Tier6Error):
    """The worker died before the call ended; calling again is safe and may succeed."""


class EngineDown(WorkerLost):
    """No worker can be reached at present, whatever the call; the engine comes back by itself."""


class RunFailed(Tier6Error):
    """The task can't be computed; the text is the sentence for the user."""


FEW_NAMES = 20
"""As many names as a sentence can hold."""


def unknown_name(kind: str, name: str, known: Sequence[str]) -> str:
    """The sentence for a name that is not in the catalogue, with the nearest ones.

    >>> unknown_name("chip", "h1000", ["h100-sxm", "b200-sxm"])
    "No chip 'h1000'. Nearest: 'h100-sxm'. Known: b200-sxm, h100-sxm."
    >>> unknown_name("chip", "h1000", [f"h{number}" for number in range(900, 1000)])
    "No chip 'h1000'. Nearest: 'h910'. 100 are known: see the catalogue's chips."
    """
    close = get_close_matches(name.lower(), known, n=5, cutoff=0.4)
    # A slip is rarely in the first letters: 'h1000' means 'h100-sxm', not 'h800'.
    nearest = max(close, key=lambda candidate: _shared_start(candidate, name.lower()), default=None)
    hint = f" Nearest: '{nearest}'." if nearest else ""
    if len(known) > FEW_NAMES:
        others = f"{len(known)} are known: see the catalogue's {kind}s"
    else:
        others = f"Known: {', '.join(sorted(known))}"
    return f"No {kind} '{name}'.{hint} {others}."


def _shared_start(one: str, other: str) -> int:
    """Number of letters two names begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
