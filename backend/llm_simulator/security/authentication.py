"""Whether a request needs a token, and whether the one it brings is good."""

import asyncio
import hmac
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from llm_simulator.errors import InvalidInput
from llm_simulator.security.access import is_loopback
from llm_simulator.security.tokens import Access, TokenStore, hashed
from llm_simulator.settings import Settings

LOOK_SECONDS = 0.5
"""After so long a token that was made or revoked on another server counts here."""

log = structlog.get_logger(__name__)


class TokenAuthenticator:
    """Decides from what the database said half a second ago; no request waits for the database."""

    def __init__(self, store: TokenStore, settings: Settings) -> None:
        self._store = store
        self._hashes = settings.api_tokens
        self._exposed = not is_loopback(settings.host)
        self._host = settings.host
        self._off = settings.allow_unauthenticated
        self._access = Access(guarded=True)

    def start(self) -> None:
        """Reads who may come in; blocks.

        Raises InvalidInput when the service would listen to others and nobody has a token.
        """
        if self._hashes:
            self._store.guard(wanted=True)
        self.refresh()
        if self._exposed and not (self._off or self._hashes or self._access.hashes):
            raise InvalidInput.at(
                "host",
                f"on {self._host} everybody who reaches this machine could use the service; create "
                "a token first (tier6 token create NAME), or set TIER6_ALLOW_UNAUTHENTICATED=true "
                "if a proxy in front checks who calls",
            )

    def refresh(self) -> None:
        """Reads who may come in; what was read before stays while the database is away."""
        self._access = self._store.access()

    async def keep_refreshed(self) -> None:
        """Reads it again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(SQLAlchemyError):
                await asyncio.to_thread(self.refresh)

    def admits(self, token: str | None, *, local: bool) -> bool:
        """Whether a request with this token, or none, may pass; ``local`` came from this machine.

        Where access is guarded a token is needed, and for what comes from elsewhere always.
        """
        if self._off or (local and not self._exposed and not self._access.guarded):
            return True
        given = hashed(token or "")
        # Every hash is compared, each in constant time: the time taken tells nothing.
        return (
            sum(hmac.compare_digest(given, one) for one in (*self._hashes, *self._access.hashes))
            > 0
        )
