"""Whose turn it is: which running task gives the next chunk to the workers."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

EVERY = 16
"""Each so-many-th turn goes to whoever has waited longest, whatever its priority."""


class Candidate(Protocol):
    """Something with a priority; ``turn`` is the number of its last turn."""

    priority: int
    turn: int


Taker = TypeVar("Taker", bound=Candidate)


class FairScheduler:
    """The highest priority first, equal ones in turn; nobody waits for ever."""

    def __init__(self) -> None:
        self._turn = 0

    def next(self, candidates: Sequence[Taker]) -> Taker:
        """Who is next of these, one at least; that turn is taken."""
        self._turn += 1
        if self._turn % EVERY == 0:
            taker = min(candidates, key=lambda one: one.turn)
        else:
            taker = min(candidates, key=lambda one: (-one.priority, one.turn))
        taker.turn = self._turn
        return taker
