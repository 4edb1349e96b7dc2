"""The largest whole number that fits: a batch, a context."""

from collections.abc import Callable, Sequence

import numpy as np

from llm_simulator.units import Array, IntArray

TRIED = 1_024
"""Numbers tried at once: a call of a formula takes as long for one."""
BESIDE = 64
"""Numbers tried beside a guess."""


def largest_within(
    size: Callable[[Array], Array],
    limits: Sequence[float],
    most: int,
    guesses: Sequence[float] | None = None,
) -> IntArray:
    """The largest number from 0 to ``most`` whose ``size``, which grows with it, is at most each of
    the ``limits``; ``size`` takes and gives columns.

    Numbers beside the ``guesses`` are tried first, all numbers where there are none.

    >>> largest_within(lambda numbers: 3 * numbers, [10.0, 3.0, 1.0, 1e9], most=1_000_000).tolist()
    [3, 1, 0, 1000000]
    """
    low = np.zeros(len(limits), dtype=np.int64)
    high = np.full(len(limits), most)
    while (high > low).any():
        first, last, count = np.minimum(low + 1, high), high, TRIED
        if guesses is not None:
            beside, count = np.array(guesses) - BESIDE / 2, BESIDE
            first = np.clip(beside, first, np.maximum(high - BESIDE, first)).astype(np.int64)
            last, guesses = np.minimum(first + BESIDE, high), None
        tried = first[:, None] + (last - first)[:, None] * np.arange(count) // (count - 1)
        sizes = size(tried.ravel().astype(float)).reshape(tried.shape)
        kept = (sizes <= np.asarray(limits)[:, None]).sum(axis=1)
        beside = np.column_stack([low, tried, high + 1])
        rows = np.arange(len(limits))
        low, high = np.maximum(beside[rows, kept], low), beside[rows, kept + 1] - 1
    return low
