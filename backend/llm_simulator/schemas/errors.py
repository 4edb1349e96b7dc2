"""The one shape of every error answer."""

from enum import StrEnum

from llm_simulator.schemas.record import Record


class ErrorCode(StrEnum):
    """What a program may branch on."""

    INVALID_INPUT = "invalid_input"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAUTHORIZED = "unauthorized"
    FOREIGN_ORIGIN = "foreign_origin"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    QUEUE_FULL = "queue_full"
    TOO_SLOW = "too_slow"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class FieldError(Record):
    """One offending field, as a dotted path from the request's root."""

    field: str
    message: str


class ErrorDetail(Record):
    """What went wrong, as a sentence, with the fields it concerns."""

    code: ErrorCode
    message: str
    fields: tuple[FieldError, ...] = ()


class ErrorResponse(Record):
    """The body of every answer with a status of 400 and above."""

    error: ErrorDetail
