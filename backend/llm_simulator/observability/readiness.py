"""Whether the database answers, asked no more than once a second however many want to know."""

import asyncio
import math
import time

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from llm_simulator.database import SILENT, Database

PATIENCE = 2.0
"""Seconds after which a database that does not answer counts as down."""
FRESH_SECONDS = 1.0


class DatabaseProbe:
    """Used in the event loop only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked_at = -math.inf
        self._asking: asyncio.Future[str | None] | None = None

    async def down(self) -> str | None:
        """Why the database can't be used, a sentence; None when it can."""
        now = time.monotonic()
        if self._asking is None or now - self._asked_at > FRESH_SECONDS:
            self._asked_at = now
            self._asking = asyncio.ensure_future(self._ask())
        # Shielded: who asked first may hang up while others still wait.
        return await asyncio.shield(self._asking) or self._database.trouble

    async def _ask(self) -> str | None:
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.to_thread(self._select)
        except (TimeoutError, SQLAlchemyError):
            return SILENT
        return None

    def _select(self) -> None:
        with self._database.reading() as session:
            session.execute(text("SELECT 1"))
