"""How many combinations of degrees are no plans, by the rule that they break first.

Combinations are all whole degrees on at most so many chips in which the ranks of the experts are
those of the tokens, and dcp divides tp where it is tried. They are counted, not listed: N chips
take about N ln N steps.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from llm_simulator.planner.plans.cache_copies import cache_copies
from llm_simulator.planner.plans.divisions import LEGAL, divisions, first_broken
from llm_simulator.planner.plans.engine_rules import EXPERT_DEGREES, TOKEN_DEGREES
from llm_simulator.planner.plans.engines import engines_asked, first_rule_broken
from llm_simulator.planner.plans.enumeration import Degrees, tried_dcp
from llm_simulator.planner.specs.calibration import Engine
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import IntArray

UNCOUNTED = ("dp", "moe_tp")
"""Degrees that follow from others: a search narrowed by them isn't counted."""

NO_ENGINE = "no_engine"
"""What plans that the model allows but no known engine starts are counted under."""

Refusal = tuple[str, ...]
"""The rule that each engine in question finds broken first, or LEGAL."""


@dataclass(frozen=True)
class IllegalPlans:
    """Combinations that are no plans, and those that single engines refuse."""

    reasons: dict[str, int]
    """By rule."""
    refused: dict[Engine, dict[str, int]]
    """Of those that the model allows, the ones that an engine doesn't start, by its rule."""


@dataclass
class Ways:
    """Ways to make up each number of ranks up to the most chips, by what is against them."""

    most: int
    broken: dict[str, IntArray] = field(default_factory=dict)
    """Those that break a rule of the model."""
    whole: dict[Refusal, IntArray] = field(default_factory=dict)
    """The others."""

    def add(self, key: str | Refusal, ranks: slice | IntArray, number: int | IntArray = 1) -> None:
        """So many more ways for ``ranks`` under a rule of the model or a refusal."""
        ways: dict[Any, IntArray] = self.broken if isinstance(key, str) else self.whole
        if key not in ways:
            ways[key] = np.zeros(self.most + 1, dtype=np.int64)
        ways[key][ranks] += number

    @property
    def legal(self) -> IntArray:
        """Those that the model allows."""
        return sum(self.whole.values(), np.zeros(self.most + 1, dtype=np.int64))

    @property
    def every(self) -> IntArray:
        """All of them."""
        return sum(self.broken.values(), self.legal)


def illegal_plans(
    deployment: Deployment,
    max_chips: int,
    allowed: Mapping[str, Degrees] | None = None,
    *,
    unsupported: bool = False,
) -> IllegalPlans | None:
    """Combinations that break a rule, by the rule; None where ``allowed`` narrows dp or moe_tp.

    ``heads``, ``kv_heads`` and ``width`` are not divided by tp; ``experts`` and ``expert_width``
    are not divided by ep and moe_tp; ``blocks`` of weights that share a scale would be split;
    ``layers`` are fewer than stages; ``cache_copies`` are not divided by dcp. What is left the
    named engine refuses: ``sp`` or ``dcp`` that it doesn't have, ``attention_dp`` beside tp,
    ``mixed_experts`` that are both spread and split, ``copies`` of experts; or ``no_engine`` starts
    it where none is named and ``unsupported`` ones are out.
    """
    allowed, model = allowed or {}, deployment.model
    if any(allowed.get(name) is not None for name in UNCOUNTED):
        return None
    stages = _stagings(max_chips, _permitted(allowed, "pp", max_chips), model.num_hidden_layers)
    # Of a group of no ranks there are none.
    spread = max_chips // np.maximum(np.arange(max_chips + 1), 1)
    whole, short = (count[spread] for count in stages)
    tokens = _token_ranks(deployment, max_chips, allowed)
    experts = _expert_ranks(deployment, max_chips, _permitted(allowed, "ep", max_chips))
    counts: dict[str, int] = {}
    for rule, number in tokens.broken.items():
        _count(counts, rule, number * experts.every * whole)
    for rule, number in experts.broken.items():
        _count(counts, rule, tokens.legal * number * whole)
    _count(counts, "layers", tokens.legal * experts.legal * (whole - short))
    refused: dict[Engine, dict[str, int]] = {name: {} for name in engines_asked(deployment)}
    none: dict[str, int] = {}
    for codes, number in _together(tokens, experts):
        for engine, code in zip(refused, codes, strict=True):
            _count(refused[engine], code, number * short)
        _count(none, NO_ENGINE if LEGAL not in codes else LEGAL, number * short)
    engine = deployment.workload.engine
    against = refused[engine] if engine else {} if unsupported else none
    return IllegalPlans(
        _reasons(counts, against),
        {name: _reasons({}, codes) for name, codes in refused.items()},
    )


def _count(counts: dict[str, int], rule: str, number: IntArray) -> None:
    counts[rule] = counts.get(rule, 0) + int(number.sum())


def _reasons(counts: Mapping[str, int], against: Mapping[str, int]) -> dict[str, int]:
    """Both together without what is legal."""
    both = {rule: counts.get(rule, 0) + against.get(rule, 0) for rule in {*counts, *against}}
    return {rule: number for rule, number in sorted(both.items()) if number and rule != LEGAL}


