"""Hears what other servers on the same PostgreSQL tell: LISTEN and NOTIFY."""

import threading
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from llm_simulator.database import Database
from llm_simulator.task_manager.event_log import CHANNEL

PATIENCE_SECONDS = 1.0
"""How long one wait for a message takes at most, so that a stop is noticed."""

log = structlog.get_logger(__name__)


class Listener:
    """A thread with a connection of its own; ``heard`` gets each message's text.

    After a lost connection it hears the empty message, which means that anything may have changed.
    """

    def __init__(self, database: Database, heard: Callable[[str], None]) -> None:
        self._database = database
        self._heard = heard
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="listener", daemon=True)

    def start(self) -> None:
        """Begins to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listens no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        # The driver's own error when the connection is cut; SQLAlchemy's when there is none.
        broken = (SQLAlchemyError, self._database.engine.dialect.loaded_dbapi.Error)
        while not self._stopping.is_set():
            try:
                self._listen()
            except broken:
                log.warning("listener_disconnected")
                self._stopping.wait(PATIENCE_SECONDS)

    def _listen(self) -> None:
        raw = self._database.engine.raw_connection()
        connection: Any = raw.driver_connection
        raw.detach()
        try:
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            self._heard("")
            while not self._stopping.is_set():
                for message in connection.notifies(timeout=PATIENCE_SECONDS, stop_after=1):
                    self._heard(message.payload)
        finally:
            connection.close()
