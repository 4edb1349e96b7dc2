"""JSON from outside: no NaN, no Infinity, no bottomless nesting."""

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
    level = [content]
    for _ in range(levels):
        level = [
            part
            for whole in level
            if isinstance(whole, dict | list)
            for part in (whole.values() if isinstance(whole, dict) else whole)
            if isinstance(part, dict | list)
        ]
        if not level:
            return content
    raise too_deep
