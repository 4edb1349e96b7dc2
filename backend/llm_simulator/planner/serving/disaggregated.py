r"""Disaggregated serving: one pool of instances for prompts, another for decoding.

A closed loop of N requests goes round: queue, prefill, hand-over and transfer of the cache,
decoding of all ``osl`` output tokens, the first of which ends the TTFT. With x prefill instances of
rate r_p, and y decode instances of B slots and rate :math:`r_d = B/(osl \cdot TPOT(B))`, requests
per second are

.. math:: X = \min(x\,r_p\,\rho_p,\; y\,r_d\,\rho_d,\; X_{link},\; X_{loop})

and X_loop solves :math:`N = X\,(W(X) + L)`, L a round without waiting and W the wait at the prefill
pool. Little's law then fixes what a user waits: :math:`N/X - L`, for prefill or for a free place.
Where nobody can be in the way (as many instances, or slots, as requests) there is no rho.

More on either side never makes it slower, but for one effect that any closed loop has: requests
that decode faster come back sooner and may find a longer queue at the prefill pool.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from llm_simulator.planner.costs.communication import reached_link
from llm_simulator.planner.costs.power import chip_power_draw, power_draw
from llm_simulator.planner.costs.prices import hourly_cost
from llm_simulator.planner.serving.instances import DecodeInstances, PrefillInstances, prompt_cache
from llm_simulator.planner.serving.queueing import closed_loop_rate
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.topology import TIERS
from llm_simulator.units import (
    Array,
    Bytes,
    BytesPerSecond,
    Count,
    IntArray,
    Seconds,
    Usd,
    Watts,
)


@dataclass(frozen=True)
class JoiningLink:
    """What joins the pools, as one chip sees it."""

    latency: Seconds
    bandwidth: BytesPerSecond


def joining_link(deployment: Deployment, chips: IntArray) -> JoiningLink:
    """The slowest tier within the smallest unit (board, rack, pod) that holds ``chips`` chips."""
    latency: Seconds = 0.0
    bandwidth: BytesPerSecond = np.inf
    latencies, bandwidths = [], []
    for tier in TIERS:
        link = deployment.topology.links.get(tier)
        if link is not None:
            reached = reached_link(link, deployment)
            latency = np.maximum(latency, reached.latency)
            bandwidth = np.minimum(bandwidth, reached.bandwidth)
        latencies.append(latency)
        bandwidths.append(bandwidth)
    outermost = len(TIERS) - 1
    tier = np.minimum(np.searchsorted(deployment.topology.capacities, chips), outermost)
    return JoiningLink(np.choose(tier, latencies), np.choose(tier, bandwidths))


def exposed_transfer_time(
    cache: Bytes, *, ports: Count, link: JoiningLink, prefill: Seconds, layers: int, overlap: bool
) -> Seconds:
    r"""Seconds a prompt waits for its cache to arrive over ``ports`` links at once.

    .. math:: T = \alpha + \frac{S}{n\,\beta}

    With ``overlap`` a layer is sent while the next ones compute, so that only the last layer's
    part, or what the prefill is too short to hide, is seen.

    >>> link = JoiningLink(latency=0.0, bandwidth=1e9)
    >>> part = {"ports": 2, "link": link, "prefill": 1.0, "layers": 4}
    >>> [float(exposed_transfer_time(4e9, overlap=o, **part)) for o in (False, True)]
    [2.0, 1.25]
    """
    sending = cache / (ports * link.bandwidth)
    if overlap:
        hidden = prefill * (1 - 1 / layers)
        sending = np.maximum(sending / layers, sending - hidden)
    return link.latency + sending


@dataclass(frozen=True)
class MatchedPools:
    """x prefill instances beside y decode instances; columns of shape [Q].

    The columns of both pools must broadcast: [Q] and [Q] for pairs, [D, 1] and [Q] for all of them.
    """

    deployment: Deployment
    """That of the prefill pool."""
    population: Count
    """Requests in flight."""
    decoding: Deployment
    """That of the decode pool."""
    prefill: PrefillInstances
    prefill_count: IntArray
    decode: DecodeInstances
    decode_count: IntArray

    @cached_property
    def prefill_chips(self) -> IntArray:
        """Chips of the prefill pool."""
        return self.prefill_count * self.prefill.chips

    @cached_property
    def decode_chips(self) -> IntArray:
        """Chips of the decode pool."""
        return self.decode_count * self.decode.chips

    @cached_property
    def chips(self) -> IntArray:
        """Chips of both pools."""
        return self.prefill_chips + self.decode_chips

    @cached_property
    def link(self) -> JoiningLink:
        """What joins the pools."""
        return joining_link(self.deployment, self.chips)

    @cached_property
    def cache(self) -> float:
        """Bytes of one prompt that cross from pool to pool.

        Each once: chips of an instance that keep copies pass them on over their own links.
        """
        return prompt_cache(self.deployment)

    @cached_property
    def transfer(self) -> Array:
        """Seconds of the cache on its way that a user waits for."""
        seconds = exposed_transfer_time(
            self.cache,
            ports=np.minimum(self.prefill.senders, self.decode.receivers),
            link=self.link,
            prefill=self.prefill.time,
            layers=self.deployment.model.num_hidden_layers,
            overlap=self.deployment.workload.overlap_kv_transfer,
        )
        return np.asarray(seconds)

    @property
    def handover(self) -> Seconds:
        """Seconds of routing a prompt and handing it over, whatever its size."""
        return self.deployment.workload.pool_handover

    @cached_property
    def round_alone(self) -> Array:
        """Seconds of one request's round without waiting."""
        tokens = self.deployment.workload.output_seq_length
        before = self.prefill.time + self.handover + self.transfer
        return np.asarray(before + tokens * self.decode.tpot)

    @property
    def prefill_rate(self) -> Array:
        """Requests per second of the whole prefill pool, busy all the time."""
        return np.asarray(self.prefill_count * self.prefill.rate)

    @property
    def decode_rate(self) -> Array:
        """Requests per second of the whole decode pool, every place taken."""
        output = self.deployment.workload.output_seq_length * self.decode.tpot
        return np.asarray(self.decode_count * self.decode.slots / output)

    @cached_property
    def capacity(self) -> Array:
        """Requests per second at most: what the pools and the link between them sustain."""
        workload, population = self.deployment.workload, self.population
        prefill_alone = self.prefill_count >= population
        decode_alone = self.decode_count * self.decode.slots >= population
        ports = np.minimum(self.prefill_chips, self.decode_chips)
        link = ports * self.link.bandwidth / self.cache
        prefill = np.where(prefill_alone, np.inf, workload.prefill_utilization * self.prefill_rate)
        decode = np.where(decode_alone, np.inf, workload.decode_utilization * self.decode_rate)
        return np.minimum(np.minimum(prefill, decode), link)

    @cached_property
    def loop_rate(self) -> Array:
        """Requests per second of the closed loop, were there a place for each to decode."""
        return np.asarray(
            closed_loop_rate(
                rate=self.prefill.rate,
                servers=self.prefill_count,
                cycle=self.round_alone,
                population=self.population,
            )
        )

    @cached_property
    def request_rate(self) -> Array:
        """Requests per second of the deployment."""
        return np.minimum(self.capacity, self.loop_rate)

    @property
    def throughput(self) -> Array:
        """Output tokens per second of the deployment."""
        return self.request_rate * self.deployment.workload.output_seq_length

    @property
    def queueing(self) -> Array:
        """Seconds a request waits: Little's law over the whole round."""
        waiting = self.population / self.request_rate - self.round_alone
        return np.maximum(waiting, 0.0)

    @cached_property
    def tpot(self) -> Array:
        """Seconds per output token after the first."""
        return np.broadcast_to(self.decode.tpot, self.chips.shape)

    @cached_property
    def ttft(self) -> Array:
        """Seconds to the first token: queueing, prefill, the way over and one decode step."""
        before = self.queueing + self.prefill.time + self.handover + self.transfer
        return before + self.decode.tpot

    @property
    def e2e_latency(self) -> Array:
        """Seconds from a request's arrival to its last token."""
        return self.ttft + (self.deployment.workload.output_seq_length - 1) * self.tpot

    @property
    def usd_per_hour(self) -> Usd:
        """What the chips of both pools cost; NaN without a price."""
        prefill = hourly_cost(self.deployment, self.prefill_chips)
        return prefill + hourly_cost(self.decoding, self.decode_chips)

    @property
    def watts(self) -> Watts:
        """What both pools draw at work, hosts and cooling included; NaN without a TDP."""
        prefill, decode = self._utilisations
        return power_draw(self.deployment, self.prefill_chips, *prefill) + power_draw(
            self.decoding, self.decode_chips, *decode
        )

    @property
    def chip_watts(self) -> Watts:
        """Mean that a chip of both pools draws, without host and cooling; NaN without a TDP."""
        prefill, decode = self._utilisations
        drawn = self.prefill_chips * chip_power_draw(self.deployment, *prefill)
        drawn += self.decode_chips * chip_power_draw(self.decoding, *decode)
        return drawn / self.chips

    @property
    def _utilisations(self) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """MFU and MBU of the prefill pool's chips, and of the decode pool's."""
        prefill, decode = (
            (
                self.request_rate * made.ideal_compute / chips,
                self.request_rate * made.ideal_memory / chips,
            )
            for made, chips in (
                (self.prefill, self.prefill_chips),
                (self.decode, self.decode_chips),
            )
        )
        return prefill, decode

    @property
    def mfu(self) -> Array:
        """Useful FLOPs over what all chips of both pools could do, 0 to 1."""
        ideal = self.prefill.ideal_compute + self.decode.ideal_compute
        return self.request_rate * ideal / self.chips

    @property
    def mbu(self) -> Array:
        """Bytes moved over what the memory of all chips could move, 0 to 1."""
        ideal = self.prefill.ideal_memory + self.decode.ideal_memory
        return self.request_rate * ideal / self.chips
