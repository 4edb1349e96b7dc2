"""What a server does every few seconds: says that it lives, and looks after those that don't."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from llm_simulator.database import Database
from llm_simulator.task_manager.event_log import EventLog
from llm_simulator.task_manager.identity import Identity
from llm_simulator.task_manager.leases import FOR_GOOD, Leases
from llm_simulator.task_manager.store import TaskStore

BEATS_PER_LEASE = 3
TRIM_EVERY = 20
"""Beats between two trims of the log of events."""

log = structlog.get_logger(__name__)


class Heart:
    """Renews this server's lease and takes over the tasks of servers whose lease has run out."""

    def __init__(
        self,
        database: Database,
        store: TaskStore,
        *,
        identity: Identity,
        lease_seconds: float,
        beaten: Callable[[], None],
    ) -> None:
        self._database = database
        self._shared = database.shared
        self._store = store
        self._leases = Leases(database)
        self._event_log = EventLog(database)
        self._server_id = identity.server_id
        self._predecessor = identity.predecessor
        self._lease = lease_seconds if self._shared else FOR_GOOD
        self._pause = lease_seconds / BEATS_PER_LEASE
        self._beaten = beaten
        self._beats = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="heart", daemon=True)

    def start(self) -> None:
        """Takes up what ended servers have left, then beats."""
        if not self._shared:
            self._leases.end_all()
        elif self._predecessor is not None:
            self._leases.end(self._predecessor)
        self._leases.renew(self._server_id, self._lease)
        self._store.take_over()
        self._store.rekey()
        self._thread.start()

    def stop(self) -> None:
        """Beats no more; the lease is given back."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def end_lease(self) -> None:
        """Others may take what this server has not handed back."""
        self._leases.end(self._server_id)

    def _work(self) -> None:
        while not self._stopping.wait(self._pause):
            try:
                self._beat()
            except SQLAlchemyError:
                log.warning("heartbeat_missed")

    def _beat(self) -> None:
        self._beats += 1
        if self._shared or self._database.trouble:
            # On SQLite only to see whether changes can be written again.
            self._leases.renew(self._server_id, self._lease)
        if self._shared and (orphans := self._store.take_over()):
            log.warning("tasks_taken_over", tasks=orphans)
        if self._beats % TRIM_EVERY == 0:
            self._event_log.trim()
        self._beaten()
