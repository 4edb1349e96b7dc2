"""Who comes in: requests meant for this host, with a token where one is needed."""

import asyncio
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_simulator.api.errors import answer
from llm_simulator.schemas.errors import ErrorCode
from llm_simulator.security.access import answers_to
from llm_simulator.security.tokens import Doorkeeper

GUARDED = ("/api/", "/ws/", "/metrics")
"""What needs a token: the page, the API's document and the health checks hold nobody's data."""
LOOK_SECONDS = 5.0
"""After so long a WebSocket whose token was revoked is closed at the latest."""
POLICY_VIOLATION = 1008
SUBPROTOCOL = "tier6"
TOKEN_SUBPROTOCOL = "token."
NEEDS_TOKEN = (
    "A token is needed: send the header 'Authorization: Bearer TOKEN' (a WebSocket may offer the "
    "subprotocols 'tier6' and 'token.TOKEN'). On the server, tier6 token create NAME makes one."
)


class Guard:
    """Answers 421 to requests for other hosts, 401 to those without a good token."""

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper | None, names: Collection[str]) -> None:
        self._app = app
        self._doorkeeper = doorkeeper
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host")
        if host is not None and not answers_to(host, self._names):
            message = (
                "This service does not answer to the name in the Host header; names beside "
                "localhost and plain addresses are listed in TIER6_ALLOWED_HOSTS."
            )
            await answer(421, ErrorCode.INVALID_INPUT, message)(scope, receive, send)
        elif self._shut(scope, headers):
            challenge = {"WWW-Authenticate": "Bearer"}
            response = answer(401, ErrorCode.UNAUTHORIZED, NEEDS_TOKEN, headers=challenge)
            await response(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, self._while_good(scope, headers, receive, send), send)
        else:
            await self._app(scope, receive, send)

    def _while_good(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> Receive:
        """``receive`` of a WebSocket that ends when its token is revoked."""

        async def receiving() -> Message:
            incoming = asyncio.ensure_future(receive())
            try:
                while not (await asyncio.wait([incoming], timeout=LOOK_SECONDS))[0]:
                    if self._shut(scope, headers):
                        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                        return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
            finally:
                if not incoming.done():
                    incoming.cancel()
            return incoming.result()

        return receiving

    def _shut(self, scope: Scope, headers: Headers) -> bool:
        if self._doorkeeper is None or not f"{scope['path']}/".startswith(GUARDED):
            return False
        return not self._doorkeeper.admits(_token(scope, headers))


def _token(scope: Scope, headers: Headers) -> str | None:
    """The token of a request; browsers can put a WebSocket's into a subprotocol only."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    offered = (p for p in scope.get("subprotocols", ()) if p.startswith(TOKEN_SUBPROTOCOL))
    return next((p.removeprefix(TOKEN_SUBPROTOCOL) for p in offered), None)
