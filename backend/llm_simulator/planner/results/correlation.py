r"""How alike the errors of two plans of one case are, by how far apart plans and loads lie.

Errors of runs i and j have the correlation

.. math::
    \rho = c + s\,e^{-d/2} + l\,e^{-b/3} + g\,e^{-d/2 - b/3} + r\,[i = j]

with the shares of ``specs.uncertainty``, d the distance of the plans in doublings of their degrees,
b that of the loads in doublings of the requests per rank, r what is left of the variance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.results.plan import AnyPlan, Parallelism
from llm_simulator.planner.specs.uncertainty import Shares
from llm_simulator.units import Array

SHAPE_LENGTH, LOAD_LENGTH = 2.0, 3.0
"""Doublings over which likeness falls to 1/e: of 0.5 to 4 each, those that fit held-out errors best
or nearly so for both figures and for calibrated and transferred cases."""
POOLS_APART = 20.0
"""Doublings between a deployment of pools and any other: they have the case in common, no more."""


@dataclass(frozen=True)
class Places:
    """Where K plans stand: degrees and requests per rank, in doublings; [K, 8] and [K]."""

    shapes: Array
    loads: Array

    def __getitem__(self, rows: Sequence[int]) -> "Places":
        """Those of ``rows``."""
        return Places(self.shapes[rows], self.loads[rows])

    @cached_property
    def names(self) -> list[tuple[float, ...]]:
        """One name each; equal ones are one run of an engine, however many replicas there are."""
        table = np.column_stack([self.shapes, self.loads])
        return [tuple(row) for row in np.round(table, 6).tolist()]


def likeness(shapes: Array, loads: Array, other_shapes: Array, other_loads: Array) -> Array:
    """How alike runs are in case, shape, load and both, 0 to 1; shape [..., 4].

    >>> likeness(np.array([1.0]), np.array(0.0), np.array([1.0]), np.array(3.0)).round(3).tolist()
    [1.0, 1.0, 0.368, 0.368]
    """
    apart = np.sqrt(((shapes - other_shapes) ** 2).sum(axis=-1))
    in_shape = np.exp(-apart / SHAPE_LENGTH)
    in_load = np.exp(-np.abs(loads - other_loads) / LOAD_LENGTH)
    return np.stack([np.ones_like(in_shape), in_shape, in_load, in_shape * in_load], axis=-1)


def correlation(shares: Shares, some: Places, others: Places) -> Array:
    """Correlation of the errors of each of ``some`` with each of ``others``; [K, L]."""
    shapes, loads = some.shapes[:, None], some.loads[:, None]
    alike = likeness(shapes, loads, others.shapes, others.loads)
    weights = np.array([shares.case, shares.shape, shares.load, shares.both])
    same = np.array([[one == other for other in others.names] for one in some.names])
    return alike @ weights + (1 - weights.sum()) * same


def places(plans: Sequence[AnyPlan], figure: str) -> Places:
    """Where the plans stand for one figure: of pools prefill makes the TTFT, decode the TPOT."""
    rows = [_place(plan, figure) for plan in plans]
    return Places(np.array([row[:-1] for row in rows]), np.array([row[-1] for row in rows]))


def _place(plan: AnyPlan, figure: str) -> list[float]:
    pools = plan.pools
    if pools is None:
        ranks = plan.parallelism.dp
        return [*_degrees(plan.parallelism, plan.attention_dp), 0.0, _doublings(plan, ranks)]
    pool = pools.prefill if figure == "ttft" else pools.decode
    ranks = pool.instances * pool.parallelism.dp
    return [*_degrees(pool.parallelism, pool.parallelism.dp), POOLS_APART, _doublings(plan, ranks)]


def _degrees(degrees: Parallelism, attention_dp: int) -> list[float]:
    experts = (attention_dp, degrees.moe_tp, degrees.ep)
    ranks = (degrees.tp, degrees.pp, *experts, degrees.sp, degrees.dcp)
    return np.log2(ranks).tolist()


def _doublings(plan: AnyPlan, ranks: int) -> float:
    return float(np.log2((plan.batch_size or ranks) / ranks))
