"""Where the ranks of a group sit: how many of them share a board, a rack, a pod."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.units import Count, IntArray


@dataclass(frozen=True)
class Group:
    """Ranks that communicate: how many, and how far apart neighbours are numbered."""

    ranks: IntArray
    stride: IntArray


def unit_level(chips: Count, capacities: Sequence[int]) -> IntArray:
    """How many kinds of unit (board, rack, pod, cluster) are too small for all ``chips``; [P].

    Plans of one level that agree in their degrees have their ranks placed alike.
    """
    return np.searchsorted(np.sort(np.asarray(capacities)), chips)


def tensor_group(plans: PlanTable) -> Group:
    """Ranks that share the matrices of a layer: neighbours."""
    return Group(plans.tp, np.ones_like(plans.tp))


def sequence_group(plans: PlanTable) -> Group:
    """Ranks that share the tokens of a request."""
    return Group(plans.sp, plans.tp)


def cache_group(plans: PlanTable) -> Group:
    """Ranks that share out the cache of each request: neighbours within a tensor group."""
    return Group(plans.dcp, np.ones_like(plans.tp))


def expert_tensor_group(plans: PlanTable) -> Group:
    """Ranks that share one expert: neighbours."""
    return Group(plans.moe_tp, np.ones_like(plans.tp))


def expert_group(plans: PlanTable) -> Group:
    """Ranks that hold different experts."""
    return Group(plans.ep, plans.moe_tp)


def pipeline_group(plans: PlanTable) -> Group:
    """The same rank of consecutive stages."""
    return Group(plans.pp, plans.tp * plans.sp * plans.attention_dp)


def ranks_per_unit(group: Group, capacity: int, chips: Count) -> Count:
    """Members of ``group`` within one unit (board, rack, pod) of ``capacity`` chips; shape [P].

    A group that fits but would straddle units is counted by its aligned part: the greatest common
    divisor of its span and the unit. A plan that fits into one unit as a whole is placed there.

    >>> board = 8
    >>> [int(ranks_per_unit(Group(np.array(n), np.array(s)), board, chips=64))
    ...  for n, s in ((8, 1), (16, 1), (8, 8), (4, 2), (6, 1))]
    [8, 8, 1, 4, 2]
    """
    aligned = np.gcd(group.ranks * group.stride, capacity) // group.stride
    within = np.clip(aligned, 1, group.ranks)
    return np.where(chips <= capacity, group.ranks, within)
