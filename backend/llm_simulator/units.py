"""What numbers mean: seconds, bytes, FLOP and their rates inside; prefixes only at the edge.

GB is 1e9 bytes, GiB is 2**30 bytes; GB/s is gigabytes per second, Gb/s gigabits per second.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
"""A column of figures, one per plan: shape [P]."""

IntArray: TypeAlias = NDArray[np.signedinteger[Any]]

Seconds: TypeAlias = float | Array
Bytes: TypeAlias = float | Array
BytesPerSecond: TypeAlias = float | Array
Flop: TypeAlias = float | Array
FlopPerSecond: TypeAlias = float | Array
Count: TypeAlias = float | Array | IntArray
Watts: TypeAlias = float | Array
Joules: TypeAlias = float | Array
Usd: TypeAlias = float | Array

MILLI = 1e-3
MICRO = 1e-6
KILO = 1e3
MEGA = 1e6
GIGA = 1e9
TERA = 1e12
SECONDS_PER_HOUR = 3600.0

_PREFIXES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
_BINARY_PREFIXES = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
_TIME_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

_UNITS: dict[str, dict[str, float]] = {
    "bytes": {f"{p}B": f for p, f in (_PREFIXES | _BINARY_PREFIXES).items()},
    "bytes/s": {f"{p}B/s": f for p, f in (_PREFIXES | _BINARY_PREFIXES).items()}
    | {f"{p}b/s": f / 8 for p, f in _PREFIXES.items()},
    "FLOP/s": {
        f"{p}{name}": f for p, f in _PREFIXES.items() for name in ("FLOP/s", "FLOPS", "OP/s")
    },
    "s": _TIME_UNITS,
    "W": {"W": 1.0, "kW": 1e3},
}


COUNTS = {"k": 2**10, "K": 2**10, "M": 2**20}
"""Of tokens and requests "1k" is 1,024, as in every public benchmark; with a unit it is 1,000."""

LARGEST_POWER = 30
"""Numbers of more digits are nobody's figures, and writing them out would take for ever."""

NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d[\d_]*|(?=\.\d))(?:\.\d*)?(?:[eE][-+]?\d+)?"
UNIT = r"[^\W\d_][\w/µ]*"
_AMOUNT = re.compile(rf"\s*({NUMBER})\s*({UNIT})?\s*")
_EXAMPLES = {"bytes": "80 GB", "bytes/s": "3.35 TB/s", "FLOP/s": "989 TFLOP/s", "s": "2 us"}


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


def scaled(value: Any, factor: float) -> Any:
    """A number times ``factor``; anything else as it is, for whoever validates it."""
    return value * factor if is_number(value) else value


def amount(written: object) -> Amount | None:
    """The amount that a number or a text stands for; None when it is something else.

    >>> amount("2.5 TB/s"), amount("4k"), amount("h100-sxm")
    (Amount(number=Decimal('2.5'), unit='TB/s'), Amount(number=Decimal('4096'), unit=None), None)
    """
    text = str(written) if is_number(written) else written
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    number = Decimal(match[1].replace(",", "").replace("_", ""))
    if abs(number.adjusted()) > LARGEST_POWER:
        return None
    if match[2] in COUNTS:
        return Amount(number * COUNTS[match[2]], None)
    return Amount(number, match[2])


def quantity(text: str, dimension: str) -> float:
    """The value of ``text`` in the SI base unit of ``dimension``.

    Raises ValueError when the number or the unit can't be read.

    >>> quantity("3.35 TB/s", "bytes/s")
    3350000000000.0
    >>> quantity("400 Gb/s", "bytes/s")
    50000000000.0
    >>> quantity("80 GiB", "bytes")
    85899345920.0
    >>> quantity("2 us", "s")
    2e-06
    """
    written, units = amount(text), _UNITS[dimension]
    if written is None or written.unit not in units:
        raise ValueError(
            f"'{text}' is not a quantity in {dimension}; write for example "
            f"'{_EXAMPLES.get(dimension, '700 W')}'"
        )
    return float(written.number) * units[written.unit]
