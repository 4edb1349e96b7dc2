"""Request bodies: bounded in size, strict in form."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_simulator.api.errors import answer
from llm_simulator.errors import InvalidInput
from llm_simulator.schemas.errors import ErrorCode
from llm_simulator.schemas.strict_json import strict_json


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
    """Answers 413 to a body of more than ``limit`` bytes, without reading the rest.

    ``larger`` has the limits of paths that may take more.

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
        limit = self._larger.get(scope["path"], self._limit)
        message = f"The body is larger than {limit:,} bytes."
        if _declared_length(scope) > limit:
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


def _declared_length(scope: Scope) -> int:
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0
