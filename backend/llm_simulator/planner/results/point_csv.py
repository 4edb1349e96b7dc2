"""Feasible points as CSV: a line for each, latencies in ms."""

import csv
import io
from collections.abc import Iterator

import numpy as np

from llm_simulator.planner.results.points import PointTable

LINES_AT_ONCE = 5_000


def points_csv(points: PointTable) -> Iterator[str]:
    """A header, then the points part by part; what is not known is left empty."""
    columns = points.columns()
    if not columns:
        return
    yield _lines([[*columns]])
    for start in range(0, points.layout.points, LINES_AT_ONCE):
        part = slice(start, start + LINES_AT_ONCE)
        cells = [
            ["" if value != value else f"{value:.6g}" for value in column[part].tolist()]
            if np.issubdtype(column.dtype, np.floating)
            else column[part].tolist()
            for column in columns.values()
        ]
        yield _lines([*zip(*cells, strict=True)])


def _lines(rows: list[list[str]] | list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
