"""Intervals out of held-out errors: between which ratios measured runs lay to predicted ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.requests.calibrations import Residuals, Subject
from llm_simulator.planner.specs.calibration import Interval, Provenance, wider
from llm_simulator.units import Array, IntArray

LOW, HIGH = 0.1, 0.9
"""Quantiles of an 80 % interval."""
BORROWED_RUNS = 30.0
"""Runs that a subject borrows from what lies above it: few runs of its own say little of tails."""
FEWEST_RUNS = 6
"""Runs below which a subject has no interval of its own."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class HeldOut:
    """Log(measured / predicted) of runs that the prediction had not seen; shape [R]."""

    subjects: tuple[Subject, ...]
    tpot: Array
    ttft: Array

    @property
    def known(self) -> Mask:
        """Runs that were held out."""
        return np.isfinite(self.tpot)

    def only(self, chosen: Mask) -> "HeldOut":
        """The ``chosen`` runs; the others count as not held out."""
        tpot, ttft = (np.where(chosen, logs, np.nan) for logs in (self.tpot, self.ttft))
        return replace(self, tpot=tpot, ttft=ttft)

    def of(self, keys: Sequence[str]) -> Iterator[tuple[Subject, Mask]]:
        """Each subject that differs in ``keys`` and its runs."""
        own = [Subject(**{key: getattr(s, key) for key in keys}) for s in self.subjects]
        for subject in dict.fromkeys(own):
            yield subject, np.array([other == subject for other in own])


def residuals(
    held_out: HeldOut, provenance: Provenance, ladder: Sequence[Sequence[str]]
) -> list[Residuals]:
    """Residuals of every subject on a ``ladder`` of keys; each rung borrows from the one before."""
    found: list[Residuals] = []
    above: dict[Subject, tuple[Mask, tuple[str, ...]]] = {}
    previous: tuple[str, ...] = ()
    everything = np.ones(len(held_out.tpot), dtype=np.bool_)
    for keys in ladder:
        for subject, mask in held_out.of(keys):
            parent = Subject(**{key: getattr(subject, key) for key in previous})
            wider = above.get(parent, (everything, ()))[0]
            above[subject] = (mask, tuple(keys))
            if mask.sum() >= FEWEST_RUNS or not keys:
                found.append(_residuals(held_out, provenance, subject, mask, wider))
        previous = tuple(keys)
    return found


def _residuals(
    held_out: HeldOut, provenance: Provenance, subject: Subject, mask: Mask, wider: Mask
) -> Residuals:
    return Residuals(
        subject=subject,
        provenance=provenance,
        runs=int(mask.sum()),
        tpot_interval=interval(held_out.tpot, mask, wider),
        ttft_interval=interval(held_out.ttft, mask, wider),
        tpot_error=errors_of(held_out.tpot[mask]),
        ttft_error=errors_of(held_out.ttft[mask]),
    )


def interval(logs: Array, mask: Mask, wider: Mask) -> tuple[float, float]:
    """The ratios between which 80 % of a subject's runs lie, a few of ``wider`` mixed in.

    The prediction itself is always among them: what was fitted on all runs is less off to one side
    than what had not seen these.
    """
    weights = mask + wider * (BORROWED_RUNS / wider.sum())
    order = np.argsort(logs)
    share = np.cumsum(weights[order]) - weights[order] / 2
    low, high = np.interp(np.array([LOW, HIGH]) * weights.sum(), share, logs[order])
    return (round(float(np.exp(min(low, 0.0))), 4), round(float(np.exp(max(high, 0.0))), 4))


def errors_of(logs: Array) -> tuple[float, float]:
    """Mean and median of |predicted - measured| / measured."""
    off = np.abs(np.expm1(-logs))
    return (round(float(off.mean()), 4), round(float(np.median(off)), 4))


@dataclass(frozen=True)
class Intervals:
    """Ratios of measured over predicted between which 80 % of runs should lie; shape [2, R]."""

    tpot: Array
    ttft: Array


