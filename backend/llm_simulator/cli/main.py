"""The commands, put together; one sentence and exit code 2 for what a user can mend."""

import io
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand

from llm_simulator import __version__
from llm_simulator.errors import InvalidInput, Tier6Error

_COMMANDS = {
    "evaluate": "Print the ranked plans for a model on a cluster under a load.",
    "explain": "Explain one plan: why it is as fast as it is, and what would make it fit.",
    "explore": "Find the best plan of hypothetical chips, and the price below which each wins.",
    "serve": "Serve API, WebSocket and web page on http://127.0.0.1:8001.",
    "catalogue": "List the named models, chips, topologies and workloads.",
    "validate": "Print how far predictions are off your measurements.",
    "calibrate": "Fit the model to your measurements.",
    "token": "Create, list and revoke API tokens.",
}
"""Each is the function, or the group of commands, of that name in its module of that name."""


class _OnDemand(TyperCommand):
    """A command whose module is imported when it is run: listing it needs none of it."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """The context of the command itself, which is run in place of this one."""
        found = getattr(import_module(f"llm_simulator.cli.{self.name}"), str(self.name))
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(self.name)(found)
            found = alone
        return typer.main.get_command(found).make_context(info_name, args, parent, **extra)


app = typer.Typer(
    name="tier6",
    help="Which parallel plan, on which chips and topology, serves this model, and how fast.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _name, _help in _COMMANDS.items():
    app.command(_name, cls=_OnDemand, help=_help)(lambda: None)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Runs the command line; the program's exit code is its result."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows only ASCII gets the other characters by their numbers.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except InvalidInput as error:
        for problem in error.problems:
            typer.echo(f"{problem.field}: {problem.message}", err=True)
        sys.exit(2)
    except Tier6Error as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
