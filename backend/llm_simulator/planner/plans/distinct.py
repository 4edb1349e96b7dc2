"""Rows that are alike: found without sorting, computed once, given back to all."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from llm_simulator.units import Array, Count, IntArray

LARGEST_TABLE = 1 << 20
"""Places of a look-up table at most: a few megabytes. With more possible kinds, rows are sorted."""


@dataclass(frozen=True)
class Distinct:
    """Which rows of a table are alike."""

    first: IntArray
    """A row of each kind; shape [K]."""
    kind: IntArray
    """The kind of each row; shape [P]."""

    @property
    def all_differ(self) -> bool:
        """Whether each row is known to be a kind of its own."""
        return self.kind is self.first

    def spread(self, column: Count) -> Any:
        """What each row gets of a ``column`` over kinds (last axis), or of a figure for all."""
        if self.all_differ or np.ndim(column) == 0:
            return column
        return np.take(column, self.kind, axis=-1)


def all_different(rows: int) -> Distinct:
    """Each row is a kind of its own."""
    numbers = np.arange(rows)
    return Distinct(numbers, numbers)


def distinct(*columns: Array | IntArray) -> Distinct:
    """Rows that agree in all ``columns``, each of shape [P], fall into one kind.

    >>> alike = distinct(np.array([8, 4, 8]), np.array([1.5, 1.5, 1.5]))
    >>> alike.kind.tolist(), alike.first.tolist()
    ([1, 0, 1], [1, 2])
    """
    if len(columns[0]) == 1:
        return all_different(1)
    code, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        part, values = numbered(column)
        if size * values > LARGEST_TABLE:
            code, size = _compact(code, size)
        code, size = code * values + part, size * values
    code, size = _compact(code, size)
    first = np.empty(size, dtype=np.int64)
    first[code] = np.arange(len(code))
    return Distinct(first, code)


def numbered(column: Array | IntArray) -> tuple[IntArray, int]:
    """A number for each row in the order of their values, equal for equal ones, and one more than
    the largest number."""
    if len(column) == 0 or column.min() == column.max():
        return np.zeros(len(column), dtype=np.int64), 1
    whole = column.astype(np.int64)
    if column.dtype.kind != "i" and not np.array_equal(whole, column):
        values, number = np.unique(column, return_inverse=True)
        return number, len(values)
    low = int(whole.min())
    return _compact(whole - low, int(whole.max()) - low + 1)


def _compact(code: IntArray, size: int) -> tuple[IntArray, int]:
    """The same kinds, numbered without gaps."""
    if size > LARGEST_TABLE:
        values, number = np.unique(code, return_inverse=True)
        return number, len(values)
    present = np.zeros(size, dtype=np.bool_)
    present[code] = True
    kinds = np.flatnonzero(present)
    number = np.empty(size, dtype=np.int64)
    number[kinds] = np.arange(len(kinds))
    return number[code], len(kinds)
