"""How many combinations of degrees are no plans, by the rule that they break first.

Combinations are all whole degrees on at most so many chips in which the ranks of the experts are
those of the tokens. They are counted, not listed: N chips take about N ln N steps.
"""

from collections.abc import Mapping

import numpy as np

from llm_simulator.planner.plans.enumeration import Degrees
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.units import IntArray

UNCOUNTED = ("dp", "moe_tp")
"""Degrees that follow from others: a search narrowed by them isn't counted."""


def illegal_plans(
    model: ModelSpec, max_chips: int, allowed: Mapping[str, Degrees] | None = None
) -> dict[str, int] | None:
    """Combinations that break a rule, by the rule; None where ``allowed`` narrows dp or moe_tp.

    ``heads``, ``kv_heads`` and ``width`` are not divided by tp; ``layers`` are fewer than stages;
    ``experts`` and ``expert_width`` are not divided by ep and moe_tp.
    """
    allowed = allowed or {}
    if any(allowed.get(name) is not None for name in UNCOUNTED):
        return None
    stages = _stagings(max_chips, _permitted(allowed, "pp", max_chips), model.num_hidden_layers)
    whole, short = (count[max_chips // np.arange(1, max_chips + 1)] for count in stages)
    counts: dict[str, int] = {}
    groups = _groups_by_rule(model, max_chips, allowed)
    choices = _expert_choices(model, max_chips, _permitted(allowed, "ep", max_chips))
    every = sum(choices.values())
    for rule, number in groups.items():
        if rule != "legal":
            counts[rule] = int((number * every * whole).sum())
    legal = groups["legal"]
    for rule, number in choices.items():
        if rule != "legal":
            counts[rule] = int((legal * number * whole).sum())
    counts["layers"] = int((legal * choices["legal"] * (whole - short)).sum())
    return {rule: number for rule, number in sorted(counts.items()) if number}


def _permitted(allowed: Mapping[str, Degrees], name: str, largest: int) -> IntArray:
    degrees = allowed.get(name)
    every = np.arange(1, largest + 1)
    return every if degrees is None else np.intersect1d(every, np.array(degrees))


def _stagings(max_chips: int, stages: IntArray, layers: int) -> tuple[IntArray, IntArray]:
    """Choices of stages and replicas on at most m chips, m from 0: all, and those within layers."""
    whole, short = (np.zeros(max_chips + 1, dtype=np.int64) for _ in range(2))
    for number in stages.tolist():
        replicas = np.arange(max_chips + 1) // number
        whole += replicas
        if number <= layers:
            short += replicas
    return whole, short


def _groups_by_rule(
    model: ModelSpec, max_chips: int, allowed: Mapping[str, Degrees]
) -> dict[str, IntArray]:
    """Ways to make up each group of 1 to ``max_chips`` token ranks, by the rule its tp breaks."""
    others = np.zeros(max_chips + 1, dtype=np.int64)
    attention_dp = max_chips if model.num_experts else 1
    for number in _permitted(allowed, "sp", max_chips).tolist():
        others[number : number * attention_dp + 1 : number] += 1
    rules = ("legal", "heads", "kv_heads", "width")
    found: dict[str, IntArray] = {rule: np.zeros(max_chips + 1, dtype=int) for rule in rules}
    for tp in _permitted(allowed, "tp", max_chips).tolist():
        ways = found[_broken_by(tp, model)]
        ways[::tp] += others[: max_chips // tp + 1]
    return {rule: ways[1:] for rule, ways in found.items()}


def _broken_by(tp: int, model: ModelSpec) -> str:
    kv_heads = model.num_key_value_heads
    if model.num_attention_heads % tp:
        return "heads"
    if kv_heads % tp and tp % kv_heads:
        return "kv_heads"
    return "width" if model.intermediate_size % tp else "legal"


def _expert_choices(model: ModelSpec, max_chips: int, ep: IntArray) -> dict[str, IntArray]:
    """Ways to spread the experts over each group of 1 to ``max_chips`` ranks, by broken rule."""
    if not model.num_experts:
        return {"legal": np.ones(max_chips, dtype=np.int64)}
    rules = ("legal", "experts", "expert_width")
    found: dict[str, IntArray] = {rule: np.zeros(max_chips + 1, dtype=int) for rule in rules}
    for ranks in ep.tolist():
        moe_tp = np.arange(1, max_chips // ranks + 1)
        groups = moe_tp * ranks
        if model.num_experts % ranks:
            found["experts"][groups] += 1
            continue
        divided = model.moe_intermediate_size % moe_tp == 0
        found["legal"][groups[divided]] += 1
        found["expert_width"][groups[~divided]] += 1
    return {rule: ways[1:] for rule, ways in found.items()}