def _together(tokens: Ways, experts: Ways) -> Iterator[tuple[Refusal, IntArray]]:
    """Ways for both kinds of ranks at once, by what each engine finds broken first."""
    for of_tokens, number in tokens.whole.items():
        for of_experts, choices in experts.whole.items():
            pairs = zip(of_tokens, of_experts, strict=True)
            codes = (first if first != LEGAL else second for first, second in pairs)
            yield tuple(codes), number * choices


def _permitted(allowed: Mapping[str, Degrees], name: str, largest: int) -> IntArray:
    degrees = allowed.get(name)
    every = np.arange(1, largest + 1)
    return every if degrees is None else np.intersect1d(every, np.array(degrees))


def _stagings(max_chips: int, stages: IntArray, layers: int) -> tuple[IntArray, IntArray]:
    """Choices of stages and replicas on at most m chips, m from 0: all, and those within layers."""
    whole, short = (np.zeros(max_chips + 1, dtype=np.int64) for _ in range(2))
    for number in stages.tolist():
        # One replica more at each multiple.
        whole[number::number] += 1
        if number <= layers:
            short[number::number] += 1
    return whole.cumsum(), short.cumsum()


def _refusals(deployment: Deployment, names: tuple[str, ...]) -> dict[tuple[bool, ...], Refusal]:
    """What each engine in question finds broken first, by whether each degree is 1."""
    found: dict[tuple[bool, ...], Refusal] = {}
    for ones in product((True, False), repeat=len(names)):
        degrees = {name: 1 if one else 2 for name, one in zip(names, ones, strict=True)}
        rules = (first_rule_broken(e, deployment, degrees) for e in engines_asked(deployment))
        found[ones] = tuple(LEGAL if rule is None else rule.code for rule in rules)
    return found


def _token_ranks(deployment: Deployment, max_chips: int, allowed: Mapping[str, Degrees]) -> Ways:
    """Ways to make up the ranks of the tokens by tp, with dcp among them, sp and attention dp."""
    rules = divisions(deployment)
    tps = _permitted(allowed, "tp", max_chips)
    shares = tried_dcp(deployment, max_chips, allowed.get("dcp"))
    others = {
        (alone, whole): _others(deployment, max_chips, allowed, alone=alone, whole=whole)
        for alone, whole in product((True, False), repeat=2)
    }
    found = Ways(max_chips)
    every = others[True, True].legal
    for tp, first in zip(tps.tolist(), first_broken(rules, "tp", tps), strict=True):
        with_it, most = slice(None, None, tp), max_chips // tp + 1
        divisors = shares[tp % shares == 0]
        if first != LEGAL:
            found.add(first, with_it, every[:most] * len(divisors))
            continue
        even = int(cache_copies(deployment.model, tp)) % divisors == 0
        uneven = np.count_nonzero(~even)
        if uneven:
            found.add("cache_copies", with_it, every[:most] * uneven)
        for dcp in divisors[even].tolist():
            for refusal, number in others[tp == 1, dcp == 1].whole.items():
                found.add(refusal, with_it, number[:most])
    return found


def _others(
    deployment: Deployment,
    max_chips: int,
    allowed: Mapping[str, Degrees],
    *,
    alone: bool,
    whole: bool,
) -> Ways:
    """Ways to make up a number by sp and attention dp; ``alone`` says whether tp is 1, ``whole``
    whether dcp is."""
    refusals = _refusals(deployment, TOKEN_DEGREES)
    most = max_chips if deployment.model.num_experts else 1
    found = Ways(max_chips)
    for sp in _permitted(allowed, "sp", max_chips).tolist():
        found.add(refusals[alone, sp == 1, True, whole], slice(sp, sp + 1))
        shared = slice(2 * sp, sp * min(most, max_chips // sp) + 1, sp)
        found.add(refusals[alone, sp == 1, False, whole], shared)
    return found


def _expert_ranks(deployment: Deployment, max_chips: int, ep: IntArray) -> Ways:
    """Ways to spread the experts over a number of ranks."""
    refusals = _refusals(deployment, EXPERT_DEGREES)
    found = Ways(max_chips)
    if not deployment.model.num_experts:
        found.add(refusals[True, True], slice(None))
        return found
    rules, every = divisions(deployment), np.arange(1, max_chips + 1)
    splits = first_broken(rules, "moe_tp", every)
    kinds = {rule: splits == rule for rule in {*splits.tolist()}}
    whole = kinds.pop(LEGAL)
    for ranks, first in zip(ep.tolist(), first_broken(rules, "ep", ep), strict=True):
        most = max_chips // ranks
        if first != LEGAL:
            found.add(first, slice(ranks, None, ranks))
            continue
        for rule, those in kinds.items():
            found.add(rule, every[:most][those[:most]] * ranks)
        found.add(refusals[ranks == 1, True], slice(ranks, ranks + 1))
        found.add(refusals[ranks == 1, False], every[1:most][whole[1:most]] * ranks)
    return found
