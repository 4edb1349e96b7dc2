"""Fitting a calibration on measured runs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from llm_simulator.planner.calibration.corrections import CorrectionFit, fit_corrections
from llm_simulator.planner.calibration.folds import (
    Folds,
    fitted,
    held_out_folds,
)
from llm_simulator.planner.calibration.intervals import HeldOut, residuals
from llm_simulator.planner.calibration.levels import Kind
from llm_simulator.planner.calibration.measurement import Measurement
from llm_simulator.planner.calibration.pool_fit import fitted_pools
from llm_simulator.planner.calibration.pools import PooledMeasurement
from llm_simulator.planner.calibration.runs import Runs, runs_of
from llm_simulator.planner.calibration.uncorrected import uncorrected_latency
from llm_simulator.planner.requests.calibrations import CalibrationFile, Calibrations, Level
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.specs.calibration import LOOP_FACTORS
from llm_simulator.units import Array, IntArray

OWN_KINDS = (
    Kind(("engine", "chip"), 0.1, 0.05),
    Kind(("engine", "chip", "model"), 0.1, 0.1),
    Kind(("engine", "chip", "model", "precision"), 0.1, 0.1),
    Kind(("engine", "chip", "model", "precision", "version"), 0.1, 0.1),
)
"""What a user's own runs may add: most of it holds for what they are alike in."""
OWN_TPOT_NOISE, OWN_TTFT_NOISE = 0.06, 0.15
"""Log error of one run: what three of them say is not pressed onto all others. With the kinds, of
ten pairs the best on cases held out (``research/own_runs.py``); the others were as good within 3 %.
"""


def public_calibration(
    measurements: Sequence[Measurement],
    on_pools: Sequence[PooledMeasurement],
    catalogue: Catalogue,
    *,
    source: str,
    entered: str,
) -> tuple[CalibrationFile, Folds]:
    """The calibration of many runs over the bare assumptions, and its held-out errors.

    What runs ``on_pools`` add is read off once the others are fitted.
    """
    runs, assumed = runs_of(measurements, catalogue), catalogue.calibrations.assumed
    folds = held_out_folds(measurements, runs, assumed)
    whole = fitted(runs, assumed, np.arange(len(runs)))
    levels = [*whole.factors.levels(), *_correction_levels(whole.tpot, whole.ttft)]
    file = CalibrationFile(
        title=f"{len(runs)} measured serving runs",
        source=source,
        entered=entered,
        levels=tuple(level for level in levels if level.factors or level.tpot),
        residuals=tuple(folds.residuals()),
        reach=dict(folds.reach),
    )
    if not on_pools:
        return file, folds
    fitted_so_far = replace(catalogue, calibrations=Calibrations(assumed, (file,)))
    pool_levels, pool_residuals = fitted_pools(on_pools, fitted_so_far)
    update = {"levels": (*file.levels, *pool_levels), "pool_residuals": tuple(pool_residuals)}
    return file.model_copy(update=update), folds


def own_calibration(
    measurements: Sequence[Measurement], catalogue: Catalogue, *, source: str, entered: str
) -> CalibrationFile:
    """A calibration on top of the catalogue's, out of a user's own runs of one chip and engine.

    Its errors are those of leaving out one run at a time.
    """
    runs = runs_of(measurements, catalogue)
    tpot, ttft = _logs_of_catalogue(runs, catalogue)
    left = (np.log(runs.tpot) - tpot, np.log(runs.ttft) - ttft)
    everything = np.arange(len(runs))
    fits = [_own_fit(runs, rest, everything, n) for rest, n in zip(left, _NOISES, strict=True)]
    unseen = [
        np.array([_left_out(runs, rest, run, noise) for run in everything.tolist()])
        for rest, noise in zip(left, _NOISES, strict=True)
    ]
    errors = HeldOut(runs.subjects, *unseen)
    keys = ("engine", "chip")
    return CalibrationFile(
        title=f"{len(runs)} runs of your own",
        source=source,
        entered=entered,
        levels=tuple(_correction_levels(*fits)),
        residuals=tuple(residuals(errors, "calibrated", ((), keys, (*keys, "model")))),
    )


_NOISES = (OWN_TPOT_NOISE, OWN_TTFT_NOISE)


def _own_fit(runs: Runs, left: Array, chosen: IntArray, noise: float) -> CorrectionFit:
    return fit_corrections(runs.subjects, runs.features, left, chosen, noise=noise, kinds=OWN_KINDS)


def _left_out(runs: Runs, left: Array, run: int, noise: float) -> float:
    """What is left of one run's error when all the others were fitted."""
    others = np.delete(np.arange(len(runs)), run)
    if not len(others):
        return float(left[run])
    fit = _own_fit(runs, left, others, noise)
    return float(left[run] - fit.log_correction(runs.features)[run])


def _logs_of_catalogue(runs: Runs, catalogue: Catalogue) -> tuple[Array, Array]:
    """Log seconds of TPOT and TTFT as the catalogue's calibrations have them; [R] each."""
    calibrations = [catalogue.calibrations.calibration(subject) for subject in runs.subjects]
    logs = np.log([[getattr(c.factors, name) for name in LOOP_FACTORS] for c in calibrations])
    ttft, tpot = (np.log(seconds) for seconds in uncorrected_latency(runs, logs))
    for run, calibration in enumerate(calibrations):
        column = runs.features[:, run]
        if calibration.tpot_correction:
            tpot[run] += np.asarray(calibration.tpot_correction) @ column
        if calibration.ttft_correction:
            ttft[run] += np.asarray(calibration.ttft_correction) @ column
    return tpot, ttft


def _correction_levels(tpot: CorrectionFit, ttft: CorrectionFit) -> list[Level]:
    """Both corrections as levels, subject by subject."""
    return [
        Level(subject=subject, tpot=_rounded(of_tpot), ttft=_rounded(of_ttft))
        for grouping, tpots, ttfts in zip(
            tpot.groupings, tpot.coefficients, ttft.coefficients, strict=True
        )
        for subject, of_tpot, of_ttft in zip(grouping.subjects, tpots, ttfts, strict=True)
    ]


def _rounded(row: Array) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in row.tolist())
