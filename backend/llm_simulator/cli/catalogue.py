"""``tier6 catalogue``: what can be named in a request."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import NotFound
from llm_simulator.planner.requests.calibrations import CalibrationFile
from llm_simulator.planner.requests.catalogue import Catalogue, looked_up


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
) -> None:
    """List the named models, chips, topologies and workloads, or print one as JSON.

    Calibrations are listed by engine, chip and model with their measured errors.
    """
    entries = builtin_catalogue()
    if kind is CatalogueKind.CALIBRATIONS:
        _print_calibrations(entries, name)
        return
    if kind is not None and name is not None:
        found = looked_up(getattr(entries, kind.value), _SINGULAR[kind], name)
        typer.echo(json.dumps(found.as_json(), indent=2))
        return
    for room in [kind] if kind else list(_SINGULAR):
        _print(room, getattr(entries, room.value))


def _print(kind: CatalogueKind, entries: Any) -> None:
    table = Table(title=kind.value, title_justify="left", box=None)
    for column in ("name", "title", "source"):
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for entry in entries.values():
        names = ", ".join((entry.name, *entry.aliases))
        table.add_row(names, entry.title, entry.source)
    Console().print(table)


def _print_calibrations(entries: Catalogue, name: str | None) -> None:
    tables = [_calibration(file, name) for file in entries.calibrations.files]
    if not any(table.row_count for table in tables):
        raise NotFound(f"No calibration of '{name}'; tier6 catalogue calibrations lists them.")
    Console().print(*(table for table in tables if table.row_count))


def _calibration(file: CalibrationFile, name: str | None) -> Table:
    """The measured errors of the subjects with ``name`` in theirs."""
    title = f"{file.title}: {file.source}, {file.entered}"
    table = Table(title=title, title_justify="left", box=None)
    for column in ("subject", "provenance", "runs", "TPOT mean", "median", "TTFT mean", "median"):
        table.add_column(column, justify="left" if column == "subject" else "right")
    for item in file.residuals:
        subject = item.subject.named() or "all"
        if name is None or name in subject:
            shares = [f"{100 * off:.1f} %" for off in (*item.tpot_error, *item.ttft_error)]
            table.add_row(subject, item.provenance, str(item.runs), *shares)
    return table