def intervals_of(held_out: HeldOut, found: Sequence[Residuals]) -> Intervals:
    """The interval of every run: of the narrowest subject of ``found`` that covers it."""
    own = [
        max(
            (item for item in found if item.subject.covers(subject)),
            key=lambda item: item.subject.narrowness,
        )
        for subject in held_out.subjects
    ]
    return Intervals(
        tpot=np.array([item.tpot_interval for item in own]).reshape(-1, 2).T,
        ttft=np.array([item.ttft_interval for item in own]).reshape(-1, 2).T,
    )


def intervals_without_own_part(
    held_out: HeldOut, ladder: Sequence[Sequence[str]], part: IntArray
) -> Intervals:
    """The interval of every run, taken from the other parts only."""
    whole = Intervals(*(np.empty((2, len(part))) for _ in range(2)))
    for fold in range(part.max() + 1):
        own, others = np.flatnonzero(part == fold), np.flatnonzero(part != fold)
        seen, unseen = (_taken(held_out, rows) for rows in (others, own))
        intervals = intervals_of(unseen, residuals(seen, "calibrated", ladder))
        whole.tpot[:, own], whole.ttft[:, own] = intervals.tpot, intervals.ttft
    return whole


@dataclass(frozen=True)
class Widening:
    """By how much the logarithms of intervals must reach further to hold 80 % of unseen parts.

    Runs of one part go wrong together, so quantiles of the other parts' runs are too narrow.
    """

    tpot: float = 1.0
    ttft: float = 1.0

    @classmethod
    def of(cls, held_out: HeldOut, intervals: Intervals) -> "Widening":
        """What intervals that were taken from other parts lack."""
        return cls(
            tpot=_reach(held_out.tpot, intervals.tpot), ttft=_reach(held_out.ttft, intervals.ttft)
        )

    def intervals(self, found: Intervals) -> Intervals:
        """Intervals that reach so much further."""
        return Intervals(_wider(found.tpot, self.tpot), _wider(found.ttft, self.ttft))

    def where(self, new: Mask, found: Intervals) -> Intervals:
        """The same where something is new; [R]."""
        reaching = self.intervals(found)
        return Intervals(
            np.where(new, reaching.tpot, found.tpot), np.where(new, reaching.ttft, found.ttft)
        )

    def residuals(self, found: Sequence[Residuals]) -> list[Residuals]:
        """Residuals whose intervals reach so much further."""
        return [
            item.model_copy(
                update={
                    "tpot_interval": _rounded(wider(item.tpot_interval, self.tpot)),
                    "ttft_interval": _rounded(wider(item.ttft_interval, self.ttft)),
                }
            )
            for item in found
        ]


def _reach(logs: Array, interval: Array) -> float:
    low, high = np.log(interval)
    off = np.abs(logs - (low + high) / 2) / ((high - low) / 2)
    return float(np.quantile(off[np.isfinite(logs)], HIGH - LOW))


def _wider(interval: Array, reach: float) -> Array:
    return np.array(wider((interval[0], interval[1]), reach))


def _rounded(interval: Interval) -> tuple[float, float]:
    low, high = interval
    return (round(float(low), 4), round(float(high), 4))


def _taken(held_out: HeldOut, rows: IntArray) -> HeldOut:
    subjects = tuple(held_out.subjects[row] for row in rows)
    return HeldOut(subjects, held_out.tpot[rows], held_out.ttft[rows])


def covered(held_out: HeldOut, intervals: Intervals) -> dict[str, float]:
    """Share of the held-out runs within their interval, of TPOT and of TTFT."""
    pairs = {
        "tpot": (held_out.tpot, intervals.tpot),
        "ttft": (held_out.ttft, intervals.ttft),
    }
    shares = {}
    for name, (logs, (low, high)) in pairs.items():
        inside = (low <= np.exp(logs)) & (np.exp(logs) <= high)
        shares[name] = round(float(inside[held_out.known].mean()), 3)
    return shares
