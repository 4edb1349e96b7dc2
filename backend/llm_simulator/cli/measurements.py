"""Files of measured runs and of calibrations, read for the command line."""

import csv
import tomllib
from pathlib import Path

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.measurement import COLUMNS
from llm_simulator.planner.requests.calibrations import CalibrationFile, read_calibration
from llm_simulator.planner.requests.catalogue import Catalogue


def measurement_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file of measured runs; raises InvalidInput when it can't be one."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput.at("measurements", f"{path.name} can't be read: {error}") from error
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InvalidInput.at("measurements", f"{path.name} has no column {', '.join(missing)}")
    if not rows:
        raise InvalidInput.at("measurements", f"{path.name} has no rows")
    return rows


def calibration_file(path: Path) -> CalibrationFile:
    """The calibration in a TOML file; raises InvalidInput when it can't be read."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput.at("calibration", f"{path.name} can't be read: {error}") from error
    return read_calibration(document, "calibration")


def catalogue_with(path: Path | None) -> Catalogue:
    """The catalogue, with the calibration in ``path`` on top where one is given."""
    found = builtin_catalogue()
    return found if path is None else found.with_calibration(calibration_file(path))


def written(path: Path, text: str) -> None:
    """Writes a text file; raises InvalidInput when it can't be."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput.at("output", f"{path} can't be written: {error.strerror}") from error
