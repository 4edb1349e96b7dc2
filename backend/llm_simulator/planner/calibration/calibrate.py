"""Fitting a calibration on measured runs, and the errors it makes on runs it has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from llm_simulator.planner.calibration.corrections import CorrectionFit, fit_corrections
from llm_simulator.planner.calibration.factors import FactorFit, assumed_logs, fit_factors
from llm_simulator.planner.calibration.intervals import HeldOut, coverage, residuals
from llm_simulator.planner.calibration.levels import Kind
from llm_simulator.planner.calibration.measurement import Measurement
from llm_simulator.planner.calibration.runs import Runs, runs_of
from llm_simulator.planner.calibration.uncorrected import uncorrected_latency
from llm_simulator.planner.requests.calibrations import CalibrationFile, Level, Residuals
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.specs.calibration import FACTORS
from llm_simulator.units import Array, IntArray

SHARE = 0.6
"""Freedom of the factors: of 1 and 0.6 the one with smaller errors on unseen models."""
TPOT_NOISE, TTFT_NOISE = 0.04, 0.08
"""Log error of a clean run measured again (shared/measurements: 0.7 and 3.7 % in the median, more
where the version is unknown)."""
FOLDS = 8

CALIBRATED_LADDER = ((), ("engine",), ("engine", "chip"), ("engine", "chip", "model"))
TRANSFERRED_LADDER = ((), ("engine",))
"""Subjects that have intervals of their own, the narrower borrowing from the wider."""

OWN_KINDS = (
    Kind(("engine", "chip"), 0.3, 0.03),
    Kind(("engine", "chip", "model"), 0.3, 0.05),
    Kind(("engine", "chip", "model", "precision"), 0.15, 0.05),
)
"""What a user's own runs may add: an offset above all, a shape where there are many."""


@dataclass(frozen=True)
class Fitted:
    """A fit and what it predicts for all runs it was shown or not; log seconds, [R]."""

    factors: FactorFit
    tpot: CorrectionFit
    ttft: CorrectionFit
    log_tpot: Array
    log_ttft: Array

    def without_engine(self, runs: Runs) -> "Fitted":
        """The same fit asked without telling the engine."""
        ttft, tpot = (
            np.log(s) for s in uncorrected_latency(runs, self.factors.logs_without_engine())
        )
        return replace(
            self,
            log_tpot=tpot + self.tpot.log_correction(runs.features, without_engine=True),
            log_ttft=ttft + self.ttft.log_correction(runs.features, without_engine=True),
        )


@dataclass(frozen=True)
class Folds:
    """Held-out errors: whole curves of known cases, cases never shown, these without an engine."""

    curve: HeldOut
    transfer: HeldOut
    without_engine: HeldOut
    coverage: dict[str, float]
    """Share of held-out curves' runs within their 80 % interval, of TPOT and of TTFT."""
    transfer_coverage: dict[str, float]


def fitted(runs: Runs, assumed: Mapping[str, float], chosen: IntArray) -> Fitted:
    """Factors and corrections of the ``chosen`` runs."""
    factors = fit_factors(runs, assumed_logs(dict(assumed)), chosen, SHARE)
    ttft, tpot = (np.log(seconds) for seconds in uncorrected_latency(runs, factors.logs))
    corrections = [
        fit_corrections(runs.subjects, runs.features, left, chosen, noise=noise)
        for left, noise in (
            (np.log(runs.tpot) - tpot, TPOT_NOISE),
            (np.log(runs.ttft) - ttft, TTFT_NOISE),
        )
    ]
    return Fitted(
        factors,
        *corrections,
        log_tpot=tpot + corrections[0].log_correction(runs.features),
        log_ttft=ttft + corrections[1].log_correction(runs.features),
    )


def held_out(
    runs: Runs, assumed: Mapping[str, float], groups: Sequence[object]
) -> tuple[HeldOut, HeldOut]:
    """Errors on each of FOLDS parts of the groups, fitted on the others; and without the engine."""
    part = _parts(groups)
    told, untold = (
        HeldOut(runs.subjects, np.empty(len(runs)), np.empty(len(runs))) for _ in range(2)
    )
    for fold in range(part.max() + 1):
        shown = fitted(runs, assumed, np.flatnonzero(part != fold))
        unseen = part == fold
        for errors, fit in ((told, shown), (untold, shown.without_engine(runs))):
            errors.tpot[unseen] = (np.log(runs.tpot) - fit.log_tpot)[unseen]
            errors.ttft[unseen] = (np.log(runs.ttft) - fit.log_ttft)[unseen]
    return told, untold


def _parts(groups: Sequence[object]) -> IntArray:
    """The fold of every run: groups dealt out in a fixed random order."""
    names = list(dict.fromkeys(groups))
    order = np.random.default_rng(0).permutation(len(names))
    fold = dict(zip(names, (order % FOLDS).tolist(), strict=True))
    return np.unique([fold[group] for group in groups], return_inverse=True)[1]


def curve_of(measured: Measurement) -> tuple[object, ...]:
    """What all runs of one curve share: everything but the concurrency."""
    fields = measured.model_dump(exclude={"concurrency", "ttft_ms", "tpot_ms"})
    return tuple(fields.values())


def case_of(measured: Measurement) -> tuple[str, str, str]:
    """Model, chip and engine of a run."""
    return (measured.model, measured.chip, measured.framework)


def public_calibration(
    measurements: Sequence[Measurement], catalogue: Catalogue, *, source: str, entered: str
) -> tuple[CalibrationFile, Folds]:
    """The calibration of many runs over the bare assumptions, and its held-out errors."""
    runs, assumed = runs_of(measurements, catalogue), catalogue.calibrations.assumed
    curves = [curve_of(measured) for measured in measurements]
    cases = [case_of(measured) for measured in measurements]
    curve, _ = held_out(runs, assumed, curves)
    transfer, without_engine = held_out(runs, assumed, cases)
    folds = Folds(
        curve=curve,
        transfer=transfer,
        without_engine=without_engine,
        coverage=coverage(curve, CALIBRATED_LADDER, _parts(curves)),
        transfer_coverage=coverage(transfer, TRANSFERRED_LADDER, _parts(cases)),
    )
    whole = fitted(runs, assumed, np.arange(len(runs)))
    levels = [*whole.factors.levels(), *_correction_levels(whole.tpot, whole.ttft)]
    file = CalibrationFile(
        title=f"{len(runs)} measured serving runs",
        source=source,
        entered=entered,
        levels=tuple(level for level in levels if level.factors or level.tpot),
        residuals=tuple(_public_residuals(folds)),
    )
    return file, folds


def _public_residuals(folds: Folds) -> list[Residuals]:
    return [
        *residuals(folds.curve, "calibrated", CALIBRATED_LADDER),
        *residuals(folds.transfer, "transferred", TRANSFERRED_LADDER),
        *residuals(folds.without_engine, "first_principles", ((),)),
    ]


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


_NOISES = (TPOT_NOISE, TTFT_NOISE)


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
    logs = np.log([[getattr(c.factors, name) for name in FACTORS] for c in calibrations])
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
