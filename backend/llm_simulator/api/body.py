"""Request bodies: bounded in size, strict in form."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_simulator.api.errors import answer
from llm_simulator.errors import InvalidInput
from llm_simulator.schemas.errors import ErrorCode


class StrictRequest(Request):
    """A request whose JSON has no NaN, no Infinity and no bottomless nesting."""

    async def json(self) -> Any:
        """The body's content; raises json.JSONDecodeError, HTTPException when too deep."""
        deepest = self.app.state.settings.max_json_depth
        try:
            return _shallow(await self.body(), deepest)
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


def _shallow(body: bytes, levels: int) -> Any:
    """The body's content, nested no deeper than ``levels``."""
    too_deep = InvalidInput.at("body", f"is nested deeper than {levels} levels")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # orjson itself gives up at 1,024 levels.
        if "depth limit" not in error.msg:
            raise
        raise too_deep from error
    if not _within(content, levels):
        raise too_deep
    return content


def _within(content: Any, levels: int) -> bool:
    """Whether objects and lists are nested in no more than ``levels`` levels."""
    layer = [content]
    for _ in range(levels + 1):
        layer = [inner for outer in layer if isinstance(outer, dict | list) for inner in _of(outer)]
        if not layer:
            return True
    return False


def _of(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container


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
