"""``python -m research.correlation MEASUREMENTS.csv [--residuals FILE.npz]``; minutes of CPU."""

import argparse
import csv
from collections import defaultdict
from collections.abc import Hashable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import lsq_linear

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.planner.calibration.folds import case_of, curve_of, held_out, parts
from llm_simulator.planner.calibration.measurement import Measurement, measurement_of
from llm_simulator.planner.calibration.runs import runs_of
from llm_simulator.planner.results.correlation import LOAD_LENGTH, SHAPE_LENGTH, likeness
from llm_simulator.planner.search.risk import SplitNormal

BORROWED = 30
"""Runs of all cases that a case's own quantiles borrow, as intervals do."""
LARGEST = 3.0
"""Standard deviations that an error counts as at most: one wild run is no evidence of others."""

Array = np.ndarray


def residuals(measurements: Sequence[Measurement]) -> dict[str, Array]:
    """Log(measured / predicted) of every run, by what was held out and figure; shape [R]."""
    catalogue = builtin_catalogue()
    runs, assumed = runs_of(measurements, catalogue), catalogue.calibrations.assumed
    curves, _ = held_out(runs, assumed, parts([curve_of(run) for run in measurements]))
    cases, untold = held_out(runs, assumed, parts([case_of(run) for run in measurements]))
    found = {"calibrated": curves, "transferred": cases, "first_principles": untold}
    return {
        f"{name}_{figure}": getattr(errors, figure)
        for name, errors in found.items()
        for figure in ("tpot", "ttft")
    }


def normal_scores(errors: Array, cases: Sequence[Hashable]) -> Array:
    """The errors in standard deviations of their case's split normal; shape [R]."""
    borrowed = np.quantile(errors, (np.arange(BORROWED) + 0.5) / BORROWED)
    scores = np.empty(len(errors))
    for rows in _groups(cases):
        low, high = np.exp(np.quantile(np.append(errors[rows], borrowed), (0.1, 0.9)))
        own = SplitNormal.of_interval(float(low), float(high))
        scores[rows] = own.score(np.exp(errors[rows]))
    return np.clip(scores, -LARGEST, LARGEST)


def pairs(groups: Sequence[Hashable], fold: Array | None) -> tuple[Array, Array, Array]:
    """Pairs of runs that one request could rank, and a weight: a large group counts as its runs.

    With ``fold`` only those that were held out together: otherwise the one was fitted on the other.
    """
    first, second, weight = [], [], []
    for rows in _groups(groups):
        for at, one in enumerate(rows):
            for other in rows[at + 1 :]:
                if fold is None or fold[one] == fold[other]:
                    first.append(one)
                    second.append(other)
                    weight.append(1 / len(rows))
    return np.array(first), np.array(second), np.array(weight)


def shares(
    scores: Array, shapes: Array, loads: Array, chosen: tuple[Array, Array, Array]
) -> list[float]:
    """Shares of variance of case, shape, load and both, by least squares over pairs; sum <= 1."""
    one, other, weight = chosen
    columns = likeness(shapes[one], loads[one], shapes[other], loads[other])
    alike = scores[one] * scores[other] / np.mean(scores**2)
    rows = np.sqrt(weight)
    # A heavy last row holds the sum at one, with a slack column for a run's own share.
    table = np.vstack([np.column_stack([columns, np.zeros(len(one))]) * rows[:, None], [1e3] * 5])
    found = lsq_linear(table, np.append(alike * rows, 1e3), bounds=(0, 1)).x
    return [round(float(share), 2) for share in found[:4]]


def _groups(names: Sequence[Hashable]) -> list[list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        found[name].append(row)
    return list(found.values())


def main() -> None:
    """Prints the shares of each kind of calibration and figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("measurements", type=Path)
    parser.add_argument("--residuals", type=Path, help="written here, or read where it is there")
    given = parser.parse_args()
    rows = list(csv.DictReader(given.measurements.open()))
    runs = [measurement_of(row) for row in rows]
    if given.residuals is not None and given.residuals.exists():
        errors = dict(np.load(given.residuals))
    else:
        errors = residuals(runs)
        if given.residuals is not None:
            np.savez(given.residuals, **errors)
    shapes = np.log2([(r.tp, r.pp, r.attention_dp, r.moe_tp, r.ep, 1) for r in runs])
    loads = np.log2([r.concurrency / r.attention_dp for r in runs])
    labels = ("configuration", "source", "speculative")
    groups = [
        (
            case_of(run),
            run.precision,
            run.framework_version,
            run.input_tokens,
            run.output_tokens,
            *(row.get(label) for label in labels),
        )
        for run, row in zip(runs, rows, strict=True)
    ]
    together = parts([curve_of(run) for run in runs])
    print(f"lengths: {SHAPE_LENGTH:g} doublings of degrees, {LOAD_LENGTH:g} of the load")
    for name, logs in errors.items():
        fold = together if name.startswith("calibrated") else None
        scores = normal_scores(logs, [case_of(run) for run in runs])
        found = shares(scores, shapes, loads, pairs(groups, fold))
        print(name, dict(zip(("case", "shape", "load", "both"), found, strict=True)))


if __name__ == "__main__":
    main()
