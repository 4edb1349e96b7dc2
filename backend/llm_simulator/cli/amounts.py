"""What people write for a number or a time: ``4k``, ``1.5M``, ``2 s``."""

import typer

from llm_simulator.units import MILLI, amount, quantity


def count(text: str | int) -> int:
    """A whole number of tokens, requests or chips.

    >>> count("4k"), count("1.5M"), count("96")
    (4096, 1572864, 96)
    """
    written = amount(text)
    if written is None or written.unit is not None or not isinstance(written.plain, int):
        raise typer.BadParameter(f"'{text}' is no whole number; write for example 96, 4k or 1.5M")
    return written.plain


def milliseconds(text: str | float) -> float:
    """A time in milliseconds, which a number without a unit is.

    >>> milliseconds("2 s"), milliseconds("40"), milliseconds("350 ms")
    (2000.0, 40.0, 350.0)
    """
    written = amount(text)
    if written is not None and written.unit is None:
        return float(written.number)
    try:
        return quantity(str(text), "s") / MILLI
    except ValueError as error:
        raise typer.BadParameter(
            f"'{text}' is no time; write for example 40, '350 ms' or '2 s'"
        ) from error
