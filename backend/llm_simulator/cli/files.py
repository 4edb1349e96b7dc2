"""Files that a command is given or writes; one that can't be read is an InvalidInput."""

import csv
import io
import json
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.requests.calibrations import CalibrationFile, read_calibration


def json_of(path: Path, field: str) -> Any:
    """The content of a JSON file."""
    try:
        return json.loads(_text(path, field))
    except (ValueError, RecursionError) as error:
        raise InvalidInput.at(field, f"{path.name} can't be read as JSON: {error}") from error


def calibration_of(path: Path, field: str = "calibration") -> CalibrationFile:
    """The calibration in a TOML file, as ``tier6 calibrate`` writes it."""
    try:
        document = tomllib.loads(_text(path, field))
    except (ValueError, RecursionError) as error:
        raise InvalidInput.at(field, f"{path.name} can't be read as TOML: {error}") from error
    return read_calibration(document, field)


def rows_of(path: Path, field: str, *columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file that has at least one set of columns, each with its line's number."""
    try:
        reader = csv.DictReader(io.StringIO(_text(path, field)), restval="")
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InvalidInput.at(field, f"{path.name} can't be read as CSV: {error}") from error
    found = set(reader.fieldnames or ())
    missing = min(([name for name in names if name not in found] for names in columns), key=len)
    if missing:
        raise InvalidInput.at(field, f"{path.name} has no column {', '.join(missing)}")
    if not rows:
        raise InvalidInput.at(field, f"{path.name} has no rows")
    for line, row in rows:
        if None in row:
            raise InvalidInput.at(field, f"{path.name} line {line} is longer than the first line")
    return rows


def _text(path: Path, field: str) -> str:
    try:
        # A byte order mark, as spreadsheets write it, is no part of the text.
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InvalidInput.at(field, f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput.at(field, f"{path} can't be read: it is no text") from error


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A text file to write."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise InvalidInput.at("output", f"{path} can't be written: {error.strerror}") from error
