"""``python -m research.own_runs MEASUREMENTS.csv …``: what three runs of an unknown case are worth.

Cases (model, chip, engine) are held out in turn; three of their runs are fitted on top as ``tier6
calibrate`` does, and the others compared: three drawn at random, or one each at a small, a middling
and a large load. Means of ten draws. Minutes of CPU.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli.calibrate import measured_runs
from llm_simulator.planner.calibration.calibrate import (
    OWN_KINDS,
    OWN_TPOT_NOISE,
    OWN_TTFT_NOISE,
)
from llm_simulator.planner.calibration.corrections import fit_corrections
from llm_simulator.planner.calibration.folds import case_of, fitted, parts
from llm_simulator.planner.calibration.intervals import errors_of
from llm_simulator.planner.calibration.runs import Runs, runs_of

OWN_RUNS = 3
LOADS = np.array([1, 3, 5]) / 6
"""Places of three runs among those of a case by concurrency."""
FEWEST = 6
"""Runs of a case below which nothing would be left to compare."""
DRAWS = 10
NOISES = {"tpot": OWN_TPOT_NOISE, "ttft": OWN_TTFT_NOISE}

Array = np.ndarray


def main() -> None:
    """Print mean and median errors of both latencies without and with the case's own runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", type=Path, nargs="+")
    measured = [
        run for path in parser.parse_args().measurements for run in measured_runs(path, None, None)
    ]
    catalogue = builtin_catalogue()
    runs, assumed = runs_of(measured, catalogue), catalogue.calibrations.assumed
    cases = [case_of(run) for run in measured]
    left = _never_shown(runs, assumed, parts(cases))
    members = [np.flatnonzero([name == case for name in cases]) for case in dict.fromkeys(cases)]
    members = [rows for rows in members if len(rows) >= FEWEST]
    requests = np.array([run.concurrency for run in measured])
    print(
        "never shown",
        _figures({name: [logs[rows] for rows in members] for name, logs in left.items()}),
    )
    random = np.random.default_rng(1)
    for how in ("at random", "at three loads"):
        after: dict[str, list[Array]] = {"tpot": [], "ttft": []}
        for rows in members * DRAWS:
            shuffled = random.permutation(len(rows))
            by_load = shuffled[np.argsort(requests[rows][shuffled], kind="stable")]
            at_loads = by_load[(LOADS * len(rows)).astype(int)]
            own = shuffled[:OWN_RUNS] if how == "at random" else at_loads
            others = np.delete(np.arange(len(rows)), own)
            for name, noise in NOISES.items():
                errors = left[name][rows]
                after[name].append((errors - _learnt(runs, rows, errors, own, noise))[others])
        print(f"after {OWN_RUNS} own runs {how}", _figures(after))


def _never_shown(runs: Runs, assumed: Mapping[str, float], part: Array) -> dict[str, Array]:
    """Log(measured / predicted) of all runs, none of whose case was shown; [R]."""
    left = {name: np.empty(len(runs)) for name in NOISES}
    for fold in range(part.max() + 1):
        fit, own = fitted(runs, assumed, np.flatnonzero(part != fold)), part == fold
        left["tpot"][own] = (np.log(runs.tpot) - fit.log_tpot)[own]
        left["ttft"][own] = (np.log(runs.ttft) - fit.log_ttft)[own]
    return left


def _figures(errors: dict[str, list[Array]]) -> dict[str, tuple[float, float]]:
    """Mean and median error of both latencies."""
    return {name: errors_of(np.concatenate(found)) for name, found in errors.items()}


def _learnt(runs: Runs, rows: Array, errors: Array, own: Array, noise: float) -> Array:
    """What the ``own`` runs say of log(measured / predicted) of all runs of the case."""
    subjects, features = [runs.subjects[row] for row in rows], runs.features[:, rows]
    fit = fit_corrections(subjects, features, errors, own, noise=noise, kinds=OWN_KINDS)
    return fit.log_correction(features)


if __name__ == "__main__":
    main()
