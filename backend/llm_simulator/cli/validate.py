"""``tier6 validate``: predictions against a file of measured runs."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli.files import calibration_of, rows_of, writing
from llm_simulator.cli.report import REPORT_WIDTH
from llm_simulator.planner.calibration.comparison import (
    Compared,
    Error,
    Summary,
    compared,
    summaries,
)
from llm_simulator.planner.calibration.comparison import summary as summary_of
from llm_simulator.planner.calibration.measurement import COLUMNS
from llm_simulator.planner.calibration.pools import COLUMNS as POOLED_COLUMNS
from llm_simulator.planner.calibration.pools import INFERENCEX_COLUMNS
from llm_simulator.planner.calibration.prediction import LENGTH_SPREAD

GROUPINGS = ("model", "chip", "framework")

_PREDICTED = {
    "predicted_ttft_ms": "ttft_ms",
    "predicted_tpot_ms": "tpot_ms",
    "predicted_ttft_low_ms": "ttft_low_ms",
    "predicted_ttft_high_ms": "ttft_high_ms",
    "predicted_tpot_low_ms": "tpot_low_ms",
    "predicted_tpot_high_ms": "tpot_high_ms",
}
"""Columns of the output and the fields of a prediction they show."""


def validate(
    measurements: Annotated[
        Path, typer.Option(help="CSV file of measured runs: columns in docs/model.md.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write every row with its prediction to this CSV file.")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="A calibration that `tier6 calibrate` wrote, on top.")
    ] = None,
) -> None:
    """Print how far predictions are off your measurements."""
    catalogue = builtin_catalogue()
    if calibration is not None:
        catalogue = catalogue.with_calibration(calibration_of(calibration))
    rows = rows_of(measurements, "measurements", COLUMNS, POOLED_COLUMNS, INFERENCEX_COLUMNS)
    runs = compared([row for _, row in rows], catalogue)
    if output is not None:
        _write(output, runs)
    whole = summary_of(runs)
    groups = {name: summaries(runs, lambda row, name=name: row[name]) for name in GROUPINGS}
    problems = Counter(run.problem for run in runs if run.problem)
    if as_json:
        typer.echo(json.dumps(_as_json(whole, groups, problems), indent=2))
    else:
        _print(whole, groups, problems)


def _write(path: Path, runs: Sequence[Compared]) -> None:
    """Every input column, then the prediction or the reason why there is none."""
    added = (*_PREDICTED, "provenance", "problem")
    with writing(path) as file:
        writer = csv.DictWriter(file, [*runs[0].row, *added])
        writer.writeheader()
        for run in runs:
            figures = run.predicted
            writer.writerow(
                dict(run.row)
                | {
                    column: f"{getattr(figures, field):.5f}" if figures else ""
                    for column, field in _PREDICTED.items()
                }
                | {
                    "provenance": figures.provenance if figures else "",
                    "problem": run.problem or "",
                }
            )


def _as_json(
    whole: Summary, groups: dict[str, dict[str, Summary]], problems: Counter[str]
) -> dict[str, Any]:
    by = {
        f"by_{grouping}": {name: part.as_json() for name, part in parts.items()}
        for grouping, parts in groups.items()
    }
    return {"overall": whole.as_json(), **by, "problems": dict(problems)}


def _print(whole: Summary, groups: dict[str, dict[str, Summary]], problems: Counter[str]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("runs", no_wrap=True)
    errors = ("median", "bias", "in 80 %")
    for header in ("predicted", "TPOT mean", *errors, "TTFT mean", *errors):
        table.add_column(header, justify="right", no_wrap=True)
    table.add_row("all", *_cells(whole))
    for parts in groups.values():
        table.add_section()
        for name, part in parts.items():
            table.add_row(name, *_cells(part))
    console = Console()
    console.width = max(console.width, REPORT_WIDTH)
    console.print(table)
    if whole.throughput is not None:
        mean, middle, bias, inside = _percentages(whole.throughput)
        console.print(
            f"Output tokens/s that such latencies make: {mean} off in the mean, {middle} in the "
            f"median, bias {bias}, in 80 % {inside}.",
            soft_wrap=True,
        )
    if own := whole.predicted - whole.of_known_benchmarks:
        benchmarks = " or ".join(LENGTH_SPREAD)
        console.print(
            f"Own runs, {_counted(own)}: source is not {benchmarks}, so lengths count as "
            "stated and what is left out is what evaluate assumes.",
            soft_wrap=True,
        )
    for problem, count in problems.most_common():
        console.print(f"Not predicted, {_counted(count)}: {problem}", markup=False, soft_wrap=True)


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def _cells(part: Summary) -> list[str]:
    covered = f"{part.predicted} of {part.rows}"
    return [covered, *_percentages(part.tpot), *_percentages(part.ttft)]


def _percentages(error: Error | None) -> list[str]:
    if error is None:
        return ["–"] * 4
    return [
        f"{100 * error.mean:.1f} %",
        f"{100 * error.median:.1f} %",
        f"{100 * error.bias:+.1f} %",
        f"{100 * error.interval_coverage:.0f} %",
    ]
