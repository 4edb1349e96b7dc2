"""Some plans on hypothetical chips: what does not depend on the chip is worked out once.

A step's sums of computing depend on memory bandwidth and FLOP/s, those of communication on links;
of all combinations each part is evaluated once. Axes: P plans, B concurrencies, E = P * B
evaluations, C distinct rank cases, S speeds.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.costs.memory import held_by, resident_memory, running_requests
from llm_simulator.planner.costs.shared_cost import SharedCost, Sums
from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.plans.distinct import Distinct
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.requests.candidates import Figures
from llm_simulator.planner.search.evaluations import Evaluations
from llm_simulator.planner.serving.batching import Batching, batching
from llm_simulator.planner.serving.steady_state import (
    LoadCorrection,
    SteadyState,
    load_correction,
    served_by,
)
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array, IntArray

LARGEST_MEMORY = 64e6
"""Bytes of sums that a block keeps."""
MASKS_KEPT = 512
"""Answers to what fits that a block keeps."""

Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class CandidateBlock:
    """P plans at B concurrencies, on whatever chip."""

    deployment: Deployment
    """On the base chip."""
    plans: PlanTable
    start: int
    """Where the plans stand in the enumeration."""
    concurrencies: IntArray
    per_replica: bool = False
    """Whether the concurrencies are those of each independent replica."""
    _sums: dict[Key, tuple[Array, ...]] = field(default_factory=dict)
    _fits: dict[Key, NDArray[np.bool_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.plans) * len(self.concurrencies)

    @cached_property
    def _alike(self) -> tuple[Distinct, PlanTable, Array]:
        return Evaluations(
            self.deployment, self.plans, self.concurrencies, per_replica=self.per_replica
        ).alike

    @cached_property
    def _batch(self) -> Batching:
        _, plans, requests = self._alike
        return batching(self.deployment, plans, running_requests(self.deployment, requests))

    @cached_property
    def _measured(self) -> LoadCorrection:
        _, plans, requests = self._alike
        return load_correction(self.deployment, plans, running_requests(self.deployment, requests))

    @cached_property
    def concurrency(self) -> IntArray:
        """Of each evaluation; [E]."""
        each = np.tile(self.concurrencies, len(self.plans))
        if not self.per_replica:
            return each
        return each * np.repeat(self.plans.replicas, len(self.concurrencies))

    @cached_property
    def chips(self) -> IntArray:
        """Of each evaluation; [E]."""
        return np.repeat(self.plans.chips, len(self.concurrencies))

    @cached_property
    def _dp(self) -> IntArray:
        return np.repeat(self.plans.dp, len(self.concurrencies))

    def steady_state(self, deployed: Deployment, figures: Figures) -> SteadyState:
        """Every evaluation ``deployed`` on a chip of these ``figures``."""
        alike, plans, requests = self._alike
        calls, turns = count(), requests / running_requests(self.deployment, requests) - 1

        def known(step: Step) -> Sums:
            return self._sums_of(deployed, step, next(calls), figures)

        cost_model = StepCostModel(deployed, plans, known)
        served = served_by(cost_model, self._batch, self._measured, turns)
        case = alike.kind
        return SteadyState(
            deployment=deployed,
            chips=self.chips,
            ttft=served.ttft[case],
            tpot=served.tpot[case],
            request_rate=self.concurrency / served.end_to_end[case],
            ideal_compute=served.ideal_compute[case] / self._dp,
            ideal_memory=served.ideal_memory[case] / self._dp,
            nearness=served.nearness[case],
        )

    def _sums_of(self, deployed: Deployment, step: Step, call: int, figures: Figures) -> Sums:
        """The sums of a step: of the chip's part and of the links' part, each computed once."""
        chip: Key = ("chip", call, figures.memory_bandwidth, figures.peak_flops)
        links: Key = ("links", call, str(figures.link_bandwidth))
        if chip not in self._sums or links not in self._sums:
            plans = self._alike[1]
            network = StepCostModel(deployed, plans).network
            found = SharedCost(deployed, plans, network).sums(step)
            self._keep(chip, (found.busy, found.ideals))
            self._keep(links, (found.communication,))
        busy, ideals = self._used(chip)
        (communication,) = self._used(links)
        return Sums(np.stack([busy, communication]), ideals)

    def _used(self, key: Key) -> tuple[Array, ...]:
        """What is kept, as the last to go."""
        self._sums[key] = self._sums.pop(key)
        return self._sums[key]

    def _keep(self, key: Key, columns: tuple[Array, ...]) -> None:
        size = sum(column.nbytes for column in columns)
        most = max(int(LARGEST_MEMORY / max(size, 1)), 4)
        while len(self._sums) >= most:
            self._sums.pop(next(iter(self._sums)))
        self._sums[key] = tuple(np.array(column) for column in columns)

    def fits(self, deployed: Callable[[], Deployment], figures: Figures) -> NDArray[np.bool_]:
        """Whether each evaluation fits into the memory of a chip of these ``figures``."""
        key = (str(figures.link_bandwidth), figures.memory_capacity)
        if key not in self._fits:
            if len(self._fits) >= MASKS_KEPT:
                self._fits.clear()
            alike, plans, requests = self._alike
            on = deployed()
            memory = resident_memory(on, plans, held_by(on, requests))
            self._fits[key] = np.asarray(memory.total <= memory.usable)[alike.kind]
        return self._fits[key]
