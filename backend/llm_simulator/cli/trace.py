"""A trace of requests out of a CSV file."""

from pathlib import Path
from typing import Any

from llm_simulator.cli.files import rows_of
from llm_simulator.errors import InvalidInput

COLUMNS = ("arrival_s", "input_tokens", "output_tokens")


def trace_traffic(path: Path) -> dict[str, Any]:
    """The traffic in a file with the columns arrival_s, input_tokens and output_tokens.

    Raises InvalidInput naming the line that can't be read.
    """
    rows = [_row(row, line) for line, row in rows_of(path, "trace", COLUMNS)]
    return {"arrivals": "trace", "trace": rows}


def _row(row: dict[str, str], line: int) -> tuple[float, int, int]:
    arrival, prompt, output = (row[name] for name in COLUMNS)
    try:
        return float(arrival), int(prompt), int(output)
    except ValueError as error:
        raise InvalidInput.at(
            "trace", f"line {line}: write seconds and two whole numbers of tokens"
        ) from error
