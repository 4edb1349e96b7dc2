"""From errors to HTTP answers: the only place that knows status codes of failures."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from llm_simulator.database import UNREACHABLE, trouble_of
from llm_simulator.errors import (
    Conflict,
    FieldProblem,
    InvalidInput,
    NotFound,
    QueueFull,
    Tier6Error,
    TookTooLong,
)
from llm_simulator.schemas.errors import ErrorCode, ErrorDetail, ErrorResponse, FieldError

STATUS: Mapping[type[Tier6Error], tuple[int, ErrorCode]] = {
    InvalidInput: (422, ErrorCode.INVALID_INPUT),
    NotFound: (404, ErrorCode.NOT_FOUND),
    Conflict: (409, ErrorCode.CONFLICT),
    QueueFull: (429, ErrorCode.QUEUE_FULL),
    TookTooLong: (504, ErrorCode.TOO_SLOW),
    Tier6Error: (500, ErrorCode.INTERNAL),
}
HTTP_CODES = {
    401: ErrorCode.UNAUTHORIZED,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    409: ErrorCode.CONFLICT,
    429: ErrorCode.QUEUE_FULL,
    503: ErrorCode.UNAVAILABLE,
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ARMS = ("str", "dict[str,any]")
"""pydantic's words for the two ways to give a model, a chip or a topology."""
RETRY_AFTER = {"Retry-After": "2"}
RETRY_WHEN_SHORTER = {"Retry-After": "10"}

log = structlog.get_logger(__name__)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these error answers, beside those every route can give."""
    meanings = {
        404: "There is nothing of that name or id.",
        401: "A token is needed, and none or an unknown one was given.",
        409: "The request does not fit the present state.",
        413: "The body is too large.",
        415: "The body is not sent as JSON.",
        422: "A field is missing or impossible; each is named.",
        429: "Too many tasks wait already; try again later.",
        504: "There was no answer in time.",
        500: "An unexpected failure; the server's log has the details.",
        503: "The database does not answer, or the server is stopping; try again.",
    }
    return {
        status: {"model": ErrorResponse, "description": meanings[status]}
        for status in sorted({*statuses, *({415} if 413 in statuses else ()), 401, 500, 503})
    }


def answer(
    status: int,
    code: ErrorCode,
    message: str,
    *,
    fields: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The one shape of an error answer."""
    body = ErrorResponse(error=ErrorDetail(code=code, message=message, fields=tuple(fields)))
    return JSONResponse(body.model_dump(mode="json"), status, headers)


def install(app: FastAPI) -> None:
    """Makes every failure of ``app`` answer in the one shape."""
    app.add_exception_handler(Tier6Error, _ours)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    for unreachable in (*UNREACHABLE, PoolTimeoutError):
        app.add_exception_handler(unreachable, _unavailable)
    app.add_exception_handler(Exception, unexpected)


def meaning(error: Exception) -> tuple[int, ErrorCode]:
    """The status and the code that an error of ours is answered with."""
    return STATUS[next(kind for kind in STATUS if isinstance(error, kind))]


def _ours(_request: Request, error: Exception) -> JSONResponse:
    status, code = meaning(error)
    problems = error.problems if isinstance(error, InvalidInput) else ()
    headers = RETRY_WHEN_SHORTER if isinstance(error, QueueFull) else None
    return answer(status, code, str(error), fields=_fields(problems), headers=headers)


def _unreadable(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [FieldProblem(_path(e["loc"]), _sentence(e)) for e in error.errors()]
    # A union reports one problem for each of its arms; they read the same here.
    return _ours(_request, InvalidInput(list(dict.fromkeys(problems))))


def unreadable(error: ValidationError) -> JSONResponse:
    """The answer to a query that can't be read."""
    details: list[Any] = [{**e, "loc": ("query", *e["loc"])} for e in error.errors()]
    return answer(
        422,
        ErrorCode.INVALID_INPUT,
        "; ".join(f"{_path(e['loc'])}: {_sentence(e)}" for e in details),
        fields=_fields([FieldProblem(_path(e["loc"]), _sentence(e)) for e in details]),
    )


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, InvalidInput):
        return _ours(request, error.__cause__)
    if error.status_code == 405:
        return _wrong_method(request)
    code = HTTP_CODES.get(error.status_code, ErrorCode.INVALID_INPUT)
    return answer(error.status_code, code, str(error.detail), headers=error.headers)


def _wrong_method(request: Request) -> JSONResponse:
    """Names every method of the address: the framework knows those of its first route only."""
    routes = request.app.router.routes
    allowed = [
        method
        for method in METHODS
        if any(r.matches(dict(request.scope) | {"method": method})[0] is Match.FULL for r in routes)
    ]
    message = f"{request.url.path} does not know {request.method}, only {', '.join(allowed)}."
    headers = {"Allow": ", ".join(allowed)}
    return answer(405, ErrorCode.METHOD_NOT_ALLOWED, message, headers=headers)


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    log.error("database_unreachable", path=request.url.path, exc_info=error)
    message = f"{trouble_of(error)} Nothing accepted is lost; try again in a few seconds."
    return answer(503, ErrorCode.UNAVAILABLE, message, headers=RETRY_AFTER)


def stopping() -> JSONResponse:
    """The answer to a request that was still open when the server had to end."""
    message = "The server is stopping; try again in a few seconds."
    return answer(503, ErrorCode.UNAVAILABLE, message, headers=RETRY_AFTER)


def unexpected(request: Request, error: Exception) -> JSONResponse:
    """The answer to a failure of our own; the log gets the details."""
    log.error("request_failed", path=request.url.path, exc_info=error)
    message = "Something unexpected went wrong; the server's log has the details."
    return answer(500, ErrorCode.INTERNAL, message)


def _fields(problems: Sequence[FieldProblem]) -> list[FieldError]:
    return [FieldError(field=problem.field, message=problem.message) for problem in problems]


def _path(location: Sequence[int | str]) -> str:
    """The dotted path from the request's root: a user does not say "body" or "query"."""
    names = [str(part) for part in location[1:] if isinstance(part, str) and part not in ARMS]
    return ".".join(names) or "body"


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "is not a known field"
    if error["type"] == "json_invalid":
        return "is not valid JSON (NaN and Infinity are not JSON either)"
    given = f"(given: {str(error.get('input'))[:60]})"
    if error["loc"][-1] in ARMS:
        return f"a preset's name or an object is needed {given}"
    return f"{error['msg']} {given}"
