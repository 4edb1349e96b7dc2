"""Which engines start which plans; the rules are in ``engine_rules``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.divisions import Mask
from llm_simulator.planner.plans.engine_models import NEWEST, lacks
from llm_simulator.planner.plans.engine_rules import (
    ENGINE_NAMES,
    EXPERT_DEGREES,
    FOREIGN_CHIPS,
    RULES,
    TOKEN_DEGREES,
    EngineRule,
)
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.calibration import Engine
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.engine_version import version_of
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.units import Count, IntArray

Degrees = Mapping[str, Count]
"""Columns by the degrees' names, all or some of TOKEN_DEGREES and EXPERT_DEGREES."""


def engines_asked(deployment: Deployment) -> tuple[Engine, ...]:
    """The named engine alone, or every known one that runs on the chip."""
    named = deployment.workload.engine
    if named is not None:
        return (named,)
    return tuple(name for name in RULES if foreign_chip(name, deployment.chip) is None)


def foreign_chip(engine: Engine, chip: ChipSpec) -> str | None:
    """Why ``engine`` does not run on ``chip``, if it is known not to."""
    foreign = FOREIGN_CHIPS.get(engine)
    if foreign is None or not chip.name.lower().startswith(foreign.names):
        return None
    return foreign.reason


def has_code(engine: Engine, deployment: Deployment) -> bool:
    """Whether ``engine`` has code of its own for the model; taken for granted of one whose
    architecture isn't told."""
    kind = deployment.model.architecture
    return kind is None or not lacks(engine, version_of(engine, deployment.workload), kind)


def version_asked(engine: Engine, workload: WorkloadSpec) -> str:
    """``engine`` with the version that is asked for, else its newest: "vLLM 0.33"."""
    asked = workload.engine_version if workload.engine == engine else None
    return f"{ENGINE_NAMES[engine]} {asked or NEWEST[engine]}".strip()


def engine_rules(engine: Engine, deployment: Deployment) -> tuple[EngineRule, ...]:
    """What ``engine`` asks of a plan beyond what the model does."""
    version = version_of(engine, deployment.workload)
    return tuple(rule for rule in RULES[engine] if rule.of(version, deployment))


def degrees_of(plans: PlanTable) -> dict[str, IntArray]:
    """The degrees that rules speak of."""
    return {name: getattr(plans, name) for name in (*TOKEN_DEGREES, *EXPERT_DEGREES)}


def first_rule_broken(
    engine: Engine, deployment: Deployment, degrees: Mapping[str, int]
) -> EngineRule | None:
    """The first rule of ``engine`` that one plan breaks as far as its ``degrees`` tell."""
    rules = _decided(engine, deployment, degrees)
    return next((rule for rule in rules if not rule.holds(degrees)), None)


def started_by(engine: Engine, deployment: Deployment, degrees: Degrees) -> Mask:
    """Rows that ``engine`` starts as far as ``degrees`` tell, of those that the model allows."""
    kept = np.ones(np.broadcast_shapes(*map(np.shape, degrees.values())), dtype=np.bool_)
    for rule in _decided(engine, deployment, degrees):
        kept &= rule.holds(degrees)
    return kept


def started_by_any(deployment: Deployment, degrees: Degrees) -> Mask:
    """Rows that the named engine starts, or that some engine does where none is named."""
    engines = engines_asked(deployment)
    return np.any([started_by(name, deployment, degrees) for name in engines], axis=0)


def started_by_one(deployment: Deployment, plans: PlanTable) -> tuple[Engine, Mask]:
    """The named engine, or the one that starts the most plans, of those with code for the model
    if there are such, and the rows that it starts."""
    degrees = degrees_of(plans)
    started = {e: started_by(e, deployment, degrees) for e in engines_asked(deployment)}
    engine = max(
        started, key=lambda name: (has_code(name, deployment), np.count_nonzero(started[name]))
    )
    return engine, started[engine]


@dataclass(frozen=True)
class Refused:
    """Why an engine doesn't start a plan."""

    code: str
    field: str
    """The degree to change, ``hardware`` or ``model``."""
    reason: str


def refusals(deployment: Deployment, plan: PlanTable) -> dict[Engine, Refused]:
    """The engines that don't start a table of one plan, each with the first reason: the chip, the
    model, or a rule that the plan breaks."""
    degrees = {name: int(column[0]) for name, column in degrees_of(plan).items()}
    found: dict[Engine, Refused] = {}
    for engine in RULES:
        foreign = foreign_chip(engine, deployment.chip)
        rule = first_rule_broken(engine, deployment, degrees)
        if foreign is not None:
            found[engine] = Refused("chip", "hardware", foreign)
        elif not has_code(engine, deployment):
            asked = version_asked(engine, deployment.workload)
            reason = f"is {deployment.model.architecture}, which {asked} has no code for"
            found[engine] = Refused("model", "model", reason)
        elif rule is not None:
            found[engine] = Refused(rule.code, rule.degree, rule.reason)
    return found


def refused_by_all(*served: tuple[Deployment, PlanTable]) -> str | None:
    """A sentence where no known engine starts the plan of every pool that is ``served``."""
    found: dict[Engine, Refused] = {}
    for deployment, plan in served:
        found = refusals(deployment, plan) | found
    if len(found) < len(RULES):
        return None
    reasons = "; ".join(f"{refused.field} {refused.reason}" for refused in found.values())
    return f"No known engine starts this plan: {reasons}."


def _decided(engine: Engine, deployment: Deployment, degrees: Degrees) -> list[EngineRule]:
    """The rules that ``degrees`` tell of."""
    return [rule for rule in engine_rules(engine, deployment) if {*rule.over} <= degrees.keys()]
