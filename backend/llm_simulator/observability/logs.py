"""Logs on stderr: lines for people, or one JSON object per line for machines.

Whatever is bound to the context, such as a request's id, is in every line written meanwhile.
"""

import logging
import sys
from contextlib import suppress
from typing import Any, TextIO

import structlog

from llm_simulator.settings import Settings

STARTS = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure_logs(settings: Settings) -> None:
    """Makes this process log as the settings say, other libraries' lines included."""
    ends = _as_json() if settings.log_format == "json" else _as_text()
    stderr: Any = Lossy(sys.stderr)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*STARTS, *ends],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stderr),
    )
    of_others = logging.StreamHandler(stderr)
    of_others.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=STARTS,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ends],
        )
    )
    logging.basicConfig(handlers=[of_others], level=logging.WARNING, force=True)


class Lossy:
    """A stream whose lines are lost when they can't be written: a full disk must end no work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, content: str) -> None:
        """Writes, or loses the content."""
        with suppress(OSError):
            self._stream.write(content)

    def flush(self) -> None:
        """Hands on what is written."""
        with suppress(OSError):
            self._stream.flush()


def _as_json() -> list[Any]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _as_text() -> list[Any]:
    # Plain traces: the fancy ones print every local variable, thousands of lines.
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]
