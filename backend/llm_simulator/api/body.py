"""Request bodies: bounded in size, strict in form."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_simulator.api.errors import answer
from llm_simulator.errors import InvalidInput
from llm_simulator.schemas.errors import ErrorCode
from llm_simulator.schemas.strict_json import strict_json

NEEDS_JSON = "The body has to be JSON, sent with 'Content-Type: application/json'."


class StrictRequest(Request):
    """A request whose JSON has no NaN, no Infinity and no bottomless nesting."""

    async def json(self) -> Any:
        """The body's content; raises json.JSONDecodeError, HTTPException when too deep."""
        deepest = self.app.state.settings.max_json_depth
        try:
            return strict_json(await self.body(), deepest, "body")
        except InvalidInput as error:
            # FastAPI lets nothing else through while it reads a body; api.errors finds the cause.
            raise HTTPException(422, str(error)) from error


class StrictRoute(APIRoute):
    """A route that reads its body with StrictRequest."""

    def get_route_handler(self) -> Any:
        """The route's handler, given a StrictRequest."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Any:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


class BodyLimit:
    """Answers 413 to a body of more than ``limit`` bytes without reading the rest, 415 to no JSON.

    ``larger`` has the limits of paths that may take more. A page of another site can send text
    without asking, JSON it can not.

    FastAPI's own ``max_body_size`` answers in a shape of its own.
    """

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _has_body(headers) and not _is_json(headers):
            await answer(415, ErrorCode.INVALID_INPUT, NEEDS_JSON)(scope, receive, send)
            return
        limit = self._larger.get(get_route_path(scope), self._limit)
        message = f"The body is larger than {limit:,} bytes."
        if _declared_length(headers) > limit:
            await answer(413, ErrorCode.INVALID_INPUT, message)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            part = await receive()
            received += len(part.get("body", b""))
            if received > limit:
                raise HTTPException(413, message)
            return part

        await self._app(scope, counted, send)


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or _declared_length(headers) > 0


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _declared_length(headers: Headers) -> int:
    declared = headers.get("content-length", "0")
    return int(declared) if declared.isdigit() else 0
