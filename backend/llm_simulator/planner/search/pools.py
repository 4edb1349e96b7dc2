"""Pools: an instance (a plan with its batch), and how many there are of it.

Among decode pools of equally many chips, one that another matches or beats in everything the
deployment depends on is dropped, as instances were: requests held back by slow decoding would
find a shorter queue for their prompts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from llm_simulator.planner.search.outcome import PoolChoice
from llm_simulator.planner.search.pareto import undominated
from llm_simulator.planner.search.pool_candidates import Candidates, on_grid
from llm_simulator.planner.serving.instances import DecodeInstances, PrefillInstances
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import IntArray


@dataclass(frozen=True)
class PoolTable:
    """PoolTable in order of their chips, one kind of them; columns of shape [R]."""

    candidates: Candidates[Any]
    count: IntArray

    @property
    def chips(self) -> IntArray:
        """Chips of each pool."""
        return self.count * self.candidates.instances.chips

    def __len__(self) -> int:
        return len(self.count)

    def __getitem__(self, rows: Any) -> "PoolTable":
        """The pools of ``rows``."""
        return PoolTable(self.candidates[rows], self.count[rows])

    def choice(self, row: int) -> PoolChoice:
        """One pool as plain data."""
        found = self.candidates
        return PoolChoice(
            index=int(found.index[row]),
            batch=int(found.instances.batch[row]),
            instances=int(self.count[row]),
        )


def prefill_pools(
    found: Candidates[PrefillInstances], max_chips: int, population: int
) -> PoolTable:
    """Prefill pools on at most ``max_chips``, of instances that no other of as many chips beats."""
    return _multiplied(found, max_chips, population)


def decode_pools(
    deployment: Deployment, found: Candidates[DecodeInstances], max_chips: int, population: int
) -> PoolTable:
    """Decode pools on at most ``max_chips`` that no other of as many chips beats."""
    pools = _multiplied(found, max_chips, population)
    made = pools.candidates.instances
    slots = pools.count * made.slots
    # Where every request has a place the loop alone bounds the rate, and never above this.
    filled = np.where(
        slots >= population,
        population,
        np.minimum(deployment.workload.decode_utilization * slots, population),
    )
    costs = np.stack((made.tpot, -filled / made.tpot, -made.receivers), axis=-1)
    return pools[undominated(pools.chips, costs)]


def _multiplied(found: Candidates[Any], max_chips: int, population: int) -> PoolTable:
    """Each candidate with every number of instances that fits and that requests can fill.

    Sorted by chips, then as the candidates were.
    """
    of_use = found.instances.filled_by <= population
    found = found[np.flatnonzero(of_use)] if of_use.any() else found[:1]
    most = np.minimum(max_chips // found.instances.chips, population)
    rows = np.repeat(np.arange(len(most)), most)
    count = np.arange(len(rows)) - np.repeat(np.cumsum(most) - most, most) + 1
    chips = found.instances.chips[rows]
    # An instance off the grid was given by hand and may come in any number.
    kept = on_grid(count * chips, max_chips) | ~on_grid(chips, max_chips)
    pools = PoolTable(found[rows[kept]], count[kept])
    return pools[np.argsort(pools.chips, kind="stable")]
