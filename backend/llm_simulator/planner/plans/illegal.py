"""How many combinations of degrees are no plans, by the rule that they break first.

Combinations are all whole degrees on at most so many chips in which the ranks of the experts are
those of the tokens. They are counted, not listed: N chips take about N ln N steps.
"""

from collections.abc import Mapping

import numpy as np

from llm_simulator.planner.plans.divisions import LEGAL, divisions, first_broken
from llm_simulator.planner.plans.engines import expert_rules, token_rules
from llm_simulator.planner.plans.enumeration import Degrees
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import IntArray

UNCOUNTED = ("dp", "moe_tp")
"""Degrees that follow from others: a search narrowed by them isn't counted."""


def illegal_plans(
    deployment: Deployment, max_chips: int, allowed: Mapping[str, Degrees] | None = None
) -> dict[str, int] | None:
    """Combinations that break a rule, by the rule; None where ``allowed`` narrows dp or moe_tp.

    ``heads``, ``kv_heads`` and ``width`` are not divided by tp; ``experts`` and ``expert_width``
    are not divided by ep and moe_tp; ``blocks`` of weights that share a scale would be split;
    ``layers`` are fewer than stages. Of the named engine: ``sp`` it doesn't have, ``attention_dp``
    beside tp, and ``mixed_experts`` that are both spread and split.
    """
    allowed, model = allowed or {}, deployment.model
    if any(allowed.get(name) is not None for name in UNCOUNTED):
        return None
    stages = _stagings(max_chips, _permitted(allowed, "pp", max_chips), model.num_hidden_layers)
    whole, short = (count[max_chips // np.arange(1, max_chips + 1)] for count in stages)
    counts: dict[str, int] = {}
    groups = _groups_by_rule(deployment, max_chips, allowed)
    choices = _expert_choices(deployment, max_chips, _permitted(allowed, "ep", max_chips))
    every = sum(choices.values())
    for rule, number in groups.items():
        if rule != LEGAL:
            counts[rule] = int((number * every * whole).sum())
    legal = groups[LEGAL]
    for rule, number in choices.items():
        if rule != LEGAL:
            counts[rule] = counts.get(rule, 0) + int((legal * number * whole).sum())
    counts["layers"] = int((legal * choices[LEGAL] * (whole - short)).sum())
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
    deployment: Deployment, max_chips: int, allowed: Mapping[str, Degrees]
) -> dict[str, IntArray]:
    """Ways to make up each group of 1 to ``max_chips`` token ranks, by the rule its tp breaks."""
    rules = divisions(deployment)
    tps = _permitted(allowed, "tp", max_chips)
    others = {alone: _others(deployment, max_chips, allowed, alone) for alone in (True, False)}
    found = {LEGAL: np.zeros(max_chips + 1, dtype=np.int64)}
    for tp, first in zip(tps.tolist(), first_broken(rules, "tp", tps), strict=True):
        for rule, number in others[tp == 1].items():
            code = rule if first == LEGAL else first
            ways = found.setdefault(code, np.zeros(max_chips + 1, dtype=np.int64))
            ways[::tp] += number[: max_chips // tp + 1]
    return {rule: ways[1:] for rule, ways in found.items()}


def _others(
    deployment: Deployment, max_chips: int, allowed: Mapping[str, Degrees], alone: bool
) -> dict[str, IntArray]:
    """Ways to make up a number by sp and attention dp, by the engine's rule that is broken.

    ``alone`` says whether tp is 1, which is all that rules ask of it.
    """
    most = max_chips if deployment.model.num_experts else 1
    found: dict[str, IntArray] = {}
    for sp in _permitted(allowed, "sp", max_chips).tolist():
        attention_dp = np.arange(1, min(most, max_chips // sp) + 1)
        codes = np.full(len(attention_dp), LEGAL, dtype=object)
        for rule in token_rules(deployment, 1 if alone else 2, sp, attention_dp):
            codes[(codes == LEGAL) & ~rule.holds] = rule.code
        for code in set(codes.tolist()):
            ways = found.setdefault(code, np.zeros(max_chips + 1, dtype=np.int64))
            ways[attention_dp[codes == code] * sp] += 1
    return found


def _expert_choices(deployment: Deployment, max_chips: int, ep: IntArray) -> dict[str, IntArray]:
    """Ways to spread the experts over each group of 1 to ``max_chips`` ranks, by broken rule."""
    if not deployment.model.num_experts:
        return {LEGAL: np.ones(max_chips, dtype=np.int64)}
    rules, every = divisions(deployment), np.arange(1, max_chips + 1)
    splits = first_broken(rules, "moe_tp", every)
    found = {LEGAL: np.zeros(max_chips + 1, dtype=np.int64)}
    for ranks, first in zip(ep.tolist(), first_broken(rules, "ep", ep), strict=True):
        moe_tp = every[: max_chips // ranks]
        codes = splits[: len(moe_tp)] if first == LEGAL else np.full(len(moe_tp), first)
        for broken in expert_rules(deployment, ranks, moe_tp):
            codes = np.where((codes == LEGAL) & ~broken.holds, broken.code, codes)
        for rule in set(codes.tolist()):
            ways = found.setdefault(rule, np.zeros(max_chips + 1, dtype=np.int64))
            ways[moe_tp[codes == rule] * ranks] += 1
    return {rule: ways[1:] for rule, ways in found.items()}
