"""Run by Alembic: by the service with a connection, by a developer with alembic.ini."""

from alembic import context
from sqlalchemy import Connection

from llm_simulator.database import Database
from llm_simulator.models import Base
from llm_simulator.settings import Settings


def migrate(connection: Connection) -> None:
    """Runs the asked-for steps in the connection's transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_configured() -> None:
    """Runs the steps on the database of the settings."""
    database = Database.open(Settings().url)
    try:
        with database.changing_schema() as connection:
            migrate(connection)
    finally:
        database.close()


if given := context.config.attributes.get("connection"):
    migrate(given)
else:
    migrate_configured()
