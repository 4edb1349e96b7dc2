"""Disaggregated candidates with all their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from llm_simulator.planner.costs.memory import ResidentMemory
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.intervals import of_pools
from llm_simulator.planner.results.memory_use import memory_use
from llm_simulator.planner.results.plan import Memory, Pool, Pools
from llm_simulator.planner.search.disaggregated import pair_limits
from llm_simulator.planner.search.limits import Limit
from llm_simulator.planner.search.outcome import Disaggregated, PoolChoice
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.serving.breakdown import Breakdown, pool_breakdown
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.instances import (
    decode_instances,
    decode_memory,
    prefill_instances,
    prefill_memory,
)
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import MILLI, IntArray


@dataclass(frozen=True)
class ChosenPools:
    """One pool of each pair: its plan, its batch per rank, how many instances; shape [Q]."""

    plans: PlanTable
    batch: IntArray
    count: IntArray

    @classmethod
    def of(cls, instances: PlanTable, choices: Sequence[PoolChoice]) -> "ChosenPools":
        """The chosen pools as columns; they are made of ``instances``."""
        return cls(
            instances[np.array([choice.index for choice in choices])],
            np.array([choice.batch for choice in choices]),
            np.array([choice.instances for choice in choices]),
        )

    def repeated(self, rows: int) -> "ChosenPools":
        """The first pool, ``rows`` times."""
        first = np.zeros(rows, dtype=np.int64)
        return ChosenPools(self.plans[first], self.batch[first], self.count[first])

    def pool(
        self, row: int, *, batch: int, rate: float, time: float, used: float, memory: Memory
    ) -> Pool:
        """One pool as it is shown; ``rate`` and ``time`` of one instance, ``used`` of the pool."""
        count, chips = int(self.count[row]), int(self.plans.chips[row])
        return Pool(
            parallelism=self.degrees(row),
            instances=count,
            chips_per_instance=chips,
            chips=count * chips,
            batch=batch,
            rate=rate,
            time_ms=time / MILLI,
            utilization=used / (count * rate),
            memory=memory,
        )

    def degrees(self, row: int) -> Any:
        """The plan of one instance."""
        return self.plans[slice(row, row + 1)].rows()[0]


def matched(
    deployment: Deployment,
    decoding: Deployment,
    prefill: ChosenPools,
    decode: ChosenPools,
    population: IntArray,
) -> MatchedPools:
    """The chosen pairs at work, decode pools as ``decoding`` has them."""
    return MatchedPools(
        deployment=deployment,
        population=population,
        decoding=decoding,
        prefill=prefill_instances(deployment, prefill.plans, prefill.batch),
        prefill_count=prefill.count,
        decode=decode_instances(decoding, decode.plans, decode.batch),
        decode_count=decode.count,
    )


@dataclass(frozen=True)
class DisaggregatedPlans:
    """Pairs of a prefill and a decode pool."""

    problem: SearchProblem
    prefill: ChosenPools
    decode: ChosenPools
    concurrency: IntArray
    max_chips: int

    @classmethod
    def of(
        cls,
        problem: SearchProblem,
        instances: PlanTable,
        max_chips: int,
        candidates: Sequence[Disaggregated],
    ) -> "DisaggregatedPlans":
        """Those of ``candidates``, in their order; at least one."""
        return cls(
            problem,
            ChosenPools.of(instances, [candidate.prefill for candidate in candidates]),
            ChosenPools.of(instances, [candidate.decode for candidate in candidates]),
            np.array([candidate.batch_size for candidate in candidates]),
            max_chips,
        )

    @property
    def plans(self) -> PlanTable:
        """Whose degrees are shown: a decode instance's."""
        return self.decode.plans

    @cached_property
    def served(self) -> MatchedPools:
        """The pairs at work."""
        problem = self.problem
        return matched(
            problem.deployment, problem.decoding, self.prefill, self.decode, self.concurrency
        )

    @cached_property
    def limits(self) -> list[Limit]:
        """Every limit in the order in which a pair's reason is chosen."""
        return pair_limits(self.problem, self.served, self.max_chips)

    @cached_property
    def breakdown(self) -> Breakdown:
        """Where each pair's latencies come from."""
        return pool_breakdown(self.served, self.prefill.plans, self.decode.plans)

    @property
    def calibration(self) -> Calibration:
        """What the intervals are those of."""
        return of_pools(self.problem.deployment.calibration)

    def nearness(self, _row: int) -> float:
        """Its interval is that of what was never measured, whatever the plan."""
        return 1.0

    @cached_property
    def memories(self) -> tuple[ResidentMemory, ResidentMemory]:
        """What a chip of either pool holds."""
        prefill, decode = self.prefill, self.decode
        return (
            prefill_memory(self.problem.deployment, prefill.plans, prefill.batch),
            decode_memory(self.problem.decoding, decode.plans, decode.batch),
        )

    def own_fields(self, row: int) -> dict[str, Any]:
        """What only this way to serve has, and the memory of a decode instance."""
        pools = self.pools(row)
        return {
            "serving": "disaggregated",
            "memory": pools.decode.memory,
            "pools": pools,
            "kv_transfer_ms": float(self.served.transfer[row] / MILLI),
        }

    def pools(self, row: int) -> Pools:
        """Both pools of one pair."""
        pairs, (in_prefill, in_decode) = self.served, self.memories
        used = float(pairs.request_rate[row])
        workload = self.problem.deployment.workload
        prompt = workload.input_seq_length
        whole = prompt + workload.output_seq_length
        return Pools(
            prefill=self.prefill.pool(
                row,
                batch=int(self.prefill.batch[row] * self.prefill.plans.dp[row]),
                rate=float(pairs.prefill.rate[row]),
                time=float(pairs.prefill.time[row]),
                used=used,
                memory=memory_use(
                    self.problem.deployment, self.prefill.plans, in_prefill, row, prompt
                ),
            ),
            decode=self.decode.pool(
                row,
                batch=int(pairs.decode.slots[row]),
                rate=float(pairs.decode_rate[row] / self.decode.count[row]),
                time=float(pairs.decode.tpot[row]),
                used=used,
                memory=memory_use(self.problem.decoding, self.decode.plans, in_decode, row, whole),
            ),
        )
