"""``python -m research.own_runs MEASUREMENTS.csv``: what three runs of an unknown case are worth.

Cases (model, chip, engine) are held out in turn; three of their runs, drawn at random, are fitted
on top as ``tier6 calibrate`` does, and the others compared. Minutes of CPU.
"""

import argparse
from pathlib import Path

import numpy as np

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli.calibrate import measured_runs
from llm_simulator.planner.calibration.calibrate import OWN_KINDS
from llm_simulator.planner.calibration.corrections import fit_corrections
from llm_simulator.planner.calibration.folds import (
    TPOT_NOISE,
    TTFT_NOISE,
    case_of,
    fitted,
    parts,
)
from llm_simulator.planner.calibration.intervals import errors_of
from llm_simulator.planner.calibration.runs import Runs, runs_of

OWN_RUNS = 3
FEWEST = 6
"""Runs of a case below which nothing would be left to compare."""

Array = np.ndarray


def main() -> None:
    """Print mean and median errors of both latencies without and with the case's own runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measurements", type=Path)
    measured = measured_runs(parser.parse_args().measurements, None, None)
    catalogue = builtin_catalogue()
    runs, assumed = runs_of(measured, catalogue), catalogue.calibrations.assumed
    cases = [case_of(run) for run in measured]
    part, random = parts(cases), np.random.default_rng(1)
    before: dict[str, list[Array]] = {"tpot": [], "ttft": []}
    after: dict[str, list[Array]] = {"tpot": [], "ttft": []}
    for fold in range(part.max() + 1):
        fit = fitted(runs, assumed, np.flatnonzero(part != fold))
        left = {
            "tpot": np.log(runs.tpot) - fit.log_tpot,
            "ttft": np.log(runs.ttft) - fit.log_ttft,
        }
        for case in dict.fromkeys(cases[row] for row in np.flatnonzero(part == fold)):
            rows = np.flatnonzero([name == case for name in cases])
            if len(rows) < FEWEST:
                continue
            own = random.choice(len(rows), OWN_RUNS, replace=False)
            others = np.delete(np.arange(len(rows)), own)
            for latency, noise in (("tpot", TPOT_NOISE), ("ttft", TTFT_NOISE)):
                errors = left[latency][rows]
                before[latency].append(errors[others])
                after[latency].append((errors - _learnt(runs, rows, errors, own, noise))[others])
    for name, errors in (("never shown", before), (f"after {OWN_RUNS} own runs", after)):
        figures = {latency: errors_of(np.concatenate(found)) for latency, found in errors.items()}
        print(name, figures)


def _learnt(runs: Runs, rows: Array, errors: Array, own: Array, noise: float) -> Array:
    """What the ``own`` runs say of log(measured / predicted) of all runs of the case."""
    subjects, features = [runs.subjects[row] for row in rows], runs.features[:, rows]
    fit = fit_corrections(subjects, features, errors, own, noise=noise, kinds=OWN_KINDS)
    return fit.log_correction(features)


if __name__ == "__main__":
    main()
