"""How far a figure can be moved before a limit is missed: found by evaluating, several at once."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.explain.case import Case
from llm_simulator.planner.results.figures import Shown
from llm_simulator.planner.search.limits import first_missed

Kept = Callable[[list[int]], NDArray[np.bool_]]
"""Whether all is kept at each of some whole numbers."""
AT_ONCE = 24
"""Concurrencies of one evaluation."""


def kept_by(shown: Shown, without: Sequence[str] = ()) -> NDArray[np.bool_]:
    """Whether each row keeps every limit, but for those of the codes ``without``."""
    limits = [limit for limit in shown.limits if limit.code not in without]
    return first_missed(limits, len(shown.concurrency)) == len(limits)


def last_kept(
    kept: Kept, low: int, high: int, at_once: int, near: Sequence[int] = ()
) -> int | None:
    """The largest number from ``low`` to ``high`` that is kept, if all are up to some number; those
    ``near`` it are tried first.

    >>> last_kept(lambda numbers: np.array(numbers) <= 37, 1, 1000, at_once=4)
    37
    >>> last_kept(lambda numbers: np.array(numbers) <= 0, 1, 1000, at_once=4) is None
    True
    """
    found, above = None, high + 1
    if at_once == 1 and low < above:
        # One at a time: that nothing is kept is found out at once.
        if not kept([low])[0]:
            return None
        found, low = low, low + 1
    for guess in near:
        if low <= guess < above and kept([guess])[0]:
            found, low = guess, guess + 1
        elif low <= guess < above:
            above = guess
    while low < above:
        tried = _between(low, above - 1, at_once)
        count = int(np.argmin([*kept(tried).tolist(), False]))
        if count:
            found, low = tried[count - 1], tried[count - 1] + 1
        if count < len(tried):
            above = tried[count]
    return found


def first_kept(
    kept: Kept, low: int, high: int, at_once: int, near: Sequence[int] = ()
) -> int | None:
    """The smallest number from ``low`` to ``high`` that is kept, if all are from some number on;
    those ``near`` it are tried first.

    >>> first_kept(lambda numbers: np.array(numbers) >= 37, 1, 1000, at_once=4)
    37
    """
    before = last_kept(lambda numbers: ~kept(numbers), low, high, at_once, near)
    first = low if before is None else before + 1
    return first if first <= high else None


def _between(low: int, high: int, most: int) -> list[int]:
    """Whole numbers from ``low`` to ``high``, each a like factor above the last."""
    if high - low < most:
        return list(range(low, high + 1))
    # One alone halves what is left.
    tried = np.geomspace(low, high, most) if most > 1 else np.sqrt([low * high])
    return np.unique(np.round(tried).astype(np.int64)).tolist()


def rows_at_once(case: Case) -> int:
    """Concurrencies worth evaluating together: pools that settle are evaluated one by one."""
    return 1 if case.pools is not None and case.batches is None else AT_ONCE
