"""Which chip each rank of a plan sits on."""

import numpy as np

from llm_simulator.planner.explain.explanation import Part, RankMap
from llm_simulator.planner.plans.coordinates import Ranks, ranks_on_chips
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.topology import TopologySpec

SHOWN = 4096
"""Ranks that are listed at most: beyond, replicas and instances repeat."""


def rank_map(
    part: Part,
    plan: PlanTable,
    topology: TopologySpec,
    *,
    instances: int = 1,
    first: int = 0,
) -> RankMap:
    """The ranks of so many equal ``instances`` of a table's only plan, from chip ``first`` on."""
    chips = int(plan.chips[0])
    found: list[Ranks] = []
    left = SHOWN
    for instance in range(instances):
        if left <= 0:
            break
        found.append(ranks_on_chips(plan, topology, first=first + instance * chips, most=left))
        left -= len(found[-1].index["tp"])
    columns = {
        name: np.concatenate([getattr(ranks, kind)[name] for ranks in found]).tolist()
        for kind, names in (
            ("place", ("pod", "rack", "board", "chip")),
            ("index", ("dp", "tp", "pp", "sp", "ep", "moe_tp", "dcp")),
        )
        for name in names
    }
    numbered = [
        ranks.index["replica"] if instances == 1 else np.full(len(ranks.index["tp"]), number)
        for number, ranks in enumerate(found)
    ]
    return RankMap(
        part=part, ranks=instances * chips, instance=np.concatenate(numbered).tolist(), **columns
    )
