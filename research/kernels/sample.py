"""Rows of one table that one curve is fitted on, as demands beside measured seconds."""

from dataclasses import dataclass, fields, replace

import numpy as np
from research.kernels.curve import KernelDemand
from research.kernels.least_squares import Bounds, Range
from research.kernels.table import Column

from llm_simulator.units import Array

COMMON_BOUNDS: Bounds = {
    "fixed": Range(0.3e-6, 4e-6, 60e-6),
    "compute_share": Range(0.02, 0.6, 1.0),
    "memory_share": Range(0.02, 0.8, 1.0),
    "sharpness": Range(1.0, 2.0, 8.0),
}
"""Coefficients that every curve has: no share above the data sheet."""


@dataclass(frozen=True)
class Sample:
    """What one curve is fitted on."""

    operator: str
    format: str
    """Number format of the operands, as the curve is named in the data file."""
    demand: KernelDemand
    measured: Array
    """Seconds, one per row."""
    bounds: Bounds
    table: str
    left_out: int = 0
    """Rows of this operator and format that say nothing about it in service."""
    host_rows: int = 0
    """Rows left out because they waited for the host: with any, ``fixed`` is a guess."""

    def __len__(self) -> int:
        return len(self.measured)

    def where(self, rows: Column) -> "Sample":
        """The sample of the rows that ``rows`` is true for; the others count as left out."""
        kept = {f.name: _chosen(getattr(self.demand, f.name), rows) for f in fields(KernelDemand)}
        return replace(
            self,
            demand=KernelDemand(**kept),
            measured=self.measured[rows],
            left_out=self.left_out + int(np.sum(~rows)),
        )

    def possible(self) -> "Sample":
        """Without rows that are faster than the data sheet allows: cached or mislabelled."""
        least = np.maximum(self.demand.compute, self.demand.memory)
        return self.where(self.measured >= least)


def _chosen(values: float | Array, rows: Column) -> float | Array:
    return values[rows] if isinstance(values, np.ndarray) and values.ndim else values
