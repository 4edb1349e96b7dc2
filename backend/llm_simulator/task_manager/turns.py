"""Whose turn it is: which running task gives the next chunk to the workers."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

EVERY = 16
"""Each so-many-th turn goes to whoever has waited longest, whatever its priority."""


class Player(Protocol):
    """Something with a priority; ``turn`` is the number of its last turn."""

    priority: int
    turn: int


Taker = TypeVar("Taker", bound=Player)


class Turns:
    """The highest priority first, equal ones in turn; nobody waits for ever."""

    def __init__(self) -> None:
        self._turn = 0

    def next(self, players: Sequence[Taker]) -> Taker:
        """Who is next of these, one at least; that turn is taken."""
        self._turn += 1
        if self._turn % EVERY == 0:
            taker = min(players, key=lambda player: player.turn)
        else:
            taker = min(players, key=lambda player: (-player.priority, player.turn))
        taker.turn = self._turn
        return taker
