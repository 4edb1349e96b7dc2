"""What a plan keeps on its fullest chip, in the units of a result."""

import numpy as np

from llm_simulator.planner.costs.memory import ResidentMemory
from llm_simulator.planner.results.plan import Memory, MemoryPart
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import GIGA

_MEMORY_PARTS = ("weights", "kv_cache", "activations", "runtime")


def memory_use(deployment: Deployment, memory: ResidentMemory, row: int) -> Memory:
    """The memory of one plan's fullest chip."""
    capacity = deployment.chip.memory_capacity
    parts = []
    for name in _MEMORY_PARTS:
        part = np.broadcast_to(getattr(memory, name), memory.total.shape)
        parts.append(MemoryPart(name=name, gb=float(part[row]) / GIGA))
    return Memory(
        total_gb=float(memory.total[row]) / GIGA,
        capacity_gb=capacity / GIGA,
        usable_gb=capacity * deployment.workload.memory_utilization / GIGA,
        parts=parts,
    )
