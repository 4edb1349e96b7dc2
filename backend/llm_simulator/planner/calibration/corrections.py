"""Corrections: what is left of log(measured / predicted) as a shape over load and plan.

Every subject of every kind has coefficients over the features, all drawn towards zero; solved in
the space of runs (the same ridge regression, R equations instead of thousands of coefficients),
with weights that take impure runs for what they are (Student's t).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.calibration.levels import (
    CORRECTION_KINDS,
    Grouping,
    Kind,
    grouped,
    spreads,
)
from llm_simulator.planner.requests.calibrations import Subject
from llm_simulator.units import Array, IntArray

ROUNDS, FREEDOM = 6, 3.0
"""Reweighting rounds and degrees of freedom of Student's t."""


@dataclass(frozen=True)
class CorrectionFit:
    """Coefficients of every subject of every kind; one [subjects, features] per grouping."""

    groupings: tuple[Grouping, ...]
    coefficients: tuple[Array, ...]

    def log_correction(self, features: Array, *, without_engine: bool = False) -> Array:
        """Log(measured / predicted) of the runs the groupings speak of; shape [R].

        Without the engine only levels that don't speak of one are added.
        """
        total = np.zeros(features.shape[1])
        for grouping, rows in zip(self.groupings, self.coefficients, strict=True):
            if without_engine and "engine" in grouping.kind.keys:
                continue
            total += np.einsum("rf,fr->r", rows[grouping.member], features)
        return total


def fit_corrections(
    subjects: Sequence[Subject],
    features: Array,
    residuals: Array,
    chosen: IntArray,
    *,
    noise: float,
    kinds: Sequence[Kind] = CORRECTION_KINDS,
) -> CorrectionFit:
    """Coefficients that explain ``residuals`` [R] of the ``chosen`` runs.

    ``noise`` is the log error of a clean run measured again.
    """
    groupings = tuple(grouped(kind, subjects) for kind in kinds)
    covariance = np.zeros((len(chosen), len(chosen)))
    for grouping in groupings:
        own = grouping.member[chosen]
        scaled = features[:, chosen] * spreads(grouping.kind, len(features))[:, None]
        covariance += (own[:, None] == own) * (scaled.T @ scaled)
    duals = _robust_duals(covariance, residuals[chosen], noise)
    return CorrectionFit(
        groupings, tuple(_coefficients(g, features[:, chosen], duals, chosen) for g in groupings)
    )


def _robust_duals(covariance: Array, target: Array, noise: float) -> Array:
    """Solution of (K + diag(noise^2 / w)) a = y, with w from Student's t; shape [chosen]."""
    weights, duals = np.ones(len(target)), np.zeros(len(target))
    for _ in range(ROUNDS):
        duals = np.linalg.solve(covariance + np.diag(noise**2 / weights), target)
        error = (target - covariance @ duals) / noise
        weights = (FREEDOM + 1) / (FREEDOM + error**2)
    return duals


def _coefficients(grouping: Grouping, features: Array, duals: Array, chosen: IntArray) -> Array:
    """Coefficients [subjects, features] out of the duals of the chosen runs."""
    variance = spreads(grouping.kind, len(features)) ** 2
    pulls = (features * duals).T * variance
    rows = np.zeros((len(grouping.subjects), len(features)))
    np.add.at(rows, grouping.member[chosen], pulls)
    return rows
