"""JSON from outside: no NaN, no Infinity, no bottomless nesting."""

from collections.abc import Iterable
from typing import Any

import orjson

from llm_simulator.errors import InvalidInput


def strict_json(text: bytes, levels: int, field: str) -> Any:
    """The content of ``text``, nested no deeper than ``levels``.

    Raises orjson.JSONDecodeError, InvalidInput naming ``field`` when it is nested deeper.
    """
    too_deep = InvalidInput.at(field, f"is nested deeper than {levels} levels")
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        # orjson itself gives up at 1,024 levels.
        if "depth limit" not in error.msg:
            raise
        raise too_deep from error
    layer = [content]
    for _ in range(levels + 1):
        layer = [inner for outer in layer for inner in _within(outer)]
        if not layer:
            return content
    raise too_deep


def _within(content: Any) -> Iterable[Any]:
    """What objects and lists contain; other content contains nothing."""
    if isinstance(content, dict):
        return content.values()
    return content if isinstance(content, list) else ()
