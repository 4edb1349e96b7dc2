"""The database's schema, step by step (Alembic); ``upgrade`` brings a database to the newest."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from llm_simulator.database import SILENT, Database, cause_of, trouble_of
from llm_simulator.errors import Conflict

FOLDER = Path(__file__).resolve().parent


def upgrade(database: Database) -> None:
    """Brings the schema to the newest step, all or nothing.

    Raises Conflict when the stored schema is not one that this version can start from.
    """
    _run(database, command.upgrade, "head")


def downgrade(database: Database, revision: str) -> None:
    """Takes the schema back to an earlier step, all or nothing; ``base`` is before the first."""
    _run(database, command.downgrade, revision)


def _run(database: Database, move: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", FOLDER.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        with database.changing_schema() as connection:
            _refuse_unknown(connection, config, database.name)
            config.attributes["connection"] = connection
            move(config, revision)
    except SQLAlchemyError as error:
        trouble = trouble_of(error)
        raise Conflict(
            f"The tables of {database.name} can't be brought to this version's schema: "
            f"{cause_of(error) if trouble == SILENT else trouble}"
        ) from error


def _refuse_unknown(connection: Connection, config: Config, name: str) -> None:
    """Raises Conflict when the schema is of a step that this version has not heard of."""
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    for stored in set(MigrationContext.configure(connection).get_current_heads()) - known:
        raise Conflict(
            f"{name} has schema step '{stored}', which this version does not know: a newer Tier6 "
            "made it. Start that version, or restore a backup made with this one."
        )
