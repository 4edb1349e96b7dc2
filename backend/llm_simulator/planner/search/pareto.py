"""What no other row beats."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.distinct import distinct, numbered
from llm_simulator.units import Array, IntArray

COMPARED_AT_ONCE = 2_000_000
"""Figures compared in one go: bounds the memory."""

BLOCK = 128
"""Rows compared with all before them in one go."""


def front(costs: Array) -> IntArray:
    """Rows of ``costs`` [R, K] that no other beats, ascending; equal rows all stay.

    A row is beaten by one that is nowhere worse and somewhere better.

    >>> front(np.array([[1.0, 3], [2, 2], [2, 3], [1, 3]])).tolist()
    [0, 1, 3]
    """
    if len(costs) == 0:
        return np.arange(0)
    order = np.lexsort(costs.T[::-1])
    ordered = costs[order]
    # Equal rows follow each other: the first of them decides for all.
    new = np.concatenate(([True], np.any(ordered[1:] != ordered[:-1], axis=1)))
    different = ordered[new]
    kept = np.zeros(len(different), dtype=np.bool_)
    kept[_staircase(different) if costs.shape[1] == 2 else _front(different)] = True
    return np.sort(order[kept[np.cumsum(new) - 1]])


def beaten(scores: Array, points: Array) -> NDArray[np.bool_]:
    """Whether some of ``points`` [F, K] is nowhere below and somewhere above ``scores`` [R, K].

    >>> beaten(np.array([[1.0, 1], [2, 2], [3, 0]]), np.array([[2.0, 2]])).tolist()
    [True, False, False]
    """
    if len(points) == 0 or len(scores) == 0:
        return np.zeros(len(scores), dtype=np.bool_)
    if scores.shape[1] == 2:
        return _below_staircase(scores, points)
    found = np.empty(len(scores), dtype=np.bool_)
    step = max(COMPARED_AT_ONCE // points.size, 1)
    for at in range(0, len(scores), step):
        some = scores[at : at + step]
        nowhere_below = np.ones((len(some), len(points)), dtype=np.bool_)
        somewhere_above = ~nowhere_below
        # Figure by figure: few figures are compared, of many rows.
        for figure, point in zip(some.T, points.T, strict=True):
            nowhere_below &= point >= figure[:, None]
            somewhere_above |= point > figure[:, None]
        found[at : at + step] = (nowhere_below & somewhere_above).any(axis=1)
    return found


def _below_staircase(scores: Array, points: Array) -> NDArray[np.bool_]:
    """The same for two columns: the highest second score among points far enough in the first."""
    order = np.argsort(points[:, 0])
    first = points[order, 0]
    highest = np.append(np.maximum.accumulate(points[order, 1][::-1])[::-1], -np.inf)
    as_far = highest[np.searchsorted(first, scores[:, 0], side="left")]
    farther = highest[np.searchsorted(first, scores[:, 0], side="right")]
    return (as_far > scores[:, 1]) | (farther >= scores[:, 1])


def _staircase(costs: Array) -> IntArray:
    """The undominated rows of two columns in lexicographic order, all different."""
    least = np.minimum.accumulate(costs[:, 1])
    return np.flatnonzero(np.concatenate(([True], costs[1:, 1] < least[:-1])))


def undominated(group: IntArray, costs: Array) -> IntArray:
    """Rows of ``costs`` [R, K] that no row of the same ``group`` [R] beats, in ascending order.

    A row is beaten by one that is nowhere worse and somewhere better; of equal rows the first
    stays, so that pruning parts of a table and then their union gives what pruning all would.
    Columns after the second should have few distinct values: most rows are beaten by one that
    agrees in them, which a sweep finds; those left are compared with each other.

    >>> undominated(np.zeros(4, int), np.array([[1.0, 3], [2, 2], [2, 3], [1, 3]])).tolist()
    [0, 1]
    """
    if len(group) == 0:
        return np.arange(0)
    ranks, sizes = zip(*(numbered(column) for column in (group, *costs.T)), strict=True)
    number, _, second, *others = ranks
    # Whatever beats a row of its group stands before it.
    order = np.lexsort(
        (np.ravel_multi_index(ranks[2:], sizes[2:]), np.ravel_multi_index(ranks[:2], sizes[:2]))
    )
    alike = distinct(number, *others).kind[order]
    sweep = np.argsort(alike, kind="stable")
    heights = _apart(alike[sweep], second[order][sweep])
    rows = order[np.sort(sweep[~_not_below_all_before(heights)])]
    figures = (_apart(number[rows], second[rows]), *(other[rows] for other in others))
    return np.sort(rows[~_above_one_before(figures, number[rows])])


def _apart(group: IntArray, rank: IntArray) -> IntArray:
    """Ranks, lower from group to group so that none is above one of a group before it."""
    number = np.cumsum(np.concatenate(([0], group[1:] != group[:-1])))
    return rank - number * (int(rank.max()) + 1)


def _not_below_all_before(heights: IntArray) -> NDArray[np.bool_]:
    """Whether a row is at least as high as some row before it."""
    found = np.zeros(len(heights), dtype=np.bool_)
    found[1:] = np.minimum.accumulate(heights)[:-1] <= heights[1:]
    return found


def _above_one_before(figures: Sequence[IntArray], group: IntArray) -> NDArray[np.bool_]:
    """Whether a row is nowhere below some row before it of its ``group`` [R]; the first of the
    ``figures`` is apart from group to group."""
    narrow = [figure.astype(np.int32) for figure in figures]
    found = np.zeros(len(group), dtype=np.bool_)
    for at in range(0, len(group), BLOCK):
        start, end = int(np.searchsorted(group, group[at])), min(at + BLOCK, len(group))
        above = np.tri(end - at, end - start, at - start - 1, dtype=np.bool_)
        for figure in narrow:
            above &= figure[start:end] <= figure[at:end, None]
        found[at:end] = above.any(axis=1)
    return found


def _front(costs: Array) -> IntArray:
    """The undominated rows: each survivor in turn removes what it beats or equals."""
    rows = np.arange(len(costs))
    at = 0
    while at < len(rows):
        stays = np.any(costs[rows] < costs[rows[at]], axis=1)
        stays[at] = True
        at = int(np.count_nonzero(stays[:at])) + 1
        rows = rows[stays]
    return rows
