"""A given disaggregated deployment: at which batches its pools settle under a load.

Nobody chooses a batch there. A decode rank runs what arrives, at most its places; a prefill step
takes in what waits, at most its budget. With :math:`X(b)` requests per second that the closed loop
makes of ranks that hold b requests each, b is settled once it holds what decodes:

.. math:: X(b) \\cdot osl \\cdot TPOT(b) \\le b \\cdot ranks

Where no b within the limit does, the decode pool is full and requests wait for a place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.costs.memory import ResidentMemory, running_requests
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.instances import (
    decode_instances,
    decode_memory,
    prefill_instances,
    prefill_memory,
    prompts_in_budget,
)
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import IntArray

BATCHES_TRIED = 200
"""Batches between 1 and the most: below 40 all of them, above neighbours differ by 3 %."""


@dataclass(frozen=True)
class GivenPool:
    """Equal instances of one plan."""

    plan: PlanTable
    """A table of one row."""
    instances: int
    max_batch: int | None = None
    """Requests that a data-parallel rank runs at once at most."""

    @property
    def chips(self) -> int:
        """Chips of the whole pool."""
        return self.instances * int(self.plan.chips[0])

    @property
    def ranks(self) -> int:
        """Data-parallel ranks of the whole pool."""
        return self.instances * int(self.plan.dp[0])


@dataclass(frozen=True)
class GivenPools:
    """A prefill pool and a decode pool."""

    prefill: GivenPool
    decode: GivenPool

    @property
    def chips(self) -> int:
        """Chips of both pools."""
        return self.prefill.chips + self.decode.chips


def without_margins(deployment: Deployment) -> Deployment:
    """The deployment loaded as its requests load it: margins are for pools yet to be sized."""
    workload = deployment.workload.model_copy(
        update={"prefill_utilization": 1.0, "decode_utilization": 1.0}
    )
    return replace(deployment, workload=workload)


def loaded_pools(
    deployment: Deployment,
    decoding: Deployment,
    pools: GivenPools,
    populations: Sequence[int],
    least_cache: float = 0.0,
) -> MatchedPools:
    """The deployment with so many requests in flight, one of ``populations`` a row.

    Both deployments are taken without margins. ``least_cache`` is the share of its memory that a
    chip has for its cache at least, whatever else it seems to hold: what was measured did run.
    """
    deployment, decoding = without_margins(deployment), without_margins(decoding)
    found = [
        _settled(deployment, decoding, pools, population, least_cache) for population in populations
    ]
    prefill, decode = np.array(found).T
    return _matched(deployment, decoding, pools, np.array(populations), prefill, decode)


def _matched(
    deployment: Deployment,
    decoding: Deployment,
    pools: GivenPools,
    population: IntArray,
    prefill: IntArray,
    decode: IntArray,
) -> MatchedPools:
    """The pools side by side at those batches; [Q], or [D, 1] and [Q] with all of them."""
    rows, columns = len(prefill), len(decode)
    ends = prefill_instances(deployment, _repeated(pools.prefill, rows), prefill.reshape(-1))
    return MatchedPools(
        deployment=deployment,
        population=population,
        decoding=decoding,
        prefill=ends if prefill.ndim == 1 else ends[:, None],
        prefill_count=np.full(1, pools.prefill.instances),
        decode=decode_instances(decoding, _repeated(pools.decode, columns), decode),
        decode_count=np.full(1, pools.decode.instances),
    )


def _settled(
    deployment: Deployment,
    decoding: Deployment,
    pools: GivenPools,
    population: int,
    least_cache: float,
) -> tuple[int, int]:
    """The batches of the prefill pool and of the decode pool at one concurrency."""
    prompts = _batches(pools.prefill, prompts_in_budget(deployment), population)
    prompts = prompts[_fits(deployment, pools.prefill, prompts, prefill_memory, least_cache)]
    most = int(running_requests(deployment, population))
    places = _batches(pools.decode, most, population)
    places = places[_fits(decoding, pools.decode, places, decode_memory, least_cache)]
    loop = _matched(deployment, decoding, pools, np.array([population]), prompts[:, None], places)
    # The first batch that holds what decodes; the largest where none does.
    holds = loop.loop_rate <= loop.decode_rate
    holds[:, -1] = True
    decode = np.argmax(holds, axis=1)
    rate = np.take_along_axis(loop.request_rate, decode[:, None], axis=1)[:, 0]
    prefill = int(np.argmax(rate))
    return int(prompts[prefill]), int(places[decode[prefill]])


def _batches(pool: GivenPool, most: int, population: int) -> IntArray:
    """Batches per rank to try: up to what the pool may run and the load can fill."""
    shared = -(-population // pool.ranks)
    highest = max(min(most, shared, pool.max_batch or shared), 1)
    return np.unique(np.round(np.geomspace(1, highest, BATCHES_TRIED)).astype(np.int64))


def _fits(
    deployment: Deployment,
    pool: GivenPool,
    batches: IntArray,
    memory: Callable[[Deployment, PlanTable, IntArray], ResidentMemory],
    least_cache: float,
) -> NDArray[np.bool_]:
    """Which of ``batches`` fit the memory; the least where none does."""
    needed = memory(deployment, _repeated(pool, len(batches)), batches)
    room = np.maximum(needed.room, least_cache * deployment.chip.memory_capacity)
    fits = np.asarray(needed.kv_cache <= room)
    return fits if fits.any() else batches == batches[0]


def _repeated(pool: GivenPool, rows: int) -> PlanTable:
    return pool.plan[np.zeros(rows, dtype=np.int64)]
