"""What no other row beats."""

import numpy as np

from llm_simulator.units import Array, IntArray


def front(costs: Array) -> IntArray:
    """Rows of ``costs`` [R, K] that no other beats, ascending; equal rows all stay.

    A row is beaten by one that is nowhere worse and somewhere better.

    >>> front(np.array([[1.0, 3], [2, 2], [2, 3], [1, 3]])).tolist()
    [0, 1, 3]
    """
    if len(costs) == 0:
        return np.arange(0)
    different, number = np.unique(costs, axis=0, return_inverse=True)
    kept = np.zeros(len(different), dtype=np.bool_)
    kept[_front(different)] = True
    return np.flatnonzero(kept[number.reshape(-1)])


def undominated(group: IntArray, costs: Array) -> IntArray:
    """Rows of ``costs`` [R, K] that no row of the same ``group`` [R] beats, in ascending order.

    A row is beaten by one that is nowhere worse and somewhere better; of equal rows the first
    stays, so that pruning parts of a table and then their union gives what pruning all would.
    Columns after the second should have few distinct values: time grows with their combinations.

    >>> undominated(np.zeros(4, int), np.array([[1.0, 3], [2, 2], [2, 3], [1, 3]])).tolist()
    [0, 1]
    """
    if len(group) == 0:
        return np.arange(0)
    levels, level = np.unique(costs[:, 2:], axis=0, return_inverse=True)
    level = level.reshape(-1)
    rank = np.unique(costs[:, 1], return_inverse=True)[1]
    # Whatever beats a row stands before it; levels are in lexicographic order.
    order = np.lexsort((np.arange(len(group)), level, rank, costs[:, 0], group))
    level, number = level[order], np.unique(group[order], return_inverse=True)[1]
    # Lower from group to group, so that a running minimum starts anew with each.
    rank = rank[order] - number * (len(group) + 1)
    kept = np.ones(len(group), dtype=np.bool_)
    for own, values in enumerate(levels):
        not_worse = np.all(levels <= values, axis=1)
        rows = np.flatnonzero(not_worse[level])
        least = np.minimum.accumulate(rank[rows])
        beaten = np.zeros(len(rows), dtype=np.bool_)
        beaten[1:] = least[:-1] <= rank[rows][1:]
        kept[rows[beaten & (level[rows] == own)]] = False
    return np.sort(order[kept])


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
