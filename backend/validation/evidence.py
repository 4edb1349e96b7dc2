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
from llm_simulator.planner.calibration.pools import runs_on_pools
from validation.baseline import Line, of_part, read_baseline, write_baseline
from validation.components import component_lines
from validation.curves import curve_lines, curves, group_lines, pairs
from validation.decisions import PART as DECISION
from validation.decisions import decision_lines
from validation.figures import PublicFigures, read_figures
from validation.fronts import front_lines, fronts
from validation.held_out import PART as HELD_OUT
from validation.held_out import held_out_lines, read_held_out
from validation.latencies import OURS, PEER, Row, beside, with_predictions
from validation.page import IMAGES, page
from validation.pools import PART as POOLS
from validation.pools import pool_lines
from validation.public import public_lines
from validation.scatter import Mark, scatter
from validation.support import PART as SUPPORT
from validation.support import support_lines

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


@dataclass(frozen=True)
class Tables:
    """What is compared; None where there is no such file: its lines of the baseline are kept."""

    runs: Sequence[Compared] | None = None
    pools: Sequence[Compared] | None = None
    """Disaggregated runs."""
    peer: Sequence[Row] | None = None
    """A peer's predictions of the same runs (research/peer.py)."""
    held_out: Sequence[Row] | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes everything; 1 with a sentence when a file that was named can't be used."""
    parser = argparse.ArgumentParser(prog="make validate", description=__doc__)
    parser.add_argument("--measurements", type=Path, help="CSV file of measured runs")
    parser.add_argument("--held-out", type=Path, help="CSV file of predictions held back")
    parser.add_argument("--pools", type=Path, nargs="+", help="CSV files of disaggregated runs")
    parser.add_argument("--peer", type=Path, help="CSV file of a peer's predictions of those runs")
    given, paths = parser.parse_args(arguments), Paths()
    try:
        tables = Tables(
            runs=measured_runs(given.measurements),
            pools=given.pools and runs_of_pools(given.pools),
            peer=given.peer and predictions(given.peer, PEER),
            held_out=held_out_rows(given.held_out, paths),
        )
    except NoMeasurements as problem:
        print(problem, file=sys.stderr)
        return 1
    write_evidence(paths, read_figures(paths.figures), tables)
    return 0


def measured_runs(path: Path | None) -> list[Compared] | None:
    """Every row of the file compared; None when none was named and the usual one is absent.

    Raises NoMeasurements when a named file is absent, empty or lacks a column.
    """
    if path is None and not MEASUREMENTS.exists():
        print("No file of measurements: what the baseline says about measured runs is kept.")
        return None
    rows = table_rows(path or MEASUREMENTS, COLUMNS)
    return compared(rows, builtin_catalogue())


def runs_of_pools(paths: Sequence[Path]) -> list[Compared]:
    """The disaggregated rows of the files compared."""
    rows = (row for path in paths for row in table_rows(path, ("concurrency",)))
    return compared((row for row in rows if runs_on_pools(row)), builtin_catalogue())


def held_out_rows(path: Path | None, paths: Paths) -> list[Row] | None:
    """The rows of the table beside ``held_out.json``, or of the one that was named."""
    usual = paths.held_out.with_suffix(".csv")
    if path is None and not usual.exists():
        return None
    return predictions(path or usual, OURS)


def predictions(path: Path, predictor: str) -> list[Row]:
    """The rows of a file of predictions; raises NoMeasurements where it lacks a column."""
    added = [f"{predictor}_{latency}_ms" for latency in ("ttft", "tpot")]
    return table_rows(path, [*COLUMNS, *added])


def table_rows(path: Path, needed: Sequence[str]) -> list[Row]:
    """The rows of a file; raises NoMeasurements where there are none or a column is missing."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows: list[Row] = list(csv.DictReader(file))
    except OSError as error:
        raise NoMeasurements(
            f"{path.name} can't be read ({error.strerror}); name a file of measured runs, or leave "
            "it out to keep what the baseline says about them."
        ) from error
    missing = [column for column in needed if not rows or column not in rows[0]]
    if missing:
        raise NoMeasurements(f"{path.name} has no rows with {', '.join(missing)}.")
    return rows


def write_evidence(paths: Paths, public: PublicFigures, tables: Tables) -> None:
    """The baseline, the page and, with runs, the pictures."""
    before = read_baseline(paths.baseline)
    lines = [
        *public_lines(public.figures),
        *support_lines(builtin_catalogue().calibrations),
        *_measured_lines(tables, before),
        *_pool_lines(tables, before),
        *_held_out_lines(tables, before),
    ]
    if tables.runs is not None:
        _write_pictures(paths.docs, tables.runs)
        _print_unpredicted(tables.runs)
    write_baseline(paths.baseline, lines)
    text = page(lines, public, read_held_out(paths.held_out))
    (paths.docs / "accuracy.md").write_text(text, encoding="utf-8")
    _print_summary(lines)


def _measured_lines(tables: Tables, before: Sequence[Line]) -> list[Line]:
    """What measured runs show; what the baseline said of them when there are none today."""
    if tables.runs is None:
        own = ("public", SUPPORT, POOLS)
        return [line for line in before if line.part not in own and not line.split]
    rows = beside(with_predictions(tables.runs), tables.peer)
    return [
        *group_lines(tables.runs),
        *component_lines(tables.runs),
        *decision_lines(rows),
        *front_lines(fronts(rows, builtin_catalogue())),
        *curve_lines(tables.runs),
    ]


def _pool_lines(tables: Tables, before: Sequence[Line]) -> list[Line]:
    return of_part(before, POOLS) if tables.pools is None else pool_lines(tables.pools)


def _held_out_lines(tables: Tables, before: Sequence[Line]) -> list[Line]:
    if tables.held_out is None:
        return [line for line in before if line.split]
    return held_out_lines(beside(tables.held_out, tables.peer))


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
    for line in [*of_part(lines, "all"), *of_part(lines, DECISION), *of_part(lines, HELD_OUT)]:
        where = f"held out, {line.split}, " if line.split else ""
        print(f"{where}{line.quantity}: {_figures(line)}")
    for line in of_part(lines, "front"):
        if line.case == "all":
            print(f"{line.quantity}: median {line.ratio}, 90 % quantile {line.ratio_p90}")


def _figures(line: Line) -> str:
    """The errors or the regret of a line."""
    if line.regret:
        share = f"of kept ones {line.kept_regret}, {line.broken} break the limit"
        return f"{line.rows} decisions, mean {line.regret}, {share}"
    errors = f"mean {line.mean_error}, median {line.median_error}, bias {line.bias}"
    return (
        f"{line.predicted_rows} of {line.rows} runs, {errors}, in interval {line.inside_interval}"
    )


if __name__ == "__main__":
    sys.exit(main())
