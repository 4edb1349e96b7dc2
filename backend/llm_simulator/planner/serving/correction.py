r"""What measured runs add to the formulas: a factor that depends on load and plan only.

It never depends on a figure of the hardware, so faster hardware stays faster. Its logarithm is a
sum of bumps around measured points, and fades to 0 with the distance from what was measured:

.. math:: \phi_b(x) = \exp\left(-\tfrac12 \sum_a d_a(x)^2\right)

with d the distance of log x from the bump's point over the scale of axis a; the first bump is flat
over all that was measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.distinct import Distinct, distinct
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.measured_points import AXES, MEASURED, POINTS, SCALES
from llm_simulator.units import Array, Count, IntArray

DEGREES = ("tp", "attention_dp", "ep", "pp")

BLOCK = 256
"""Plans whose bumps are held at once."""

_PP = (1,)
_LOW, _HIGH = (
    np.log([[MEASURED[axis][end] for axis in AXES], *[(*point, *_PP) for point in POINTS]]).T
    for end in (0, 1)
)
"""Ends of every bump on every axis; shape [axes, 1 + points]."""
_SCALES = np.array([SCALES[axis] for axis in AXES])[:, None, None]


@dataclass(frozen=True)
class Bumps:
    """The bumps at the loads and plans of a table, the flat one first, as products of two parts."""

    degrees: Distinct
    of_degrees: Array
    """Shape [kinds of degrees, 1 + points]."""
    loads: Distinct
    of_loads: Array
    """Shape [kinds of loads, 1 + points]."""

    @property
    def nearness(self) -> Array:
        """The flat bump: 1 within what was measured, 0 far from it; shape [P]."""
        return np.asarray(self.of_degrees[self.degrees.kind, 0] * self.of_loads[self.loads.kind, 0])

    def rows(self, part: slice | IntArray) -> Array:
        """The bumps of some plans; shape [plans, 1 + points]."""
        of_degrees = np.take(self.of_degrees, self.degrees.kind[part], axis=0)
        return of_degrees * np.take(self.of_loads, self.loads.kind[part], axis=0)

    def corrections(self, *coefficients: Sequence[float]) -> list[Array]:
        """Measured over predicted of every plan, by each row of ``coefficients``; 1 without any;
        shape [P]."""
        alike = distinct(self.degrees.kind, self.loads.kind)
        weights = [np.asarray(row) for row in coefficients]
        logs = np.zeros((len(weights), len(alike.first)))
        # In blocks that stay in the cache, and row by row: a matrix product may round differently
        # in tables of different lengths.
        for start in range(0, len(alike.first), BLOCK):
            part = slice(start, start + BLOCK)
            bumps = self.rows(alike.first[part])
            for log, row in zip(logs, weights, strict=True):
                if len(row):
                    log[part] = (bumps * row).sum(axis=1)
        return [alike.spread(correction) for correction in np.exp(logs)]


def bumps_at(
    plans: PlanTable, *, requests: Count, input_tokens: Count, output_tokens: Count
) -> Bumps:
    """The bumps at every plan of a table; requests of a rank are a figure or a column."""
    degrees = distinct(*(getattr(plans, name) for name in DEGREES))
    columns = np.array([getattr(plans, name)[degrees.first] for name in DEGREES])
    of_degrees = math.prod(_bumps(DEGREES, columns))
    loads = np.broadcast_to(np.asarray(requests, dtype=float), len(plans))
    alike = distinct(loads)
    lengths = np.array(np.broadcast_arrays(np.atleast_1d(input_tokens), output_tokens))
    of_input, of_output = _bumps(("input_tokens", "output_tokens"), lengths)
    [of_requests] = _bumps(("requests",), loads[None, alike.first])
    of_loads = of_input * of_output * of_requests
    return Bumps(degrees, np.asarray(of_degrees), alike, of_loads)


def _bumps(axes: Sequence[str], values: Array) -> Array:
    """What some axes contribute to every bump, their values [axes, values]; shape [axes, values,
    1 + points]."""
    places = [AXES.index(axis) for axis in axes]
    low, high, logs = _LOW[places][:, None], _HIGH[places][:, None], np.log(values)[..., None]
    outside = np.maximum(np.maximum(low - logs, logs - high), 0.0) / _SCALES[places]
    return np.asarray(np.exp(-0.5 * outside**2))


def point_bumps() -> Array:
    """The bumps of the points at each other; shape [points, points]."""
    points = _LOW[:, 1:]
    apart = (points[:, :, None] - points[:, None, :]) / _SCALES
    return np.asarray(np.exp(-0.5 * (apart**2).sum(axis=0)))
