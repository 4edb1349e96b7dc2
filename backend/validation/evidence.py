"""``make validate``: compare, and write the baseline, the page and its pictures."""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from statistics import fmean

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.calibration.comparison import Compared, compared
from llm_simulator.planner.calibration.measurement import COLUMNS
from validation.baseline import Line, of_part, read_baseline, write_baseline
from validation.components import component_lines
from validation.curves import curve_lines, curves, group_lines, pairs
from validation.figures import PublicFigures, read_figures
from validation.held_out import read_held_out
from validation.page import IMAGES, page
from validation.public import public_lines
from validation.scatter import Mark, scatter

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
MEASUREMENTS = REPOSITORY.parent / "shared" / "measurements" / "serving_train.csv"
"""Where the training runs lie beside a checkout; they are not part of the repository."""


class NoMeasurements(Exception):
    """The file of measurements can't be used; the text says why and what to do."""


@dataclass(frozen=True)
class Paths:
    """Where the evidence is read and written."""

    figures: Path = HERE / "public_figures.toml"
    held_out: Path = HERE / "held_out.json"
    baseline: Path = HERE / "baseline.csv"
    docs: Path = REPOSITORY / "docs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes everything; 1 with a sentence when the measurements that were named can't be used."""
    parser = argparse.ArgumentParser(prog="make validate", description=__doc__)
    parser.add_argument("--measurements", type=Path, help="CSV file of measured runs")
    try:
        runs = measured_runs(parser.parse_args(arguments).measurements)
    except NoMeasurements as problem:
        print(problem, file=sys.stderr)
        return 1
    paths = Paths()
    write_evidence(paths, read_figures(paths.figures), runs)
    return 0


def measured_runs(path: Path | None) -> list[Compared] | None:
    """Every row of the file compared; None when none was named and the usual one is absent.

    Raises NoMeasurements when a named file is absent, empty or lacks a column.
    """
    if path is None and not MEASUREMENTS.exists():
        print("No file of measurements: what the baseline says about measured runs is kept.")
        return None
    return compared(_rows(path or MEASUREMENTS), builtin_catalogue())


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise NoMeasurements(
            f"{path.name} can't be read ({error.strerror}); name a file of measured runs, or leave "
            "it out to keep what the baseline says about them."
        ) from error
    missing = [column for column in COLUMNS if not rows or column not in rows[0]]
    if missing:
        raise NoMeasurements(f"{path.name} has no rows with {', '.join(missing)}.")
    return rows


def write_evidence(paths: Paths, public: PublicFigures, runs: Sequence[Compared] | None) -> None:
    """The baseline, the page and, with runs, the pictures."""
    if runs is None:
        measured = [line for line in read_baseline(paths.baseline) if line.part != "public"]
    else:
        measured = [*group_lines(runs), *component_lines(runs), *curve_lines(runs)]
        _write_pictures(paths.docs, runs)
        _print_unpredicted(runs)
    lines = [*public_lines(public.figures), *measured]
    write_baseline(paths.baseline, lines)
    text = page(lines, public, read_held_out(paths.held_out))
    (paths.docs / "accuracy.md").write_text(text, encoding="utf-8")
    _print_summary(lines)


def _write_pictures(docs: Path, runs: Sequence[Compared]) -> None:
    (docs / "images").mkdir(exist_ok=True)
    for latency, name in IMAGES.items():
        marks = _marks(runs, latency)
        if marks:
            title = f"{latency}: predicted against measured, curve by curve"
            picture = scatter(marks, title, f"{latency}, ms")
            (docs / name).write_text(picture, encoding="utf-8")


def _marks(runs: Sequence[Compared], latency: str) -> list[Mark]:
    """A mark per curve of several runs: a single run is not published."""
    marks = []
    for curve in curves(runs):
        found = pairs(curve, latency)
        if len(found) > 1:
            measured, predicted = (
                exp(fmean(log(value) for value in values))
                for values in ([p.measured for p in found], [p.predicted for p in found])
            )
            marks.append(Mark(measured, predicted, curve[0].row["framework"]))
    return marks


def _print_unpredicted(runs: Sequence[Compared]) -> None:
    for problem in sorted({run.problem for run in runs if run.problem}):
        count = sum(run.problem == problem for run in runs)
        print(f"Not predicted, {count} rows: {problem}")


def _print_summary(lines: Sequence[Line]) -> None:
    print(f"{len(of_part(lines, 'public'))} public figures")
    for line in of_part(lines, "all"):
        errors = f"mean {line.mean_error}, median {line.median_error}, bias {line.bias}"
        print(f"{line.quantity}: {line.predicted_rows} of {line.rows} runs, {errors}")


if __name__ == "__main__":
    sys.exit(main())
