"""What one engine step costs on one pipeline stage, operator by operator or in sum."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llm_simulator.costs.communication import Network
from llm_simulator.costs.roofline import (
    family,
    ideal_compute_time,
    ideal_memory_time,
    operator_time,
    padded_compute_time,
    reached,
)
from llm_simulator.operators.all_work import step_work
from llm_simulator.operators.context import Context
from llm_simulator.operators.messages import step_messages
from llm_simulator.operators.step import Step
from llm_simulator.operators.work import Work
from llm_simulator.plans.table import PlanTable
from llm_simulator.specs.calibration import EngineFactors
from llm_simulator.specs.chip import ChipSpec
from llm_simulator.specs.deployment import Deployment
from llm_simulator.units import Array, Seconds


@dataclass(frozen=True)
class OperatorCost:
    """Seconds of one operator in one step; each moment is charged to what bounds it; shape [P]."""

    operator: str
    compute: Seconds = 0.0
    memory: Seconds = 0.0
    communication: Seconds = 0.0
    overhead: Seconds = 0.0
    ideal_compute: Seconds = 0.0
    ideal_memory: Seconds = 0.0


@dataclass(frozen=True)
class StepTotal:
    """Seconds of a whole step on one stage; columns of shape [P]."""

    time: Array
    ideal_compute: Array
    ideal_memory: Array


@dataclass(frozen=True)
class Machine:
    """The plans on their hardware: everything about cost that does not depend on the step."""

    deployment: Deployment
    plans: PlanTable
    network: Network

    @classmethod
    def of(cls, deployment: Deployment, plans: PlanTable) -> "Machine":
        """The machine of a deployment's plans."""
        return cls(deployment, plans, Network(deployment, plans))

    def operator_costs(self, step: Step) -> Iterator[OperatorCost]:
        """The cost of every operator and message of ``step``."""
        context = Context(self.deployment, self.plans, step)
        for work in step_work(context):
            yield _work_cost(work, self.deployment.chip, self.deployment.calibration.factors)
        for message in step_messages(context):
            seconds = self.network.message_time(message)
            yield OperatorCost(message.operator, communication=seconds)

    def step_total(self, step: Step) -> StepTotal:
        """The sums over all operators of ``step``."""
        time, compute, memory = (np.zeros(len(self.plans)) for _ in range(3))
        for cost in self.operator_costs(step):
            time += cost.compute + cost.memory + cost.communication + cost.overhead
            compute += cost.ideal_compute
            memory += cost.ideal_memory
        return StepTotal(time, compute, memory)


def _work_cost(work: Work, chip: ChipSpec, factors: EngineFactors) -> OperatorCost:
    """The roofline of one operator and the starts of its kernels, times its repetitions."""
    reach = reached(family(work), float(work.unit != "bf16"), chip, factors)
    compute = padded_compute_time(work, chip) / reach.compute
    memory = ideal_memory_time(work, chip) / reach.memory
    time = operator_time(compute, memory)
    compute_bound = np.asarray(compute >= memory)
    # An operator without work in this step starts no kernel.
    runs = np.minimum(np.ceil(work.bytes), 1)
    return OperatorCost(
        operator=work.operator,
        compute=work.repeats * time * compute_bound,
        memory=work.repeats * time * ~compute_bound,
        overhead=work.repeats * runs * work.kernels * reach.start,
        ideal_compute=work.repeats * ideal_compute_time(work, chip),
        ideal_memory=work.repeats * ideal_memory_time(work, chip),
    )
