"""``tier6 evaluate --count``: how much an evaluation is."""

from collections.abc import Mapping
from typing import Any

import typer

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.evaluate import effort, parse_request


def print_effort(body: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints how many plans and evaluations a request has, and about how long they take."""
    found = effort(parse_request(body, builtin_catalogue()))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    chips = "" if found.candidates is None else f"{found.candidates:,} hypothetical chips, "
    typer.echo(
        f"{chips}{found.plans:,} plans, {found.evaluations:,} evaluations: "
        f"about {found.seconds:g} s on one core"
    )
