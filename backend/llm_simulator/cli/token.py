"""``tier6 token``: who may use a service that others can reach."""

from typing import Annotated

import typer

from llm_simulator.security.tokens import TokenFile

Name = Annotated[
    str,
    typer.Argument(help="Whose token it is: a person, a script, a machine.", metavar="NAME"),
]

app = typer.Typer(name="token", help="Create, list and revoke API tokens.", no_args_is_help=True)


@app.command()
def create(name: Name) -> None:
    """Print a new token; it is stored only as a hash and can't be shown again."""
    typer.echo(_tokens().create(name))


@app.command("list")
def listed() -> None:
    """List the tokens: when each was created, the start of its hash, its name."""
    for record in _tokens().records():
        typer.echo(f"{record.created_at:%Y-%m-%d %H:%M}  {record.sha256[:8]}  {record.name}")


@app.command()
def revoke(name: Name) -> None:
    """Make a token useless, at once and also for a running service."""
    _tokens().revoke(name)


def _tokens() -> TokenFile:
    # Imported here: other commands need not wait for it.
    from llm_simulator.settings import settings_of

    return TokenFile(settings_of().data_dir)
