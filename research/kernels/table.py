"""Tables of measured kernels: Parquet or CSV files, checked when they are read."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_simulator.errors import InvalidInput
from llm_simulator.units import Array

Column = NDArray[Any]

TIME = "latency"
"""Column of every table: milliseconds of one call."""
KERNEL = "kernel_source"
"""Column, where there is one: name of the kernel that ran."""


@dataclass(frozen=True)
class Table:
    """Columns by name, all of one length."""

    name: str
    columns: dict[str, Column]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def numbers(self, column: str) -> Array:
        """A column of positive numbers; raises InvalidInput naming table and column."""
        values = self._column(column)
        try:
            numbers = values.astype(float)
        except ValueError as error:
            raise self._problem(column, "must be numbers") from error
        bad = numbers[~(np.isfinite(numbers) & (numbers >= 0))]
        if len(bad):
            raise self._problem(column, f"must be numbers of at least 0, not {bad[0]:g}")
        return numbers

    def seconds(self) -> Array:
        """The measured times; raises InvalidInput when one is missing or not positive."""
        times = self.numbers(TIME)
        if np.any(times == 0):
            raise self._problem(TIME, "must be milliseconds above 0, not 0")
        return times * 1e-3

    def texts(self, column: str) -> Column:
        """A column of names."""
        return self._column(column).astype(str)

    def has(self, column: str) -> bool:
        """Whether there is such a column."""
        return column in self.columns

    def where(self, rows: Column) -> "Table":
        """The table of the rows that ``rows`` is true for."""
        return Table(self.name, {name: values[rows] for name, values in self.columns.items()})

    def of_main_kernel(self) -> "Table":
        """The rows of the kernel that most rows are of: others stand in for odd shapes."""
        if not self.has(KERNEL):
            return self
        kernels = self.texts(KERNEL)
        names, counts = np.unique(kernels, return_counts=True)
        return self.where(kernels == names[np.argmax(counts)])

    def _column(self, column: str) -> Column:
        if column not in self.columns:
            known = ", ".join(sorted(self.columns))
            raise self._problem(column, f"is missing; the table has {known}")
        return self.columns[column]

    def _problem(self, column: str, message: str) -> InvalidInput:
        return InvalidInput.at(f"{self.name}.{column}", message)


def read_table(path: Path) -> Table:
    """The table in a ``.parquet`` or ``.csv`` file.

    Raises InvalidInput when it has no rows or when Parquet can't be read here.
    """
    rows = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    table = Table(path.stem, rows)
    if not len(table):
        raise InvalidInput.at(path.stem, f"{path.name} has no rows")
    return table


def _csv(path: Path) -> dict[str, Column]:
    with path.open(newline="", encoding="utf-8") as file:
        lines: Sequence[dict[str, str]] = list(csv.DictReader(file))
    names = lines[0].keys() if lines else ()
    return {name: np.array([line[name] for line in lines]) for name in names}


def _parquet(path: Path) -> dict[str, Column]:
    try:
        # Read at the edge only: serving and planning need no Parquet.
        parquet = import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise InvalidInput.at(
            "tables",
            f"{path.name} needs pyarrow to be read: install 'tier6[calibrate]', "
            "or give the tables as CSV files with the same columns",
        ) from error
    try:
        read = parquet.read_table(path)
    except (OSError, ValueError) as error:
        raise InvalidInput.at("tables", f"{path.name} is not a Parquet file") from error
    return {name: read.column(name).to_numpy(zero_copy_only=False) for name in read.column_names}
