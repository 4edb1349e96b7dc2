"""Who comes in: requests meant for this host, not sent by foreign pages, with a token if needed."""

import asyncio
from collections.abc import Collection

import structlog
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from llm_simulator.api.errors import answer
from llm_simulator.schemas.errors import ErrorCode
from llm_simulator.security.access import answers_to, is_foreign, is_local
from llm_simulator.websocket_manager import chosen_subprotocol

GUARDED = ("/api/", "/ws/", "/metrics/")
"""What needs a token: the page, the API's document and the health checks hold nobody's data."""
LOOK_SECONDS = 1.0
"""After so long a WebSocket whose token was revoked is closed at the latest."""
POLICY_VIOLATION = 1008
FOREIGN_ORIGIN = 4403
"""The code with which a WebSocket of a foreign page is closed, with a reason it can show."""
REASON_BYTES = 120
TOKEN_SUBPROTOCOL = "token."
NEEDS_TOKEN = (
    "A token is needed: send the header 'Authorization: Bearer TOKEN' (a WebSocket may offer the "
    "subprotocols 'tier6' and 'token.TOKEN'). On the server, tier6 token create NAME makes one."
)
OTHER_HOST = (
    "This service does not answer to the name in the Host header; names beside localhost and plain "
    "addresses are listed in TIER6_ALLOWED_HOSTS."
)
CHALLENGE = {"WWW-Authenticate": "Bearer"}

log = structlog.get_logger(__name__)


class Guard:
    """Answers 421 to requests for other hosts, 403 to foreign pages, 401 without a good token."""

    def __init__(self, app: ASGIApp, names: Collection[str], origins: Collection[str]) -> None:
        self._app = app
        self._names = names
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if (refusal := self._refusal(scope, headers)) is not None:
            await refusal(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, self._while_good(scope, headers, receive, send), send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        host = headers.get("host")
        if host is not None and not answers_to(host, self._names):
            return answer(421, ErrorCode.INVALID_INPUT, OTHER_HOST)
        if is_foreign(scope.get("method", "WEBSOCKET"), headers, self._origins):
            return _foreign(scope, headers)
        if self._shut(scope, headers):
            return answer(401, ErrorCode.UNAUTHORIZED, NEEDS_TOKEN, headers=CHALLENGE)
        return None

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
        # The router's own view of the address: behind a proxy it may have a prefix, or not.
        if not f"{get_route_path(scope)}/".startswith(GUARDED):
            return False
        local = is_local((scope.get("client") or ("",))[0], headers)
        authenticator = scope["app"].state.service.authenticator
        return not authenticator.admits(_token(scope, headers), local=local)


def _foreign(scope: Scope, headers: Headers) -> ASGIApp:
    """The answer to a page of another site; a browser shows a WebSocket's page no HTTP answer."""
    origin = headers.get("origin", "unknown")
    log.warning("origin_refused", origin=origin, host=headers.get("host"), path=scope["path"])
    if scope["type"] == "websocket":
        return _Closed(FOREIGN_ORIGIN, f"TIER6_ALLOWED_ORIGINS lacks {origin}")
    message = (
        f"Pages of {origin} may not use this service; those of other addresses than its own are "
        "listed in TIER6_ALLOWED_ORIGINS."
    )
    return answer(403, ErrorCode.FOREIGN_ORIGIN, message)


class _Closed:
    """A WebSocket that is accepted only to say why it is closed."""

    def __init__(self, code: int, reason: str) -> None:
        self._code = code
        self._reason = reason.encode()[:REASON_BYTES].decode(errors="ignore")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = WebSocket(scope, receive, send)
        await client.accept(chosen_subprotocol(client))
        await client.close(self._code, self._reason)


def _token(scope: Scope, headers: Headers) -> str | None:
    """The token of a request; browsers can put a WebSocket's into a subprotocol only."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    offered = (p for p in scope.get("subprotocols", ()) if p.startswith(TOKEN_SUBPROTOCOL))
    return next((p.removeprefix(TOKEN_SUBPROTOCOL) for p in offered), None)
