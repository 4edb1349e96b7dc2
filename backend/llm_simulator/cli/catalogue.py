"""``tier6 catalogue``: what can be named in a request."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from llm_simulator.catalogue import Catalogue
from llm_simulator.catalogue.catalogue import looked_up


class Kind(StrEnum):
    """A room of the catalogue."""

    MODELS = "models"
    CHIPS = "chips"
    TOPOLOGIES = "topologies"
    WORKLOADS = "workloads"


_SINGULAR = {
    Kind.MODELS: "model",
    Kind.CHIPS: "chip",
    Kind.TOPOLOGIES: "topology",
    Kind.WORKLOADS: "workload",
}


def catalogue(
    kind: Annotated[Kind | None, typer.Argument(help="One kind only.")] = None,
    name: Annotated[str | None, typer.Argument(help="One entry, whole, as JSON.")] = None,
) -> None:
    """List the named models, chips, topologies and workloads, or print one with its source."""
    entries = Catalogue.builtin()
    if kind is not None and name is not None:
        found = looked_up(getattr(entries, kind.value), _SINGULAR[kind], name)
        typer.echo(json.dumps(found.as_json(), indent=2))
        return
    for room in [kind] if kind else list(Kind):
        _print(room, getattr(entries, room.value))


def _print(kind: Kind, entries: Any) -> None:
    table = Table(title=kind.value, title_justify="left", box=None)
    for column in ("name", "title", "source"):
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for entry in entries.values():
        names = ", ".join((entry.name, *entry.aliases))
        table.add_row(names, entry.title, entry.source)
    Console().print(table)
