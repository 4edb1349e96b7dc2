"""The database's schema, step by step (Alembic); ``upgrade`` brings a database to the newest."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config

from llm_simulator.database import Database

FOLDER = Path(__file__).resolve().parent


def upgrade(database: Database) -> None:
    """Brings the schema to the newest step, all or nothing."""
    _run(database, command.upgrade, "head")


def downgrade(database: Database, revision: str) -> None:
    """Takes the schema back to an earlier step, all or nothing; ``base`` is before the first."""
    _run(database, command.downgrade, revision)


def _run(database: Database, move: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", FOLDER.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.changing_schema() as connection:
        config.attributes["connection"] = connection
        move(config, revision)
