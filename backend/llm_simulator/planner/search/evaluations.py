"""Plans at several concurrencies: every evaluation answered, each distinct one computed once.

An *evaluation* is one plan at one concurrency. What a data-parallel rank does depends on its
requests and on its shard, not on the number of replicas, so many evaluations share a *rank case*.
Axes: P plans, B concurrencies, C distinct rank cases.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.distinct import Distinct, distinct
from llm_simulator.planner.plans.placement import unit_level
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.search.ranks import Ranks
from llm_simulator.planner.serving.steady_state import SteadyState
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, IntArray

_SHARD = ("tp", "dcp", "sp", "attention_dp", "ep", "moe_tp", "pp")


@dataclass(frozen=True)
class RankCases:
    """What the ranks of every evaluation do; columns of shape [C].

    Latencies are NaN where a case does not fit into memory and was spared the evaluation.
    """

    case: IntArray
    """The case of each evaluation, [P * B], plans outermost."""
    memory: Array
    """Bytes resident on the fullest chip."""
    usable: Array
    """Bytes that may be."""
    fits: NDArray[np.bool_]
    ttft: Array
    tpot: Array
    end_to_end: Array
    """Seconds from a request's arrival to its last token."""
    ideal_compute: Array
    """Seconds of a chip per request that its FLOPs need at peak."""
    ideal_memory: Array
    nearness: Array
    """1 within what was measured to calibrate on, 0 far from it."""


@dataclass(frozen=True)
class Evaluations:
    """P plans at B concurrencies each, numbered with the plans outermost: E = P * B of them.

    ``per_replica`` the concurrencies are those of each independent replica.
    """

    deployment: Deployment
    plans: PlanTable
    concurrencies: IntArray
    skip_misfits: bool = True
    """Whether cases that do not fit into memory are spared the evaluation."""
    per_replica: bool = False
    known: Ranks | None = None
    """Where results of small tables are looked for and left."""

    def __len__(self) -> int:
        return len(self.plans) * len(self.concurrencies)

    @cached_property
    def cases(self) -> RankCases:
        """Every distinct case, computed once."""
        alike, plans, requests = self.alike
        ranks = self.known or Ranks(self.deployment)
        memory = ranks.memory(plans, requests)
        fits = memory.total <= memory.usable
        rows = np.flatnonzero(fits) if self.skip_misfits else np.arange(len(plans))
        if len(self) == len(rows) == 1:
            # What is shown of the only plan needs its hardware moved too: one pass does both.
            served = ranks.moved(plans, requests).as_it_is
        else:
            served = ranks.serving(plans[rows], requests[rows])

        def column(values: Array) -> Array:
            whole = np.full(len(plans), np.nan)
            whole[rows] = values
            return whole

        return RankCases(
            case=alike.kind,
            memory=memory.total,
            usable=memory.usable,
            fits=fits,
            ttft=column(served.ttft),
            tpot=column(served.tpot),
            end_to_end=column(served.end_to_end),
            ideal_compute=column(served.ideal_compute),
            ideal_memory=column(served.ideal_memory),
            nearness=column(served.nearness),
        )

    @property
    def alike(self) -> tuple[Distinct, PlanTable, Array]:
        """Which evaluations are one case, and each case's plan and requests per rank."""
        ranks = self.plans.attention_dp if self.per_replica else self.plans.dp
        requests = -(-self.concurrencies // ranks[:, None])
        shard = distinct(*(getattr(self.plans, name) for name in _SHARD), self._unit_level)
        spread = np.repeat(shard.kind, len(self.concurrencies))
        alike = distinct(spread, requests.reshape(-1))
        plans = self.plans[alike.first // len(self.concurrencies)]
        return alike, plans, requests.reshape(-1)[alike.first].astype(float)

    @property
    def _unit_level(self) -> IntArray:
        return unit_level(self.plans.chips, self.deployment.topology.capacities)

    def plan_of(self, rows: IntArray) -> IntArray:
        """The plan of each evaluation of ``rows``."""
        return rows // len(self.concurrencies)

    def concurrency_of(self, rows: IntArray) -> IntArray:
        """The concurrency of each evaluation of ``rows``, over the whole deployment."""
        each = self.concurrencies[rows % len(self.concurrencies)]
        return each * self.plans.replicas[self.plan_of(rows)] if self.per_replica else each

    def chips(self, rows: IntArray) -> IntArray:
        """Chips of each evaluation of ``rows``."""
        return self.plans.chips[self.plan_of(rows)]

    def steady_state(self, rows: IntArray) -> SteadyState:
        """The full answer of the evaluations of ``rows``; columns of that length."""
        cases, case = self.cases, self.cases.case[rows]
        dp = self.plans.dp[self.plan_of(rows)]
        return SteadyState(
            deployment=self.deployment,
            chips=self.chips(rows),
            ttft=cases.ttft[case],
            tpot=cases.tpot[case],
            request_rate=self.concurrency_of(rows) / cases.end_to_end[case],
            ideal_compute=cases.ideal_compute[case] / dp,
            ideal_memory=cases.ideal_memory[case] / dp,
            nearness=cases.nearness[case],
        )
