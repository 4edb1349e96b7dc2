"""``tier6 evaluate --count``: how much an evaluation is."""

from collections.abc import Mapping
from typing import Any

import typer

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.evaluate import layout, parse_request
from llm_simulator.planner.results.effort import effort_of


def print_effort(body: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints how many plans and evaluations a request has, and about how long they take."""
    effort = effort_of(layout(parse_request(body, builtin_catalogue())))
    if as_json:
        typer.echo(effort.model_dump_json(indent=2))
        return
    typer.echo(
        f"{effort.plans:,} plans, {effort.evaluations:,} evaluations: "
        f"about {effort.seconds:g} s on one core"
    )
