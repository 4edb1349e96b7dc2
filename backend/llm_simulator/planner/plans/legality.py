"""Which plans a model and a cluster allow; each rule is a column of booleans with a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.cache_copies import cache_copies, dcp_reason
from llm_simulator.planner.plans.divisions import Mask, divisions
from llm_simulator.planner.plans.engines import degrees_of, engine_rules
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment


@dataclass(frozen=True)
class Rule:
    """A condition on plans: the degree it speaks of, the reason, and the rows that keep it."""

    degree: str
    reason: str
    holds: Mask


def rules(plans: PlanTable, deployment: Deployment, max_chips: int) -> Iterator[Rule]:
    """Every condition a plan must keep, as columns over ``plans``."""
    model = deployment.model
    yield Rule("chips", f"more than {max_chips} chips are needed", plans.chips <= max_chips)
    for division in divisions(deployment):
        degrees = getattr(plans, division.degree)
        yield Rule(division.degree, division.reason, division.holds(degrees))
    yield Rule(
        "pp",
        f"has more stages than the model has layers ({model.num_hidden_layers})",
        plans.pp <= model.num_hidden_layers,
    )
    copies = cache_copies(model, plans.tp)
    yield Rule("dcp", dcp_reason(model), copies % plans.dcp == 0)
    yield from _engine_rules(plans, deployment)
    if model.num_experts:
        yield from _expert_rules(plans)
    else:
        yield Rule("ep", "must be 1: the model has no experts", plans.ep == 1)
        yield Rule("moe_tp", "must be 1: the model has no experts", plans.moe_tp == 1)


def _engine_rules(plans: PlanTable, deployment: Deployment) -> Iterator[Rule]:
    """What the named engine asks; nothing where none is named."""
    engine = deployment.workload.engine
    if engine is not None:
        degrees = degrees_of(plans)
        for rule in engine_rules(engine, deployment):
            yield Rule(rule.degree, rule.reason, rule.holds(degrees))


def _expert_rules(plans: PlanTable) -> Iterator[Rule]:
    group = plans.moe_tp * plans.ep
    token_ranks = plans.tp * plans.sp
    whole = group % token_ranks == 0
    yield Rule("ep", "moe_tp * ep must be a multiple of tp * sp", whole)
    sharing = np.maximum(group // token_ranks, 1)
    yield Rule(
        "dp",
        "must be a multiple of moe_tp * ep / (tp * sp), the ranks that share one set of experts",
        plans.dp % sharing == 0,
    )


def legal(plans: PlanTable, deployment: Deployment, max_chips: int) -> Mask:
    """Rows that keep every rule."""
    mask = np.ones(len(plans), dtype=np.bool_)
    for rule in rules(plans, deployment, max_chips):
        mask &= rule.holds
    return mask
