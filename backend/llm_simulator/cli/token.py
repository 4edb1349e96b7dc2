"""``tier6 token``: who may use a service that others can reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from llm_simulator.security.tokens import TokenStore

Name = Annotated[
    str,
    typer.Argument(help="Whose token it is: a person, a script, a machine.", metavar="NAME"),
]

Switch = Annotated[str, typer.Argument(help="on or off.", metavar="on|off")]

token = typer.Typer(
    name="token",
    help="Create, list and revoke API tokens.",
    no_args_is_help=True,
    add_completion=False,
)


@token.command()
def create(name: Name) -> None:
    """Print a new token; it is stored only as a hash and can't be shown again.

    The first one guards the service: from then on every request needs a token.
    """
    if not name.strip() or not name.isprintable():
        raise typer.BadParameter("a name in one line is needed")
    with _tokens() as tokens:
        typer.echo(tokens.create(name))


@token.command("list")
def listed() -> None:
    """List the tokens: when each was created, the start of its hash, its name."""
    with _tokens() as tokens:
        for record in tokens.records():
            typer.echo(f"{record.created_at:%Y-%m-%d %H:%M}  {record.sha256[:8]}  {record.name}")


@token.command()
def revoke(name: Name) -> None:
    """Make a token useless, within a second and also for running services."""
    with _tokens() as tokens:
        tokens.revoke(name)
        if not tokens.records():
            typer.echo("No token is left, and nobody gets in; tier6 token guard off ends that.")


@token.command()
def guard(switch: Switch) -> None:
    """Say whether requests from this machine itself need a token; others always do."""
    if switch not in ("on", "off"):
        raise typer.BadParameter("say on or off")
    with _tokens() as tokens:
        tokens.guard(wanted=switch == "on")


@contextmanager
def _tokens() -> "Iterator[TokenStore]":
    """The tokens of the settings' database, whether or not a server has it open."""
    # Imported here: other commands need not wait for it.
    from sqlalchemy.exc import SQLAlchemyError

    from llm_simulator.database import Database, cause_of
    from llm_simulator.errors import Conflict, Tier6Error
    from llm_simulator.migrations import upgrade
    from llm_simulator.security.tokens import TokenStore
    from llm_simulator.settings import settings_of

    settings = settings_of()
    try:
        database = Database.open(settings.url)
        upgrade(database)
    except Conflict:
        # The server that has the file open has brought it to its schema.
        database = Database.open(settings.url, alone=False)
    try:
        store = TokenStore(database)
        store.import_file(settings.data_dir)
        yield store
    except SQLAlchemyError as error:
        raise Tier6Error(f"{database.name}: {cause_of(error)}") from error
    finally:
        database.close()
