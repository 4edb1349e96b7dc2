"""What a plan keeps on its fullest chip, in the units of a result."""

from collections.abc import Callable

import numpy as np

from llm_simulator.planner.costs.memory import Held, ResidentMemory, cache_memory
from llm_simulator.planner.operators.layers import stage_of_each
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.largest import largest_within
from llm_simulator.planner.results.plan import CacheSpace, Memory, MemoryPart
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.units import GIGA, Array

_MEMORY_PARTS = ("weights", "kv_cache", "activations", "runtime")
LONGEST_CONTEXT = 10_000_000
"""Longest request looked for where a model states no limit."""


def memory_use(
    deployment: Deployment, plans: PlanTable, memory: ResidentMemory, row: int, tokens: int
) -> Memory:
    """The memory of one plan's fullest chip; its requests have so many ``tokens`` in the end."""
    parts = []
    for name in _MEMORY_PARTS:
        part = np.broadcast_to(getattr(memory, name), memory.total.shape)
        parts.append(MemoryPart(name=name, gb=float(part[row]) / GIGA))
    return Memory(
        total_gb=float(memory.total[row]) / GIGA,
        capacity_gb=deployment.chip.memory_capacity / GIGA,
        usable_gb=float(memory.usable[row]) / GIGA,
        parts=parts,
        cache=_cache_space(deployment, plans, memory, row, tokens),
    )


def _cache_space(
    deployment: Deployment, plans: PlanTable, memory: ResidentMemory, row: int, tokens: int
) -> CacheSpace | None:
    """What fits into the room of one plan's fullest stage, requests having ``tokens`` each."""
    room = float(memory.room[row])
    if room <= 0:
        return None
    request_bytes = cache_of_request(deployment, plans, memory, row)
    concurrency = room / float(request_bytes(np.array([tokens]))[0])
    return CacheSpace(
        gb=room / GIGA,
        tokens=int(concurrency * tokens),
        request_tokens=tokens,
        concurrency=concurrency,
        largest_context=int(
            largest_within(
                request_bytes,
                [room],
                longest_context(deployment.model),
                guesses=[concurrency * tokens],
            )[0]
        ),
    )


def cache_of_request(
    deployment: Deployment, plans: PlanTable, memory: ResidentMemory, row: int
) -> Callable[[Array], Array]:
    """Bytes that a request of so many tokens takes on one plan's fullest chip."""
    place = np.array([row])
    plan = plans[place]
    layers = stage_of_each(deployment.model, plan, memory.stage[place])

    def request_bytes(tokens: Array) -> Array:
        held = Held(np.ones(1), tokens, np.zeros(1))
        return np.asarray(cache_memory(deployment, plan, held, layers))

    return request_bytes


def longest_context(model: ModelSpec) -> int:
    """Tokens of the longest request that the model takes, as far as it says."""
    return model.max_position_embeddings or LONGEST_CONTEXT
