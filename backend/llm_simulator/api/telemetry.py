"""The outermost layer of every request: its id, its time, and the answer if all fails."""

import asyncio
import re
import time
from uuid import uuid4

import structlog
from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_simulator.api.errors import METHODS, stopping, unexpected
from llm_simulator.api.headers import HEADERS
from llm_simulator.api.service import Service

SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = structlog.get_logger(__name__)


class Telemetry:
    """Gives each request an id (the caller's own, if it sent one), in its answer and its logs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        with structlog.contextvars.bound_contextvars(request_id=_id(Headers(scope=scope))):
            if scope["type"] == "websocket":
                await self._app(scope, receive, send)
            else:
                await self._observed(scope, receive, send)

    async def _observed(self, scope: Scope, receive: Receive, send: Send) -> None:
        service: Service = scope["app"].state.service
        begun = time.perf_counter()
        answer = _Answer(send)
        await self._answered(scope, receive, answer)
        seconds = time.perf_counter() - begun
        method = scope["method"] if scope["method"] in METHODS else "other"
        service.metrics.requests.labels(method, _route(scope), answer.status).observe(seconds)
        log.debug("request", method=method, route=_route(scope), status=answer.status)

    async def _answered(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer)
        except asyncio.CancelledError:
            # Only a stop cancels a request, one that was open for too long: no trace of it.
            if not answer.status:
                await _ended(stopping(), scope, receive, answer)
        except Exception as error:
            response = unexpected(Request(scope), error)
            if answer.status:
                # Half an answer is out; only the cut connection can say that it failed.
                raise
            await _ended(response, scope, receive, answer)


class _Answer:
    """Sends on what is answered, with the request's id, and keeps the status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            request_id = structlog.contextvars.get_contextvars()["request_id"]
            MutableHeaders(scope=message)["X-Request-Id"] = request_id
        await self._send(message)


async def _ended(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends an answer that passes through no other layer."""
    response.headers.update(HEADERS)
    await response(scope, receive, send)


def _id(headers: Headers) -> str:
    """The caller's id where it is harmless in a log."""
    given = headers.get("x-request-id", "")
    return given if SAFE_ID.fullmatch(given) else uuid4().hex


def _route(scope: Scope) -> str:
    """The address's template, never the address itself: metrics must not grow with the tasks."""
    return getattr(scope.get("route"), "path", "other")
