"""What numbers mean: seconds, bytes, FLOP and their rates inside; prefixes only at the edge.

GB is 1e9 bytes, GiB is 2**30 bytes; GB/s is gigabytes per second, Gb/s gigabits per second.
"""

import re
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
    match = re.fullmatch(r"\s*([-+]?[\d_,.]+(?:[eE][-+]?\d+)?)\s*(\S+)\s*", text)
    units = _UNITS[dimension]
    if not match or match[2] not in units:
        example = {"bytes": "80 GB", "bytes/s": "3.35 TB/s", "FLOP/s": "989 TFLOP/s", "s": "2 us"}
        raise ValueError(
            f"'{text}' is not a quantity in {dimension}; write for example "
            f"'{example.get(dimension, '700 W')}'"
        )
    return float(match[1].replace(",", "").replace("_", "")) * units[match[2]]
