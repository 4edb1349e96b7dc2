"""Errors on runs that a fit has not seen, held out part by part in several ways."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from llm_simulator.planner.calibration.corrections import CorrectionFit, fit_corrections
from llm_simulator.planner.calibration.factors import FactorFit, assumed_logs, fit_factors
from llm_simulator.planner.calibration.intervals import (
    HeldOut,
    Intervals,
    Mask,
    Widening,
    covered,
    intervals_of,
    intervals_without_own_part,
    residuals,
)
from llm_simulator.planner.calibration.measurement import Measurement
from llm_simulator.planner.calibration.runs import Runs
from llm_simulator.planner.calibration.uncorrected import uncorrected_latency
from llm_simulator.planner.requests.calibrations import News, Reach, Residuals, Subject
from llm_simulator.planner.specs.calibration import Provenance
from llm_simulator.units import Array, IntArray

SHARE = 0.6
"""Freedom of the factors: of 1 and 0.6 the one with smaller errors on unseen models."""
TPOT_NOISE, TTFT_NOISE = 0.04, 0.08
"""Log error of a clean run measured again (shared/measurements: 0.7 and 3.7 % in the median, more
where the version is unknown)."""
FOLDS = 8
LATE = "2026-02-01"
"""Runs measured from this day on were held out together."""

CALIBRATED_LADDER = ((), ("engine",), ("engine", "chip"), ("engine", "chip", "model"))
TRANSFERRED_LADDER = ((), ("engine",))
"""Subjects that have intervals of their own, the narrower borrowing from the wider."""


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
class Split:
    """Errors of one way to hold runs out, and the intervals that others' errors gave; [R]."""

    errors: HeldOut
    intervals: Intervals
    widening: Widening = field(default_factory=Widening)
    """By how much they were made to reach further, for 80 % of the runs to lie within them."""

    @property
    def coverage(self) -> dict[str, float]:
        """Share of runs within their 80 % interval, of TPOT and of TTFT."""
        return covered(self.errors, self.intervals)

    @classmethod
    def of(cls, errors: HeldOut, ladder: Sequence[Sequence[str]], part: IntArray) -> "Split":
        """Errors of ``part`` after part, with intervals of the others."""
        intervals = intervals_without_own_part(errors, ladder, part)
        widening = Widening.of(errors, intervals)
        return cls(errors, widening.intervals(intervals), widening)


@dataclass(frozen=True)
class Folds:
    """Held-out errors: whole curves of known cases, cases never shown, and wider parts."""

    curve: Split
    transfer: Split
    without_engine: Split
    """Cases never shown, asked without telling the engine."""
    wider: Mapping[str, Split]
    """The other benchmark, a family of chips, an engine, everything after a date; runs that were
    not held out are NaN."""

    @property
    def splits(self) -> Mapping[str, Split]:
        """Every split by its name that held anything out."""
        splits = {"curve": self.curve, "transfer": self.transfer, **self.wider}
        return {name: split for name, split in splits.items() if split.errors.known.any()}

    @property
    def reach(self) -> Mapping[News, Reach]:
        """How much further than told intervals reach, by what is new."""
        known = {new: self.wider[name] for name, new in NEW.items() if name in self.splits}
        return {
            new: Reach(tpot=round(split.widening.tpot, 3), ttft=round(split.widening.ttft, 3))
            for new, split in known.items()
        }

    @property
    def by_provenance(
        self,
    ) -> tuple[tuple[Provenance, Split, Sequence[Sequence[str]]], ...]:
        """What a calibration knows of a case, the errors on such cases, and their ladder."""
        return (
            ("calibrated", self.curve, CALIBRATED_LADDER),
            ("transferred", self.transfer, TRANSFERRED_LADDER),
            ("first_principles", self.without_engine, ((),)),
        )

    def residuals(self) -> list[Residuals]:
        """What a calibration says of its errors."""
        return [
            item
            for provenance, split, ladder in self.by_provenance
            for item in split.widening.residuals(residuals(split.errors, provenance, ladder))
        ]


def fitted(runs: Runs, assumed: Mapping[str, float], chosen: IntArray) -> Fitted:
    """Factors and corrections of the ``chosen`` runs, those with an unstated limit left out."""
    chosen = chosen[runs.unlimited[chosen]]
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


def held_out(runs: Runs, assumed: Mapping[str, float], part: IntArray) -> tuple[HeldOut, HeldOut]:
    """Errors on each ``part`` of the runs, fitted on the others; and without the engine.

    NaN where there is but one part: nothing is left to fit on.
    """
    told, untold = (HeldOut(runs.subjects, *np.full((2, len(runs)), np.nan)) for _ in range(2))
    for fold in range(part.max() + 1 if part.any() else 0):
        shown = fitted(runs, assumed, np.flatnonzero(part != fold))
        unseen = part == fold
        for errors, fit in ((told, shown), (untold, shown.without_engine(runs))):
            errors.tpot[unseen] = (np.log(runs.tpot) - fit.log_tpot)[unseen]
            errors.ttft[unseen] = (np.log(runs.ttft) - fit.log_ttft)[unseen]
    return told, untold


