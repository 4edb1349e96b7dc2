"""The standard normal distribution over whole columns; SciPy's takes a second to import."""

import math
from functools import cache
from statistics import NormalDist

import numpy as np

from llm_simulator.units import Array, Count

STANDARD = NormalDist()
_REACH, _POINTS = 8.0, 8_001
"""Beyond eight standard deviations lies less than 1e-15."""


def cumulative(score: Count) -> Array:
    """The probability of at most this score, to 2e-7: interpolated between 500 points per unit.

    >>> cumulative(np.array([-np.inf, 0.0, 1.2815515655])).round(6).tolist()
    [0.0, 0.5, 0.9]
    """
    return np.asarray(np.interp(score, *_table()))


@cache
def _table() -> tuple[Array, Array]:
    scores = np.linspace(-_REACH, _REACH, _POINTS)
    return scores, np.array([math.erfc(-score / math.sqrt(2)) / 2 for score in scores.tolist()])


def cumulative_of_many(scores: Array) -> Array:
    """The same of a large table of numbers: the piece of each is computed, not looked for.

    >>> many = np.linspace(-9, 9, 7)
    >>> bool((cumulative_of_many(many) == cumulative(many)).all())
    True
    """
    ends, values = _table()
    within = np.clip(scores, -_REACH, _REACH)
    # The nearest end: that of its piece, or the one above.
    piece = ((within + _REACH) * ((_POINTS - 1) / (2 * _REACH)) + 0.5).astype(np.int64)
    piece -= within < ends.take(piece)
    return _slopes().take(piece) * (within - ends.take(piece)) + values.take(piece)


@cache
def _slopes() -> Array:
    ends, values = _table()
    return np.append(np.diff(values) / np.diff(ends), 0.0)


def scores_of(probabilities: Array) -> Array:
    """The scores that are not exceeded with these probabilities, elementwise."""
    flat = [STANDARD.inv_cdf(share) for share in probabilities.ravel().tolist()]
    return np.array(flat).reshape(probabilities.shape)
