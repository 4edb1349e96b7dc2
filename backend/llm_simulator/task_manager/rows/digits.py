"""Figures as they are kept: digits that no prediction has would take half of the room."""

from typing import Any

DIGITS = 7
"""Significant ones: a figure is right to a tenth of a millionth, more than anything shows."""
EXACT = ("axes", "ways_out")
"""Values that were asked for, or that may be asked for next: they are compared with others."""


def with_kept_digits(part: Any) -> Any:
    """A part of a result's JSON with its figures as they are kept.

    >>> with_kept_digits({"score": 2 / 3, "axes": [2 / 3], "chips": [12345678]})
    {'score': 0.6666667, 'axes': [0.6666666666666666], 'chips': [12345678]}
    """
    kind = type(part)
    if kind is float:
        return float(f"{part:.{DIGITS}g}") if part else part
    if kind is dict:
        return {
            name: value if name in EXACT else with_kept_digits(value)
            for name, value in part.items()
        }
    return [with_kept_digits(value) for value in part] if kind is list else part
