"""What no other row beats."""

import numpy as np

from llm_simulator.units import Array, IntArray


def undominated(group: IntArray, costs: Array) -> IntArray:
    """Rows of ``costs`` [R, K] that no row of the same ``group`` [R] beats, in ascending order.

    A row is beaten by one that is nowhere worse and somewhere better; of equal rows the first
    stays, so that pruning parts of a table and then their union gives what pruning all would.

    >>> undominated(np.zeros(4, int), np.array([[1.0, 3], [2, 2], [2, 3], [1, 3]])).tolist()
    [0, 1]
    """
    if len(group) == 0:
        return np.arange(0)
    order = np.lexsort((np.arange(len(group)), costs[:, 0], group))
    edges = np.flatnonzero(np.diff(group[order])) + 1
    fronts = [rows[_front(costs[rows])] for rows in np.split(order, edges)]
    return np.sort(np.concatenate(fronts))


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
