"""A trace of requests out of a CSV file."""

import csv
from pathlib import Path
from typing import Any

from llm_simulator.errors import InvalidInput

COLUMNS = ("arrival_s", "input_tokens", "output_tokens")


def trace_traffic(path: Path) -> dict[str, Any]:
    """The traffic in a file with the columns arrival_s, input_tokens and output_tokens.

    Raises InvalidInput naming the line that can't be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise InvalidInput.at("trace", f"{path.name} has no column {', '.join(missing)}")
            rows = [_row(row, reader.line_num) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput.at("trace", f"{path.name} can't be read: {error}") from error
    return {"arrivals": "trace", "trace": rows}


def _row(row: dict[str, str], line: int) -> tuple[float, int, int]:
    arrival, prompt, output = (row[name] for name in COLUMNS)
    try:
        return float(arrival), int(prompt), int(output)
    except (TypeError, ValueError) as error:
        raise InvalidInput.at(
            "trace", f"line {line}: write seconds and two whole numbers of tokens"
        ) from error
