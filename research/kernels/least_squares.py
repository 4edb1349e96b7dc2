"""Robust least squares on the logarithm of time: what counts is the relative error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from llm_simulator.units import Array


@dataclass(frozen=True)
class Range:
    """Where a coefficient may lie, all positive: no fit leaves it."""

    low: float
    start: float
    """Where the search begins."""
    high: float


Bounds = Mapping[str, Range]
"""The range of each free coefficient."""

Model = Callable[[dict[str, float]], Array]
"""Seconds of every row for given coefficients."""

OUTLIER = 0.15
"""Relative error beyond which a row pulls in proportion to its error, no longer to its square."""
MOST_ROUNDS = 80
FURTHEST = 7.0
"""Logistic distance at which a coefficient stands at its bound."""
STEP = 1e-4
CONVERGED = 1e-7


def fitted(model: Model, bounds: Bounds, measured: Array) -> dict[str, float]:
    r"""The coefficients within ``bounds`` that make ``model`` closest to ``measured`` seconds.

    Minimises :math:`\sum \sqrt{1 + (r/s)^2}`, r the difference of logarithms, by Levenberg and
    Marquardt's method on coefficients that a logistic curve keeps within their bounds.

    >>> x = np.array([1.0, 2.0, 4.0, 8.0])
    >>> ranges = {"a": Range(0.1, 1, 9), "b": Range(0.1, 1, 9)}
    >>> found = fitted(lambda c: c["a"] + c["b"] * x, ranges, 3 + 2 * x)
    >>> round(found["a"], 3), round(found["b"], 3)
    (3.0, 2.0)
    """
    target = np.log(measured)

    def residuals(point: Array) -> Array:
        return np.log(model(_coefficients(point, bounds))) - target

    point = _descended(residuals, _start(bounds))
    return _coefficients(point, bounds)


def _start(bounds: Bounds) -> Array:
    """The unbounded point of the coefficients that the search begins with."""
    shares = [np.log(r.start / r.low) / np.log(r.high / r.low) for r in bounds.values()]
    inside = np.clip(shares, 0.01, 0.99)
    return np.log(inside / (1 - inside))


def _coefficients(point: Array, bounds: Bounds) -> dict[str, float]:
    """The coefficients at an unbounded ``point``: zero is the middle of a range, in logs."""
    shares = 1 / (1 + np.exp(-point))
    return {
        name: float(r.low * (r.high / r.low) ** share)
        for (name, r), share in zip(bounds.items(), shares, strict=True)
    }


def _loss(residual: Array) -> float:
    return float(np.sum(np.sqrt(1 + (residual / OUTLIER) ** 2) - 1))


def _descended(residuals: Callable[[Array], Array], point: Array) -> Array:
    damping = 1e-2
    residual = residuals(point)
    for _ in range(MOST_ROUNDS):
        before = _loss(residual)
        gradient, curvature = _slopes(residuals, point, residual)
        point, residual, damping = _step(residuals, point, residual, gradient, curvature, damping)
        if before - _loss(residual) <= CONVERGED * before:
            break
    return point


def _slopes(
    residuals: Callable[[Array], Array], point: Array, residual: Array
) -> tuple[Array, Array]:
    """Gradient and Gauss-Newton curvature of the loss, by forward differences."""
    columns = [(residuals(point + STEP * unit) - residual) / STEP for unit in np.eye(len(point))]
    jacobian = np.stack(columns, axis=1)
    weighted = jacobian / np.sqrt(1 + (residual / OUTLIER) ** 2)[:, None]
    return weighted.T @ residual, weighted.T @ jacobian


def _step(
    residuals: Callable[[Array], Array],
    point: Array,
    residual: Array,
    gradient: Array,
    curvature: Array,
    damping: float,
) -> tuple[Array, Array, float]:
    """The next point, its residuals and damping; the same point when no step lowers the loss."""
    scale = np.diag(np.diag(curvature) + 1e-9)
    while damping < 1e9:
        step = np.linalg.solve(curvature + damping * scale, gradient)
        candidate = np.clip(point - np.clip(step, -1, 1), -FURTHEST, FURTHEST)
        after = residuals(candidate)
        if np.all(np.isfinite(after)) and _loss(after) < _loss(residual):
            return candidate, after, max(damping / 5, 1e-7)
        damping *= 4
    return point, residual, damping
