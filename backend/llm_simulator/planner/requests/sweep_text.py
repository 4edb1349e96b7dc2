"""Amounts, lists and ranges as people write them in one line."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

COUNTS = {"k": 2**10, "K": 2**10, "M": 2**20}
"""Of tokens and requests "1k" is 1,024, as in every public benchmark; with a unit it is 1,000."""

LARGEST_POWER = 30
"""Numbers of more digits are nobody's figures, and writing them out would take for ever."""

_NUMBER = r"[-+]?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
_UNIT = r"[^\W\d_][\w/µ]*"
_AMOUNT = re.compile(rf"\s*({_NUMBER})\s*({_UNIT})?\s*")
_RANGE = re.compile(
    rf"\s*(?P<from>{_NUMBER}(?:\s*{_UNIT})?)\s*\.\.\s*(?P<to>{_NUMBER}(?:\s*{_UNIT})?)"
    rf"\s+(?:step\s+(?P<step>{_NUMBER}(?:\s*{_UNIT})?)|count\s+(?P<count>\d+)"
    r"(?:\s+(?P<scale>\w+))?)\s*"
)


@dataclass(frozen=True)
class Amount:
    """A number and its unit; a count (1k) is plain."""

    number: Decimal
    unit: str | None

    @property
    def plain(self) -> int | float:
        """The number, whole where it is."""
        whole = self.number == self.number.to_integral_value()
        return int(self.number) if whole else float(self.number)

    @property
    def value(self) -> Any:
        """What a field is set to: a number, or text with the unit."""
        return self.plain if self.unit is None else f"{self.plain:.12g} {self.unit}"


def is_number(value: object) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def amount(written: object) -> Amount | None:
    """The amount that a number or a text stands for; None when it is something else.

    >>> amount("2.5 TB/s"), amount("4k"), amount("h100-sxm")
    (Amount(number=Decimal('2.5'), unit='TB/s'), Amount(number=Decimal('4096'), unit=None), None)
    """
    text = str(written) if is_number(written) else written
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    number = Decimal(match[1].replace("_", ""))
    if abs(number.adjusted()) > LARGEST_POWER:
        return None
    if match[2] in COUNTS:
        return Amount(number * COUNTS[match[2]], None)
    return Amount(number, match[2])


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
