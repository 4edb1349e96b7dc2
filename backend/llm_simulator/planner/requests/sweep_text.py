"""Lists and ranges of amounts as people write them in one line."""

import re
from typing import Any

from llm_simulator.units import NUMBER, UNIT, amount

_RANGE = re.compile(
    rf"\s*(?P<from>{NUMBER}(?:\s*{UNIT})?)\s*\.\.\s*(?P<to>{NUMBER}(?:\s*{UNIT})?)"
    rf"\s+(?:step\s+(?P<step>{NUMBER}(?:\s*{UNIT})?)|count\s+(?P<count>\d+)"
    r"(?:\s+(?P<scale>\w+))?)\s*"
)


def range_of(text: str) -> dict[str, Any] | None:
    """The parts of a range written in one line; None when the text is none.

    >>> range_of("2..8 TB/s step 0.5")
    {'from': '2', 'to': '8 TB/s', 'step': '0.5'}
    >>> range_of("1k..64k count 7 log")
    {'from': '1k', 'to': '64k', 'count': 7, 'scale': 'log'}
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    parts: dict[str, Any] = {k: v for k, v in match.groupdict().items() if v is not None}
    return parts | {"count": int(parts["count"])} if "count" in parts else parts


def listed(text: str) -> list[str]:
    """The items of ``[a, b, c]`` or ``a, b, c``; a unit that some have in common is that of all.

    >>> listed("[1k, 4k, 16k]"), listed("2, 4, 8 TB/s"), listed("h100-sxm, gb200")
    (['1k', '4k', '16k'], ['2 TB/s', '4 TB/s', '8 TB/s'], ['h100-sxm', 'gb200'])
    """
    inner = text.strip().removeprefix("[").removesuffix("]")
    items = [item.strip() for item in inner.split(",") if item.strip()]
    amounts = [amount(item) for item in items]
    units = {read.unit for read in amounts if read is not None and read.unit is not None}
    if len(units) != 1 or None in amounts:
        return items
    unit = units.pop()
    return [
        f"{item} {unit}" if read is not None and read.unit is None else item
        for item, read in zip(items, amounts, strict=True)
    ]
