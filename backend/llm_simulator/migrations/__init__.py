"""The database's schema, step by step (Alembic); ``upgrade`` brings a database to the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from llm_simulator.database import Database

FOLDER = Path(__file__).resolve().parent


def upgrade(database: Database) -> None:
    """Brings the schema to the newest step, all or nothing."""
    config = Config()
    config.set_main_option("script_location", FOLDER.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.changing_schema() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
