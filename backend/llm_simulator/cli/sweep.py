"""A sweep's points as a table in a terminal, or as CSV."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from llm_simulator.cli.plan_names import degrees_name, engine_initials
from llm_simulator.planner.results.sweep_table import SweepPoint, SweepTable

WIDTH = 140
"""Characters that two axes and all figures take."""
_FIGURES = (
    ("chips", "chips", "d"),
    ("batch", "batch_size", "d"),
    ("tok/s", "throughput", ".0f"),
    ("tok/s/chip", "tps_per_chip", ".1f"),
    ("TTFT ms", "ttft", ".1f"),
    ("TPOT ms", "tpot", ".2f"),
)


def print_sweep(table: SweepTable, console: Console) -> None:
    """Prints one row per point; the best one is marked."""
    shown = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False)
    for axis in table.axes:
        shown.add_column(axis.field.rpartition(".")[2], no_wrap=True)
    shown.add_column("plan", no_wrap=True)
    shown.add_column("engines", no_wrap=True)
    for header, _, _ in _FIGURES:
        shown.add_column(header, justify="right", no_wrap=True)
    shown.add_column("", no_wrap=True)
    for point in table.points:
        labels = (axis.labels[at] for axis, at in zip(table.axes, point.index, strict=True))
        shown.add_row(*labels, *_cells(point), "best" if point.index == table.best else "")
    console.width = max(console.width, WIDTH)
    console.print(shown)


def _cells(point: SweepPoint) -> Iterator[str]:
    yield degrees_name(point.parallelism)
    yield engine_initials(point.engines)
    if not point.feasible:
        yield from (point.reason_code or "", *[""] * (len(_FIGURES) - 1))
        return
    for _, name, form in _FIGURES:
        yield format(getattr(point, name), form)


def sweep_csv(table: SweepTable) -> str:
    """One line per point: its values, then every figure; degrees have their own columns."""
    axes = [axis.field for axis in table.axes]
    rows = [_row(table, point) for point in table.points]
    text = io.StringIO()
    writer = csv.DictWriter(text, [*axes, *(name for name in rows[0] if name not in axes)])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(table: SweepTable, point: SweepPoint) -> dict[str, Any]:
    values = {axis.field: axis.labels[at] for axis, at in zip(table.axes, point.index, strict=True)}
    figures = point.model_dump(mode="json")
    degrees = figures.pop("parallelism")
    figures.pop("index")
    figures["engines"] = " ".join(point.engines or ())
    return {**values, **degrees, **figures}
