"""What no pair can exceed: bounds that cost little beside judging every pair.

Prefill pools of equally many chips are bounded together: a *cell* is one decode pool with one such
group. D decode pools, G groups.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.power import power_draw
from llm_simulator.planner.costs.prices import hourly_cost
from llm_simulator.planner.search.pools import PoolTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.units import Array, IntArray, Usd, Watts

ROUNDING = 1e-9
"""Share that bounds are widened by: more than floats lose on the way."""


@dataclass(frozen=True)
class Groups:
    """Prefill pools of equally many chips; columns of shape [G]."""

    chips: IntArray
    start: IntArray
    """The first row of each group; pools are in order of their chips."""
    size: IntArray
    rate: Array
    """Requests per second that the best pool of the group may be loaded with."""
    time: Array
    """Seconds of a prompt in the fastest one."""

    @property
    def best(self) -> "Groups":
        """One group that is as small, as fast and as much as any of them."""
        return Groups(
            chips=self.chips[:1],
            start=self.start[:1],
            size=self.size.sum(keepdims=True),
            rate=self.rate.max(keepdims=True),
            time=self.time.min(keepdims=True),
        )


def groups_of(prefill: PoolTable, population: int, workload: WorkloadSpec) -> Groups:
    """The groups of all prefill pools."""
    made = prefill.candidates.instances
    chips, start = np.unique(prefill.chips, return_index=True)
    loaded = workload.prefill_utilization * prefill.count * made.rate
    rate = np.where(prefill.count >= population, np.inf, loaded)
    return Groups(
        chips=chips,
        start=start,
        size=np.diff(start, append=len(prefill)),
        rate=np.maximum.reduceat(rate, start),
        time=np.minimum.reduceat(made.time, start),
    )


@dataclass(frozen=True)
class PairBounds:
    """What the pairs of each cell can reach at best; columns of shape [D, G].

    It has what scores are made of, so the score of a bound bounds the scores.
    """

    deployment: Deployment
    decoding: Deployment
    population: int
    decode: PoolTable
    groups: Groups

    @cached_property
    def chips(self) -> IntArray:
        """Chips of the cell's pairs: the same for all of them."""
        return self.decode.chips[:, None] + self.groups.chips

    @cached_property
    def request_rate(self) -> Array:
        """Requests per second: those of either pool, and of a round without waiting."""
        workload = self.deployment.workload
        made = self.decode.candidates.instances
        slots = self.decode.count * made.slots
        output = workload.output_seq_length * made.tpot
        loaded = workload.decode_utilization * slots / output
        decode = np.where(slots >= self.population, np.inf, loaded)
        round_alone = self.groups.time + workload.pool_handover + output[:, None]
        pools = np.minimum(decode[:, None], self.groups.rate)
        return np.minimum(pools, self.population / round_alone) * (1 + ROUNDING)

    @property
    def throughput(self) -> Array:
        """Output tokens per second."""
        return self.request_rate * self.deployment.workload.output_seq_length

    @cached_property
    def ttft(self) -> Array:
        """Seconds to the first token at least: a round alone, and Little's law at the best rate."""
        workload = self.deployment.workload
        tpot = self.decode.candidates.instances.tpot[:, None]
        alone = self.groups.time + workload.pool_handover + tpot
        decoding = (workload.output_seq_length - 1) * tpot
        loaded = self.population / self.request_rate - decoding
        return np.maximum(alone, loaded) * (1 - ROUNDING)

    @property
    def tpot(self) -> Array:
        """Seconds per token at least."""
        return self.decode.candidates.instances.tpot[:, None] * (1 - ROUNDING)

    @property
    def e2e_latency(self) -> Array:
        """Seconds from a request's arrival to its last token at least."""
        return self.ttft + (self.deployment.workload.output_seq_length - 1) * self.tpot

    @property
    def usd_per_hour(self) -> Usd:
        """What the cell's pairs cost."""
        decode = hourly_cost(self.decoding, self.decode.chips[:, None])
        return decode + hourly_cost(self.deployment, self.groups.chips)

    @property
    def watts(self) -> Watts:
        """What the cell's pairs draw at least: as if idle."""
        decode = power_draw(self.decoding, self.decode.chips[:, None], 0.0, 0.0)
        return decode + power_draw(self.deployment, self.groups.chips, 0.0, 0.0)
