"""The database: one engine, sessions for reading and for writing, and who may open it.

SQLite by default, PostgreSQL by URL. On SQLite every write transaction begins IMMEDIATE, so that
two writers wait for each other instead of failing halfway.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import IO, Any, cast

import orjson
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

from llm_simulator.errors import Conflict, InvalidInput

UNREACHABLE = (OperationalError, InterfaceError)
"""What is raised when the database can't do at the moment what it otherwise could."""
BUSY_TIMEOUT_MS = 10_000
IDLE_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_SECONDS = 10
POOL_SIZE, POOL_OVERFLOW = 10, 30
"""Connections for requests: as many as there are threads that serve them."""
MAPPED_BYTES = 2**28
"""Of a SQLite file that are read as memory: scans of an index take a fifth less time."""
SILENT = "The database does not answer."
TROUBLES = {
    "is full": "The disk that holds the database is full; free some space.",
    "no space left": "The disk that holds the database is full; free some space.",
    "is locked": "Another process holds the database's write lock.",
    "readonly": "The database's files can't be written; make them writable for the server.",
    "read-only": "The database takes no changes; it is read-only.",
    "i/o error": "The database's files can't be read or written.",
}
"""What the drivers' words mean to whoever looks after the server."""
DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""The drivers we ship by what an address may say; hosting providers hand out ``postgres://``."""
ADDRESS = "must be like sqlite:////path/file.db or postgresql://user:password@host/name"
MIGRATION_LOCK = 0x7469657236
"""Held on PostgreSQL by the one server that changes the schema: "tier6" as a number."""
_WRITES = "tier6_writes"
_DURABLE = "tier6_durable"


@dataclass
class WriteHealth:
    """Whether changes can be written; shared by all pools of one database."""

    trouble: str | None = None


@dataclass
class Database:
    """An open database; ``close`` gives it back."""

    engine: Engine
    lock: IO[str] | None = None
    """The held lock file of a SQLite database."""
    health: WriteHealth = field(default_factory=WriteHealth)

    @classmethod
    def open(cls, url: str, *, alone: bool = True) -> "Database":
        """The database at ``url``; a server has a SQLite file ``alone``, a short command need not.

        Raises Conflict when another server has its SQLite file, InvalidInput when there is no
        database to be had at ``url``.
        """
        address = _address(url)
        path = sqlite_path(address)
        lock = _locked(path) if path and alone else None
        opened = cls(_engine(address, POOL_SIZE, POOL_OVERFLOW), lock)
        opened._reach()
        return opened

    def with_own_pool(self, size: int) -> "Database":
        """The same database with ``size`` connections that nobody else can use up.

        It has to be closed before this one.
        """
        return Database(_engine(self.engine.url, size, 0), health=self.health)

    @property
    def trouble(self) -> str | None:
        """Why the last change could not be written, a sentence; None when it was."""
        return self.health.trouble

    def _reach(self) -> None:
        try:
            self.engine.connect().close()
        except SQLAlchemyError as error:
            name = self.name
            self.close()
            raise InvalidInput.at(
                "database_url", f"{name} can't be opened: {cause_of(error)}"
            ) from error

    @property
    def shared(self) -> bool:
        """Whether several servers may have it open at once: PostgreSQL."""
        return self.engine.dialect.name == "postgresql"

    @property
    def name(self) -> str:
        """The file of a SQLite database, else the address without the password."""
        path = sqlite_path(self.engine.url)
        return str(path) if path else self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one consistent state, for queries only."""
        with Session(self._for_reading, expire_on_commit=False) as session:
            yield session

    @cached_property
    def _for_reading(self) -> Engine:
        if not self.shared:
            return self.engine
        # By default every statement of PostgreSQL sees what was committed until it began.
        return self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all.

        A kill of the server never costs a committed change; what is not ``durable`` may be lost
        in the last moments before the machine itself loses power, and needs no wait for the disk.
        """
        engine = self.engine.execution_options(**{_WRITES: True, _DURABLE: durable})
        with (
            self._watched(),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            if self.shared and not durable:
                session.execute(text("SET LOCAL synchronous_commit = off"))
            yield session

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Notes whether a change could be written."""
        try:
            yield
        except UNREACHABLE as error:
            self.health.trouble = trouble_of(error)
            raise
        else:
            self.health.trouble = None

    @contextmanager
    def changing_schema(self) -> Iterator[Connection]:
        """A connection in one write transaction, for migrations; other servers wait for its end."""
        with self.engine.execution_options(**{_WRITES: True}).begin() as connection:
            if self.shared:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            yield connection

    def prove_writable(self) -> None:
        """Writes what stands there already; raises what the database says when it can't.

        SQLite begins even an IMMEDIATE transaction on files that it may only read.
        """
        with self.writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def close(self) -> None:
        """Ends all connections and lets another server open the file."""
        self.engine.dispose()
        if self.lock:
            self.lock.close()


def trouble_of(error: Exception) -> str:
    """What keeps the database from doing what it was asked, in a sentence."""
    said = str(getattr(error, "orig", None) or error).lower()
    return next((meaning for words, meaning in TROUBLES.items() if words in said), SILENT)


def inserting(session: Session, table: type[DeclarativeBase]) -> Any:
    """An insert that can say what happens on a conflict, as only the dialects' own ones can."""
    return insert_into(session.get_bind().dialect.name, table)


@cache
def insert_into(dialect: str, table: type[DeclarativeBase]) -> Any:
    """An insert of that dialect, "postgresql" or "sqlite".

    Into the plain table: the mapper's bulk insert costs several times as much.
    """
    own = postgresql if dialect == "postgresql" else sqlite
    return own.insert(cast(Table, table.__table__))


def sqlite_path(url: URL) -> Path | None:
    """The file of a SQLite address; None for another database or one in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def _address(url: str) -> URL:
    """The address with the driver we ship. Errors never repeat the text: it may hold a password."""
    try:
        address = make_url(url)
    except (SQLAlchemyError, ValueError) as error:
        raise InvalidInput.at("database_url", ADDRESS) from error
    driver = DRIVERS.get(address.drivername)
    if driver is None:
        raise InvalidInput.at("database_url", f"{address.drivername} is not supported; {ADDRESS}")
    if driver == "sqlite" and sqlite_path(address) is None:
        raise InvalidInput.at("database_url", f"a database in memory is lost; {ADDRESS}")
    return address.set(drivername=driver)


def cause_of(error: SQLAlchemyError) -> str:
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


def _engine(address: URL, size: int, overflow: int) -> Engine:
    on_sqlite = address.get_backend_name() == "sqlite"
    waits = {} if on_sqlite else {"connect_timeout": str(CONNECT_TIMEOUT_SECONDS)}
    engine = create_engine(
        address.set(query=waits | dict(address.query)),
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        pool_size=size,
        max_overflow=overflow,
        pool_pre_ping=not on_sqlite,
    )
    if on_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "handle_error", _part_with_read_only)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
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


def _part_with_read_only(failure: ExceptionContext) -> None:
    """A file that was read-only when a connection opened it stays so for that connection."""
    if "readonly" in str(failure.original_exception):
        failure.is_disconnect = True


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    # A server frozen in the middle of a transaction must not hold its locks for ever.
    connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_TIMEOUT_MS}")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_WRITES, False):
        connection.exec_driver_sql("BEGIN")
        return
    waits = "FULL" if options.get(_DURABLE, True) else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous={waits}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
