"""``tier6 catalogue``: what can be named in a request."""

import json
import os
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import NotFound
from llm_simulator.planner.requests.calibrations import CalibrationFile, Residuals
from llm_simulator.planner.requests.catalogue import Catalogue, looked_up
from llm_simulator.units import GIGA


class CatalogueKind(StrEnum):
    """What the catalogue has entries of."""

    MODELS = "models"
    CHIPS = "chips"
    TOPOLOGIES = "topologies"
    WORKLOADS = "workloads"
    CALIBRATIONS = "calibrations"


_SINGULAR = {
    CatalogueKind.MODELS: "model",
    CatalogueKind.CHIPS: "chip",
    CatalogueKind.TOPOLOGIES: "topology",
    CatalogueKind.WORKLOADS: "workload",
}


def catalogue(
    kind: Annotated[CatalogueKind | None, typer.Argument(help="One kind only.")] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One entry, whole.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON for scripts: base units, every alias.")
    ] = False,
) -> None:
    """List the named models, chips, topologies and workloads, or print one as JSON.

    Calibrations are listed by engine, chip and model with their measured errors.
    """
    entries = builtin_catalogue()
    if kind is CatalogueKind.CALIBRATIONS:
        _show_calibrations(entries, name, as_json=as_json)
    elif kind is not None and name is not None:
        found = looked_up(getattr(entries, kind.value), _SINGULAR[kind], name)
        _print_json(found.as_json())
    elif as_json:
        _print_json(
            _summaries(entries, kind) if kind else {k: _summaries(entries, k) for k in _SINGULAR}
        )
    else:
        for room in [kind] if kind else list(_SINGULAR):
            _print(room, getattr(entries, room.value))


def _print_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2))


def _summaries(entries: Catalogue, kind: CatalogueKind) -> list[dict[str, Any]]:
    """Of each entry of a kind what its list shows and more, in base units."""
    return [entry.summary() for entry in getattr(entries, kind.value).values()]


def _highest_peak(peaks: dict[str, float]) -> str:
    unit = max(peaks, key=lambda name: peaks[name])
    return f"{peaks[unit] / 1e12:,.0f} {unit}"


def _cents(usd: float | None) -> str:
    return "-" if usd is None else f"{usd:.2f}"


def _thousands(tokens: int | None) -> str:
    return "-" if tokens is None else f"{tokens / 1024:,.0f}k"


_COLUMNS: dict[CatalogueKind, dict[str, Callable[[dict[str, Any]], str]]] = {
    CatalogueKind.MODELS: {
        "parameters": lambda entry: f"{entry['parameters'] / GIGA:,.1f} B",
        "active": lambda entry: f"{entry['active_parameters'] / GIGA:,.1f} B",
        "format": lambda entry: entry["expert_weight_dtype"] or entry["weight_dtype"],
        "context": lambda entry: _thousands(entry["max_position_embeddings"]),
    },
    CatalogueKind.CHIPS: {
        "memory": lambda entry: f"{entry['memory_capacity'] / GIGA:.1f} GB",
        "GB/s": lambda entry: f"{entry['memory_bandwidth'] / GIGA:,.0f}",
        "bf16 TFLOP/s": lambda entry: f"{entry['peak_flops']['bf16'] / 1e12:,.0f}",
        "highest": lambda entry: _highest_peak(entry["peak_flops"]),
        "TDP": lambda entry: f"{entry['tdp']:,.0f} W" if entry["tdp"] else "-",
        "USD/h": lambda entry: _cents(entry["price_usd_per_hour"]),
    },
    CatalogueKind.TOPOLOGIES: {"chips": lambda entry: f"{entry['chips']:,}"},
}


_SOURCES: dict[CatalogueKind, dict[str, Callable[[dict[str, Any]], str]]] = {
    CatalogueKind.CHIPS: {
        "price's source": lambda entry: entry["price_source"] or "no public price found",
    },
}
"""Columns beside the source of the rest, cut to the line as it is."""
PIPE_WIDTH = 400
"""Columns where no terminal shows the table: no source is cut to nothing."""


def _print(kind: CatalogueKind, entries: Any) -> None:
    """A line per entry, sources cut to the line; the whole entry has aliases and all figures."""
    figures = _COLUMNS.get(kind, {})
    sources = _SOURCES.get(kind, {}) | {"source": lambda entry: entry["source"]}
    table = Table(title=kind.value, title_justify="left", box=None)
    table.add_column("name", no_wrap=True)
    for column in figures:
        table.add_column(column, justify="right", no_wrap=True)
    for column in sources:
        table.add_column(column)
    for entry in entries.values():
        summary = entry.summary()
        shown = (figure(summary) for figure in figures.values())
        cited = (_on_one_line(source(summary)) for source in sources.values())
        table.add_row(entry.name, *shown, *cited)
    narrow = "COLUMNS" in os.environ or Console().is_terminal
    Console(width=None if narrow else PIPE_WIDTH).print(table)


def _on_one_line(source: str) -> Text:
    return Text(source, no_wrap=True, overflow="ellipsis")


def _show_calibrations(entries: Catalogue, name: str | None, *, as_json: bool) -> None:
    """The measured errors of the subjects with ``name`` in theirs, file by file."""
    files = [(file, _measured(file, name)) for file in entries.calibrations.files]
    files = [(file, residuals) for file, residuals in files if residuals]
    if not files:
        raise NotFound(f"No calibration of '{name}'; tier6 catalogue calibrations lists them.")
    if as_json:
        _print_json([_calibration_as_json(*each) for each in files])
    else:
        Console().print(*(_calibration(*each) for each in files))


def _measured(file: CalibrationFile, name: str | None) -> list[Residuals]:
    return [each for each in file.residuals if name is None or name in _subject(each)]


def _subject(residuals: Residuals) -> str:
    return residuals.subject.named() or "all"


def _calibration_as_json(file: CalibrationFile, residuals: list[Residuals]) -> dict[str, Any]:
    """Where a file is from and its errors: shares, mean and median."""
    head = {"title": file.title, "source": file.source, "entered": file.entered}
    return head | {
        "residuals": [each.model_dump(mode="json", exclude_none=True) for each in residuals]
    }


def _calibration(file: CalibrationFile, residuals: list[Residuals]) -> Table:
    title = f"{file.title}: {file.source}, {file.entered}"
    table = Table(title=title, title_justify="left", box=None)
    for column in ("subject", "provenance", "runs", "TPOT mean", "median", "TTFT mean", "median"):
        table.add_column(column, justify="left" if column == "subject" else "right")
    for each in residuals:
        shares = [f"{100 * off:.1f} %" for off in (*each.tpot_error, *each.ttft_error)]
        table.add_row(_subject(each), each.provenance, str(each.runs), *shares)
    return table
