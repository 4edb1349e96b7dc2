r"""Corrections: what is left of log(measured / predicted) as a shape over load and plan.

Every subject of every kind has a Gaussian process of its own: an offset where anything was measured
and a smooth function of load and plan that is zero far from its runs, with the covariance

.. math:: k(x, x') = \phi(x)^T K^{-1} \phi(x')

of the bumps :math:`\phi` at the points whose bumps at each other are K (Williams and Seeger, 2001).
Solved in the space of runs (R equations instead of thousands of coefficients), with weights that
take impure runs for what they are (Student's t).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.calibration.levels import (
    CORRECTION_KINDS,
    Grouping,
    Kind,
    grouped,
)
from llm_simulator.planner.requests.calibrations import Subject
from llm_simulator.planner.serving.correction import point_bumps
from llm_simulator.planner.specs.measured_points import POINTS
from llm_simulator.units import Array, IntArray

_JITTER = 0.01
"""Added to the covariance of the points, so that their coefficients stay small."""
_ROOT = np.linalg.cholesky(point_bumps() + _JITTER * np.eye(len(POINTS)))

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
    offset, local = features[:1, chosen], _whitened(features[1:, chosen])
    alike, near = offset.T @ offset, local.T @ local
    covariance = np.zeros((len(chosen), len(chosen)))
    for grouping in groupings:
        own, kind = grouping.member[chosen], grouping.kind
        covariance += (own[:, None] == own) * (kind.spread**2 * alike + kind.local_spread**2 * near)
    duals = _robust_duals(covariance, residuals[chosen], noise)
    return CorrectionFit(
        groupings, tuple(_coefficients(g, offset, local, duals, chosen) for g in groupings)
    )


def _whitened(bumps: Array) -> Array:
    """Combinations of the bumps that are independent of each other; shape [points, R]."""
    return np.linalg.solve(_ROOT, bumps)


def _robust_duals(covariance: Array, target: Array, noise: float) -> Array:
    """Solution of (K + diag(noise^2 / w)) a = y, with w from Student's t; shape [chosen]."""
    weights, duals = np.ones(len(target)), np.zeros(len(target))
    for _ in range(ROUNDS):
        duals = np.linalg.solve(covariance + np.diag(noise**2 / weights), target)
        error = (target - covariance @ duals) / noise
        weights = (FREEDOM + 1) / (FREEDOM + error**2)
    return duals


def _coefficients(
    grouping: Grouping, offset: Array, local: Array, duals: Array, chosen: IntArray
) -> Array:
    """Coefficients [subjects, features] out of the duals of the chosen runs."""
    kind = grouping.kind
    pulls = np.concatenate(
        [
            kind.spread**2 * offset * duals,
            kind.local_spread**2 * np.linalg.solve(_ROOT.T, local * duals),
        ]
    )
    rows = np.zeros((len(grouping.subjects), len(pulls)))
    np.add.at(rows, grouping.member[chosen], pulls.T)
    return rows
