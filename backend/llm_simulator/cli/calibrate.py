"""``tier6 calibrate``: fit the model to measured runs."""

import csv
import json
import math
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli.files import rows_of, writing
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.calibrate import own_calibration, public_calibration
from llm_simulator.planner.calibration.document import document
from llm_simulator.planner.calibration.folds import Folds
from llm_simulator.planner.calibration.intervals import HeldOut, errors_of
from llm_simulator.planner.calibration.measurement import COLUMNS, Measurement, measurement_of
from llm_simulator.planner.calibration.pools import COLUMNS as POOLED_COLUMNS
from llm_simulator.planner.calibration.pools import (
    INFERENCEX_COLUMNS,
    PooledMeasurement,
    pooled_measurement_of,
    runs_on_pools,
)
from llm_simulator.planner.requests.calibrations import Residuals
from llm_simulator.planner.requests.catalogue import chosen, find


def calibrate(
    measurements: Annotated[
        list[Path],
        typer.Option(
            help="CSV file of measured serving runs, as validate reads it; may be given again."
        ),
    ],
    chip: Annotated[str | None, typer.Option(help="Fit runs of this chip only.")] = None,
    engine: Annotated[
        str | None, typer.Option(help="Fit runs of this engine only: vllm, sglang, trtllm, ...")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; default: CHIP--ENGINE.toml here.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the measurements come from.")] = "own runs",
    from_scratch: Annotated[
        bool,
        typer.Option(
            "--from-scratch",
            help="Fit all runs over the bare assumptions, as the catalogue's own calibration was, "
            "instead of on top of it.",
        ),
    ] = False,
    held_out: Annotated[
        Path | None,
        typer.Option(
            help="With --from-scratch: write held-out errors as JSON here, and beside it as CSV "
            "every run as it was predicted without having been shown."
        ),
    ] = None,
) -> None:
    """Fit the model to your measurements and write a calibration with its residual errors."""
    runs = [run for path in measurements for run in measured_runs(path, chip, engine)]
    if not runs:
        raise InvalidInput.at(
            "measurements", f"no run of {engine or 'any engine'} on {chip or 'any chip'}"
        )
    today, catalogue = date.today().isoformat(), builtin_catalogue()
    if from_scratch:
        on_pools = [run for path in measurements for run in runs_on_pools_of(path)]
        file, folds = public_calibration(runs, on_pools, catalogue, source=source, entered=today)
        if held_out is not None:
            with writing(held_out) as written:
                json.dump(_held_out(folds), written, indent=1)
                written.write("\n")
            with writing(held_out.with_suffix(".csv")) as written:
                _write_predictions(runs, folds, written)
    else:
        file = own_calibration(runs, catalogue, source=source, entered=today)
    target = output or Path(f"{chip or 'all-chips'}--{engine or 'all-engines'}.toml")
    with writing(target) as written:
        written.write(document(file))
    typer.echo(f"{target}: {file.title}, {len(file.levels)} levels")
    for residuals in file.residuals:
        typer.echo(f"  {_line(residuals)}")
    for residuals in file.pool_residuals:
        typer.echo(f"  pools, {_line(residuals)}")


def measured_runs(path: Path, chip: str | None, engine: str | None) -> list[Measurement]:
    """A file's runs of one chip and engine; raises InvalidInput naming the row that can't be read.

    Runs of separate pools are left out.
    """
    chips = builtin_catalogue().chips
    if chip is not None:
        chosen(chips, "chip", chip, "chip")
    runs = []
    for line, row in rows_of(path, "measurements", COLUMNS, POOLED_COLUMNS, INFERENCEX_COLUMNS):
        if runs_on_pools(row):
            continue
        try:
            run = measurement_of(row)
        except InvalidInput as error:
            raise InvalidInput.at(f"line {line}", str(error)) from error
        found = find(chips, run.chip)
        on_chip = chip is None or (found is not None and found is find(chips, chip))
        if on_chip and engine in (None, run.framework):
            runs.append(run)
    return runs


def runs_on_pools_of(path: Path) -> list[PooledMeasurement]:
    """A file's disaggregated runs, those left out that don't say what they ran on."""
    runs = []
    for _line, row in rows_of(path, "measurements", COLUMNS, POOLED_COLUMNS, INFERENCEX_COLUMNS):
        if runs_on_pools(row):
            with suppress(InvalidInput):
                runs.append(pooled_measurement_of(row))
    return runs


def _line(item: Residuals) -> str:
    low, high = item.ttft_interval
    return (
        f"{item.subject.named() or 'all'} ({item.provenance}, {item.runs} runs): TPOT off by "
        f"{100 * item.tpot_error[0]:.1f} % in the mean, {100 * item.tpot_error[1]:.1f} % in the "
        f"median; TTFT {100 * item.ttft_error[0]:.1f} %, {100 * item.ttft_error[1]:.1f} %; "
        f"80 % of runs between {item.tpot_interval[0]:.2f} and {item.tpot_interval[1]:.2f} "
        f"of the predicted TPOT, {low:.2f} and {high:.2f} of TTFT"
    )


def _held_out(folds: Folds) -> dict[str, Any]:
    """Errors on held-out curves and cases, and those of curves by chip and engine."""
    by_split = {
        name: _figures(split.errors) | {"interval_coverage": split.coverage}
        for name, split in folds.splits.items()
    }
    curve = folds.curve.errors
    by = [
        {"chip": subject.chip, "engine": subject.engine, "rows": int(mask.sum())}
        | _figures(curve, mask)
        for subject, mask in curve.of(("chip", "engine"))
    ]
    return by_split | {"by": by}


def _write_predictions(runs: Sequence[Measurement], folds: Folds, target: TextIO) -> None:
    """Every run of every split with its prediction and its interval, as validate writes them."""
    names = ["ttft", "tpot"]
    figures = [f"predicted_{name}{end}_ms" for name in names for end in ("", "_low", "_high")]
    writer = csv.DictWriter(target, [*Measurement.model_fields, *figures, "split"])
    writer.writeheader()
    for split, held_out in folds.splits.items():
        for row, run in enumerate(runs):
            if not held_out.errors.known[row]:
                continue
            fields = run.model_dump(mode="json") | {"split": split}
            for name in names:
                error = float(getattr(held_out.errors, name)[row])
                predicted = fields[f"{name}_ms"] / math.exp(error)
                low, high = getattr(held_out.intervals, name)[:, row].tolist()
                fields[f"predicted_{name}_ms"] = predicted
                fields[f"predicted_{name}_low_ms"] = predicted * low
                fields[f"predicted_{name}_high_ms"] = predicted * high
            writer.writerow(fields)


def _figures(errors: HeldOut, mask: Any = None) -> dict[str, Any]:
    rows = errors.known if mask is None else mask
    named = (("tpot", errors.tpot), ("ttft", errors.ttft))
    return {
        name: dict(zip(("mean", "median"), errors_of(logs[rows]), strict=True))
        for name, logs in named
    }
