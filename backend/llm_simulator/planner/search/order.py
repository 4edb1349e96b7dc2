"""What comes first: scores that agree to a millionth are equal, and other columns decide."""

import numpy as np

from llm_simulator.units import Array, IntArray

DOUBLE, DIGITS = 52, 20
"""Binary digits of a float, and those that ranks compare: a part in a million."""


def compared(scores: Array) -> Array:
    """The scores as ranks compare them, in their order: what lies below is how sums were added up.

    >>> compared(np.array([1e9, 1e9 + 1, -np.inf])).tolist()
    [1000000000.0, 1000000000.0, -inf]
    """
    dropped = DOUBLE - DIGITS
    bits = np.ascontiguousarray(scores, float).view(np.int64)
    return (bits + (1 << (dropped - 1)) >> dropped << dropped).view(np.float64)


def contenders(scores: Array, top_k: int) -> IntArray:
    """Rows that are at least as good as the ``top_k``-th best score, ties included.

    >>> contenders(np.array([1.0, 3.0, 2.0, 2.0]), 2)
    array([1, 2, 3])
    """
    if len(scores) <= top_k:
        return np.arange(len(scores))
    scores = compared(scores)
    threshold = np.partition(scores, len(scores) - top_k)[len(scores) - top_k]
    return np.flatnonzero(scores >= threshold)


def best_first(scores: Array, *ties: Array | IntArray) -> IntArray:
    """All rows, best first: the highest score, where equal the least in each of ``ties`` in turn.

    >>> best_first(np.array([1.0, 3.0, 3.0]), np.array([8, 16, 8]))
    array([2, 1, 0])
    """
    return np.lexsort((*reversed(ties), -compared(scores)))
