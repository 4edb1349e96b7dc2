"""The commands, put together; one sentence and exit code 2 for what a user can mend."""

import sys

import typer

from llm_simulator import __version__
from llm_simulator.cli.calibrate import calibrate
from llm_simulator.cli.catalogue import catalogue
from llm_simulator.cli.evaluate import evaluate
from llm_simulator.cli.serve import serve
from llm_simulator.cli.token import app as token
from llm_simulator.cli.validate import validate
from llm_simulator.errors import InvalidInput, Tier6Error

app = typer.Typer(
    name="tier6",
    help="Which parallel plan, on which chips and topology, serves this model, and how fast.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(evaluate)
app.command()(serve)
app.command()(catalogue)
app.command()(validate)
app.command()(calibrate)
app.add_typer(token)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Runs the command line; the program's exit code is its result."""
    try:
        app()
    except InvalidInput as error:
        for problem in error.problems:
            typer.echo(f"{problem.field}: {problem.message}", err=True)
        sys.exit(2)
    except Tier6Error as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
