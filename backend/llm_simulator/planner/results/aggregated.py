"""Aggregated candidates with all their figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from llm_simulator.planner.costs.memory import ResidentMemory, requests_per_rank
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.memory_use import memory_use
from llm_simulator.planner.search.caution import judged
from llm_simulator.planner.search.limits import (
    Limit,
    latency_limits,
    memory_limit,
    rate_limits,
)
from llm_simulator.planner.search.outcome import Aggregated
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.serving.breakdown import Breakdown, breakdown
from llm_simulator.planner.serving.steady_state import Serving, SteadyState, state_of
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.units import Array, IntArray


def table_of(candidates: Sequence[Aggregated]) -> PlanTable:
    """The plan table of ``candidates``, in their order."""
    plans = [{"dcp": 1, **candidate.parallelism} for candidate in candidates]
    return PlanTable(**{name: np.array([plan[name] for plan in plans]) for name in plans[0]})


@dataclass(frozen=True)
class AggregatedPlans:
    """Plans whose chips do both phases."""

    problem: SearchProblem
    plans: PlanTable
    concurrency: IntArray

    @classmethod
    def of(cls, problem: SearchProblem, candidates: Sequence[Aggregated]) -> "AggregatedPlans":
        """Those of ``candidates``, in their order; at least one."""
        concurrency = np.array([candidate.batch_size for candidate in candidates])
        return cls(problem, table_of(candidates), concurrency)

    @cached_property
    def requests(self) -> Array:
        """Requests of each busiest data-parallel rank."""
        return np.asarray(requests_per_rank(self.problem.deployment, self.plans, self.concurrency))

    @cached_property
    def serving(self) -> Serving:
        """A rank of each plan at work."""
        return self.problem.ranks.serving(self.plans, self.requests)

    @cached_property
    def served(self) -> SteadyState:
        """What users of each plan see."""
        return state_of(self.serving, self.concurrency)

    @cached_property
    def memory(self) -> ResidentMemory:
        """What the fullest chips hold."""
        return self.problem.ranks.memory(self.plans, self.requests)

    @cached_property
    def limits(self) -> list[Limit]:
        """Every limit in the order in which a plan's reason is chosen."""
        problem, memory = self.problem, memory_limit(self.memory.total, self.memory.usable)
        if problem.limits.none:
            return [memory]
        served = judged(problem, self.served)
        return [
            memory,
            *latency_limits(problem.limits, served, cautious=problem.cautious),
            *rate_limits(problem.limits, served.request_rate),
        ]

    @cached_property
    def breakdown(self) -> Breakdown:
        """Where each plan's latencies come from."""
        return breakdown(self.serving)

    @property
    def calibration(self) -> Calibration:
        """What the intervals are those of."""
        return self.problem.deployment.calibration

    def nearness(self, row: int) -> float:
        """How near a plan is to what was measured, 0 to 1."""
        return float(self.served.nearness[row])

    def own_fields(self, row: int) -> dict[str, Any]:
        """What only this way to serve has, and the memory of the fullest chip."""
        deployment = self.problem.deployment
        load = deployment.workload
        whole = load.input_seq_length + load.output_seq_length
        return {
            "serving": "aggregated",
            "memory": memory_use(deployment, self.plans, self.memory, row, whole),
        }
