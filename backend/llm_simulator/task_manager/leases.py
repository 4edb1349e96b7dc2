"""Which servers are alive: each renews a lease; all times are the database's own clock's.

A server that stops renewing (killed, frozen, cut off) loses its tasks to the others once its
lease has run out. On SQLite there is one server, as the lock on the file proves: its lease is for
good.
"""

from sqlalchemy import ColumnElement, Double, Select, cast, delete, func, literal_column, select

from llm_simulator.database import Database, inserting
from llm_simulator.models import ServerLease

FOR_GOOD = 1e9
"""Seconds: thirty years."""


class Leases:
    """The leases of one database's servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def renew(self, server_id: str, seconds: float) -> None:
        """The server is alive for ``seconds`` from now; others long dead are forgotten."""
        with self._database.writing(durable=False) as session:
            until = database_time(self._database) + seconds
            insert = inserting(session, ServerLease).values(id=server_id, lease_until=until)
            session.execute(
                insert.on_conflict_do_update(
                    index_elements=["id"], set_={"lease_until": insert.excluded.lease_until}
                )
            )

    def end(self, server_id: str) -> None:
        """The server is no longer alive."""
        with self._database.writing(durable=False) as session:
            session.execute(delete(ServerLease).where(ServerLease.id == server_id))

    def end_all(self) -> None:
        """No server is alive: what the first one on a SQLite file knows."""
        with self._database.writing(durable=False) as session:
            session.execute(delete(ServerLease))

    def alive(self) -> list[str]:
        """The servers alive now."""
        with self._database.reading() as session:
            return list(session.execute(alive_servers(self._database)).scalars())


def alive_servers(database: Database) -> Select[str]:
    """The query for the servers alive now."""
    return select(ServerLease.id).where(ServerLease.lease_until > database_time(database))


def database_time(database: Database) -> ColumnElement[float]:
    """The present moment of the database's clock in Unix seconds, not the transaction's start."""
    if database.shared:
        return cast(func.extract("epoch", func.clock_timestamp()), Double)
    return literal_column("((julianday('now') - 2440587.5) * 86400.0)")
