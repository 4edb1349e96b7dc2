"""What disaggregated runs add to a calibration: how fast instances decode that do nothing else.

One factor on their steps, by engine and by architecture of the chips. Every run is predicted on a
grid of it once; the fit, and those with a part of the runs held out, read the grid.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.intervals import HeldOut, Widening, intervals_of, residuals
from llm_simulator.planner.calibration.levels import Grouping, Kind, grouped
from llm_simulator.planner.calibration.pools import PooledMeasurement, pooled_latency
from llm_simulator.planner.calibration.prediction import measured_deployment, measured_subject
from llm_simulator.planner.requests.calibrations import Level, Residuals, Subject
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.units import MILLI, Array, IntArray

KIND = Kind(("engine", "family"), 0.2)
LADDER = ((), ("engine",))
"""Subjects that have intervals of their own."""

GRID = np.linspace(-0.8, 0.8, 9)
"""Logarithms of the factor at which runs are predicted."""
NOISE = 0.15
"""Log error of TPOT beyond which a run counts as impure and pulls no harder."""


@dataclass(frozen=True)
class PoolRuns:
    """Disaggregated runs; log seconds."""

    subjects: tuple[Subject, ...]
    cases: tuple[tuple[str, str, str], ...]
    """Model, chip and engine."""
    measured: Array
    """TTFT and TPOT; shape [2, R]."""
    predicted: Array
    """The same on the grid; shape [2, R, grid]."""

    def errors(self, logs: Array) -> Array:
        """Log(measured / predicted) of TTFT and TPOT at each run's factor; shape [2, R]."""
        place = np.clip((logs - GRID[0]) / (GRID[1] - GRID[0]), 0, len(GRID) - 1.001)
        left, run = place.astype(np.int64), np.arange(len(logs))
        share = place - left
        below, above = self.predicted[:, run, left], self.predicted[:, run, left + 1]
        return np.asarray(self.measured - below * (1 - share) - above * share)


def fitted_pools(
    measurements: Sequence[PooledMeasurement], catalogue: Catalogue
) -> tuple[list[Level], list[Residuals]]:
    """Levels of ``pool_decode``, and the errors on held-out combinations of model, chip and engine.

    Runs whose configuration can't be evaluated are left out.
    """
    runs = _pool_runs(measurements, catalogue)
    grouping = grouped(KIND, runs.subjects)
    offsets = _offsets(runs, grouping, np.arange(len(runs.subjects)))
    ttft, tpot = _held_out(runs, grouping)
    errors = HeldOut(runs.subjects, tpot=tpot, ttft=ttft)
    found = residuals(errors, "transferred", LADDER)
    widening = Widening.of(errors, intervals_of(errors, found))
    levels = [
        Level(subject=subject, factors={"pool_decode": round(offset, 4)})
        for subject, offset in zip(grouping.subjects, offsets.tolist(), strict=True)
    ]
    return levels, widening.residuals(found)


def _pool_runs(measurements: Sequence[PooledMeasurement], catalogue: Catalogue) -> PoolRuns:
    kept, subjects, predicted = [], [], []
    for run in measurements:
        try:
            deployed = measured_deployment(run, catalogue)
            on_grid = [pooled_latency(run, deployed, math.exp(log)) for log in GRID]
        except InvalidInput:
            continue
        kept.append(run)
        subjects.append(measured_subject(run, deployed.model, deployed.chip, deployed.workload))
        predicted.append(on_grid)
    measured = np.array([(run.ttft_ms * MILLI, run.tpot_ms * MILLI) for run in kept]).T
    return PoolRuns(
        subjects=tuple(subjects),
        cases=tuple((run.model, run.chip, run.framework) for run in kept),
        measured=np.log(measured),
        predicted=np.log(np.moveaxis(np.array(predicted), 2, 0)),
    )


def _held_out(runs: PoolRuns, grouping: Grouping) -> Array:
    """Log(measured / predicted) of TTFT and TPOT, each case fitted on all others; shape [2, R]."""
    errors = np.empty_like(runs.measured)
    cases = list(dict.fromkeys(runs.cases))
    of_run = np.array([cases.index(case) for case in runs.cases])
    for place in range(len(cases)):
        own = of_run == place
        fitted = _offsets(runs, grouping, np.flatnonzero(~own))
        errors[:, own] = runs.errors(fitted[grouping.member])[:, own]
    return errors


def _offsets(runs: PoolRuns, grouping: Grouping, chosen: IntArray) -> Array:
    """The factor's logarithm by subject, drawn towards zero."""

    def off(offsets: Array) -> Array:
        _, tpot = runs.errors(offsets[grouping.member])
        squares = (tpot[chosen] / NOISE) ** 2
        robust = np.sign(tpot[chosen]) * np.sqrt(2 * (np.sqrt(1 + squares) - 1))
        return np.concatenate([robust, offsets / KIND.spread])

    return np.asarray(least_squares(off, np.zeros(len(grouping.subjects))).x)
