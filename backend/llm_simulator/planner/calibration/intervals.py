"""Intervals out of held-out errors: between which ratios measured runs lay to predicted ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.requests.calibrations import Residuals, Subject
from llm_simulator.planner.specs.calibration import Provenance
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
    """The ratios between which 80 % of a subject's runs lie, a few of ``wider`` mixed in."""
    weights = mask + wider * (BORROWED_RUNS / wider.sum())
    order = np.argsort(logs)
    share = np.cumsum(weights[order]) - weights[order] / 2
    low, high = np.interp(np.array([LOW, HIGH]) * weights.sum(), share, logs[order])
    return (round(float(np.exp(low)), 4), round(float(np.exp(high)), 4))


def errors_of(logs: Array) -> tuple[float, float]:
    """Mean and median of |predicted - measured| / measured."""
    off = np.abs(np.expm1(-logs))
    return (round(float(off.mean()), 4), round(float(np.median(off)), 4))


def coverage(
    held_out: HeldOut, ladder: Sequence[Sequence[str]], part: IntArray
) -> dict[str, float]:
    """Share of runs within their interval, each interval taken from the other parts only."""
    inside = np.zeros((2, len(part)), dtype=np.bool_)
    for fold in range(part.max() + 1):
        known = np.flatnonzero(part != fold)
        subjects = tuple(held_out.subjects[run] for run in known)
        seen = HeldOut(subjects, held_out.tpot[known], held_out.ttft[known])
        found = residuals(seen, "calibrated", ladder)
        for run in np.flatnonzero(part == fold):
            own = max(
                (item for item in found if item.subject.covers(held_out.subjects[run])),
                key=lambda item: item.subject.narrowness,
            )
            pairs = ((held_out.tpot, own.tpot_interval), (held_out.ttft, own.ttft_interval))
            for row, (logs, (low, high)) in enumerate(pairs):
                inside[row, run] = low <= np.exp(logs[run]) <= high
    return {
        name: round(float(share), 3)
        for name, share in zip(("tpot", "ttft"), inside.mean(axis=1), strict=True)
    }
