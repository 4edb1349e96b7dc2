"""What a server does every few seconds: says that it lives, and looks after those that don't."""

import time

import structlog

from llm_simulator.database import Database
from llm_simulator.task_manager.event_log import EventLog
from llm_simulator.task_manager.identity import Identity
from llm_simulator.task_manager.leases import FOR_GOOD, Leases
from llm_simulator.task_manager.store import TaskStore

BEATS_PER_LEASE = 3
TRIM_EVERY = 20
"""Beats between two trims of the log of events."""

log = structlog.get_logger(__name__)


class LeaseHeartbeat:
    """Renews this server's lease and takes over the tasks of servers whose lease has run out."""

    def __init__(
        self, database: Database, store: TaskStore, identity: Identity, lease_seconds: float
    ) -> None:
        self._database = database
        self._store = store
        self._identity = identity
        self._leases = Leases(database)
        self._event_log = EventLog(database)
        self._lease = lease_seconds if database.shared else FOR_GOOD
        self._pause = lease_seconds / BEATS_PER_LEASE
        self._beats = 0
        self.due = time.monotonic() + self._pause
        """When the next beat is due."""

    def begin(self) -> None:
        """Takes up what ended servers have left."""
        if not self._database.shared:
            self._leases.end_all()
        elif self._identity.predecessor is not None:
            self._leases.end(self._identity.predecessor)
        self._leases.renew(self._identity.server_id, self._lease)
        self._store.take_over()
        self._store.rekey()

    def beat(self) -> None:
        """One beat; what raises is tried again with the next."""
        self.due = time.monotonic() + self._pause
        self._beats += 1
        if self._database.shared or self._database.trouble:
            # On SQLite only to see whether changes can be written again.
            self._leases.renew(self._identity.server_id, self._lease)
        if self._database.shared and (orphans := self._store.take_over()):
            log.warning("tasks_taken_over", tasks=orphans)
        if self._beats % TRIM_EVERY == 0:
            self._event_log.trim()

    def end(self) -> None:
        """Others may take what this server has not handed back."""
        self._leases.end(self._identity.server_id)
