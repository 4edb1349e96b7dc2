"""Which chip each rank sits on, and which index it has in each of its plan's groups."""

from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.topology import TopologySpec
from llm_simulator.units import IntArray

PLACES = ("chip", "board", "rack", "pod")
"""Inner to outer."""


@dataclass(frozen=True)
class Ranks:
    """Ranks of one plan in the order of their chips; columns of shape [R]."""

    place: dict[str, IntArray]
    """Index of the chip on its board, the board in its rack, the rack in its pod, the pod."""
    index: dict[str, IntArray]
    """Index within tp, sp, dp, pp, replica; within moe_tp, ep of the experts; and within dcp."""


def ranks_on_chips(
    plan: PlanTable, topology: TopologySpec, *, first: int = 0, most: int | None = None
) -> Ranks:
    """The first ``most`` ranks of a table's only plan, which begins at chip ``first``.

    Ranks are numbered tp, sp, attention dp, pp, replicas from inner to outer, as ``placement``
    counts them; chips within their board, rack and pod. Those of one dcp group are neighbours in tp
    (vLLM 0.33, distributed/parallel_state.py), as ranks that hold the same key-value heads are.
    """
    ranks = np.arange(min(int(plan.chips[0]), most or int(plan.chips[0])))
    sharing = plan.tp * plan.sp * plan.attention_dp
    inner = ("tp", "sp", "attention_dp", "pp", "replicas")
    index = _digits(ranks, {name: int(getattr(plan, name)[0]) for name in inner})
    index["replica"] = index.pop("replicas")
    shared = index.pop("attention_dp")
    index["dp"] = index["replica"] * plan.attention_dp[0] + shared
    index["dcp"] = index["tp"] % int(plan.dcp[0])
    within = ranks % int(sharing[0])
    index |= _digits(within, {name: int(getattr(plan, name)[0]) for name in ("moe_tp", "ep")})
    sizes = dict(zip(PLACES, topology.sizes, strict=True))
    return Ranks(place=_digits(ranks + first, sizes), index=index)


def _digits(numbers: IntArray, sizes: dict[str, int]) -> dict[str, IntArray]:
    """The digits of ``numbers`` in a system of mixed ``sizes``, the last digit first."""
    found = {}
    for name, size in sizes.items():
        numbers, found[name] = np.divmod(numbers, size)
    return found
