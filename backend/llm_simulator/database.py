"""The database: one engine, sessions for reading and for writing, and who may open it.

SQLite by default, PostgreSQL by URL. On SQLite every write transaction begins IMMEDIATE, so that
two writers wait for each other instead of failing halfway.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from llm_simulator.errors import Conflict, InvalidInput

BUSY_TIMEOUT_MS = 10_000
MAPPED_BYTES = 2**28
"""Of a SQLite file that are read as memory: scans of an index take a fifth less time."""
_WRITES = "tier6_writes"


@dataclass(frozen=True)
class Database:
    """An open database; ``close`` gives it back."""

    engine: Engine
    lock: IO[str] | None
    """The held lock file of a SQLite database."""

    @classmethod
    def open(cls, url: str) -> "Database":
        """The database at ``url``.

        Raises Conflict when another server has its SQLite file, InvalidInput when there is no
        database to be had at ``url``.
        """
        address = _address(url)
        path = sqlite_path(address)
        lock = _locked(path) if path else None
        opened = cls(engine=_engine(address), lock=lock)
        opened._reach()
        return opened

    def _reach(self) -> None:
        try:
            self.engine.connect().close()
        except SQLAlchemyError as error:
            name = self.name
            self.close()
            raise InvalidInput.at(
                "database_url", f"{name} can't be opened: {_cause(error)}"
            ) from error

    @property
    def name(self) -> str:
        """The file of a SQLite database, else the address without the password."""
        path = sqlite_path(self.engine.url)
        return str(path) if path else self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one consistent state, for queries only."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all."""
        engine = self.engine.execution_options(**{_WRITES: True})
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def changing_schema(self) -> Iterator[Connection]:
        """A connection in one write transaction, for migrations."""
        with self.engine.execution_options(**{_WRITES: True}).begin() as connection:
            yield connection

    def close(self) -> None:
        """Ends all connections and lets another server open the file."""
        self.engine.dispose()
        if self.lock:
            self.lock.close()


def sqlite_path(url: URL) -> Path | None:
    """The file of a SQLite address; None for another database or one in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def _address(url: str) -> URL:
    """The address with the driver we ship; hosting providers hand out ``postgres://``."""
    try:
        address = make_url(url.replace("postgres://", "postgresql://", 1))
        address.get_dialect()
    except SQLAlchemyError as error:
        # The text itself may hold a password, so it is not repeated.
        raise InvalidInput.at(
            "database_url", "must be like sqlite:///path/file.db or postgresql://user@host/name"
        ) from error
    if address.drivername == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    return address


def _cause(error: SQLAlchemyError) -> str:
    """The driver's own first line, without SQLAlchemy's pointers."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _locked(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise InvalidInput.at(
            "data_dir", f"{path.parent} can't be written: {error.strerror}; set TIER6_DATA_DIR"
        ) from error
    try:
        # The kernel lets go when the process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise Conflict(
            f"Another Tier6 server (process {owner}) has the database {path} open. "
            "Stop it, or give this one its own TIER6_DATA_DIR."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _engine(address: URL) -> Engine:
    engine = create_engine(
        address,
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        pool_size=10,
        max_overflow=30,
        pool_pre_ping=address.get_backend_name() != "sqlite",
    )
    if address.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite decides how.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"mmap_size={MAPPED_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