def parts(groups: Sequence[object]) -> IntArray:
    """The part of every run: groups dealt out to FOLDS in a fixed random order."""
    names = list(dict.fromkeys(groups))
    order = np.random.default_rng(0).permutation(len(names))
    fold = dict(zip(names, (order % FOLDS).tolist(), strict=True))
    return np.unique([fold[group] for group in groups], return_inverse=True)[1]


def curve_of(measured: Measurement) -> tuple[object, ...]:
    """What all runs of one curve share: everything but the concurrency."""
    of_one_run = {"concurrency", "ttft_ms", "tpot_ms", "measured"}
    fields = measured.model_dump(exclude=of_one_run)
    return tuple(fields.values())


def case_of(measured: Measurement) -> tuple[str, str, str]:
    """Model, chip and engine of a run."""
    return (measured.model, measured.chip, measured.framework)


WIDER: Mapping[str, Callable[[Measurement, Runs, int], Hashable]] = {
    "source": lambda measured, _runs, _row: measured.source,
    "chip family": lambda _measured, runs, row: runs.subjects[row].family,
    "engine": lambda measured, _runs, _row: measured.framework,
    "after a date": lambda measured, _runs, _row: (measured.measured or "") >= LATE,
}
"""What the runs of one part share, by the name of the split."""

NEW: Mapping[str, News] = {"source": "benchmark", "engine": "engine", "after a date": "version"}
"""What is new in a split, of which intervals tell."""
_KNOWN_BY: Mapping[News, Callable[[Measurement], Hashable]] = {
    "benchmark": lambda measured: measured.source,
    "engine": lambda measured: measured.framework,
    "version": lambda measured: (measured.framework, measured.framework_version),
}


def held_out_folds(
    measurements: Sequence[Measurement], runs: Runs, assumed: Mapping[str, float]
) -> Folds:
    """The errors of every way to hold runs out."""
    curves, cases = map(curve_of, measurements), map(case_of, measurements)
    by_curve, by_case = parts(list(curves)), parts(list(cases))
    curve_errors, _ = held_out(runs, assumed, by_curve)
    errors, untold = held_out(runs, assumed, by_case)
    folds = Folds(
        curve=Split.of(curve_errors, CALIBRATED_LADDER, by_curve),
        transfer=Split.of(errors, TRANSFERRED_LADDER, by_case),
        without_engine=Split.of(untold, ((),), by_case),
        wider={},
    )
    told = {
        provenance: split.widening.intervals(
            intervals_of(split.errors, residuals(split.errors, provenance, ladder))
        )
        for provenance, split, ladder in folds.by_provenance
    }
    wider = {name: _wider(name, measurements, runs, assumed, told) for name in WIDER}
    return replace(folds, wider=wider)


def _wider(
    name: str,
    measurements: Sequence[Measurement],
    runs: Runs,
    assumed: Mapping[str, float],
    told: Mapping[Provenance, Intervals],
) -> Split:
    """Errors on every part, in the intervals that a calibration on the others would tell."""
    groups = [WIDER[name](measured, runs, row) for row, measured in enumerate(measurements)]
    part = np.unique([str(group) for group in groups], return_inverse=True)[1]
    errors, _ = held_out(runs, assumed, part)
    if name == "after a date":
        early = np.array([group is False for group in groups])
        errors = errors.only(~early)
    known_as = np.array(_provenances(runs.subjects, part))
    intervals = Intervals(
        *(
            np.select(
                [known_as == known for known in told],
                [getattr(of, latency) for of in told.values()],
            )
            for latency in ("tpot", "ttft")
        )
    )
    new = _new(NEW.get(name), measurements, part)
    if not (errors.known & new).any():
        return Split(errors, intervals)
    widening = Widening.of(errors.only(new), intervals)
    return Split(errors, widening.where(new, intervals), widening)


def _new(what: News | None, measurements: Sequence[Measurement], part: IntArray) -> Mask:
    """Which runs have something that no other part has; [R]."""
    if what is None:
        return np.zeros(len(part), dtype=np.bool_)
    keys = [_KNOWN_BY[what](measured) for measured in measurements]
    parts_of: dict[Hashable, set[int]] = {}
    for key, own in zip(keys, part.tolist(), strict=True):
        parts_of.setdefault(key, set()).add(own)
    return np.array([len(parts_of[key]) == 1 for key in keys])


def _provenances(subjects: Sequence[Subject], part: IntArray) -> list[Provenance]:
    """What a calibration on all other parts knows of every run's case; [R]."""
    cases = [(subject.engine, subject.chip, subject.model) for subject in subjects]
    shown = [
        {case for case, own in zip(cases, part, strict=True) if own != fold}
        for fold in range(part.max() + 1)
    ]
    return [
        "calibrated"
        if case in shown[fold]
        else "transferred"
        if case[0] in {engine for engine, *_ in shown[fold]}
        else "first_principles"
        for case, fold in zip(cases, part, strict=True)
    ]
