"""Which plans a model and a cluster allow; each rule is a column of booleans with a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.model import ModelSpec

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rule:
    """A condition on plans: the degree it speaks of, the reason, and the rows that keep it."""

    degree: str
    reason: str
    holds: Mask


def rules(plans: PlanTable, model: ModelSpec, max_chips: int) -> Iterator[Rule]:
    """Every condition a plan must keep, as columns over ``plans``."""
    yield Rule("chips", f"more than {max_chips} chips are needed", plans.chips <= max_chips)
    yield Rule(
        "tp",
        f"must divide the {model.num_attention_heads} attention heads",
        tensor_parallel_fits(plans.tp, model),
    )
    yield Rule(
        "pp",
        f"has more stages than the model has layers ({model.num_hidden_layers})",
        plans.pp <= model.num_hidden_layers,
    )
    if model.num_experts:
        yield from _expert_rules(plans, model)
    else:
        yield Rule("ep", "must be 1: the model has no experts", plans.ep == 1)
        yield Rule("moe_tp", "must be 1: the model has no experts", plans.moe_tp == 1)


def tensor_parallel_fits(tp: NDArray[np.int64], model: ModelSpec) -> Mask:
    """Whether heads and matrices split evenly over ``tp`` ranks.

    Key-value heads split evenly or are replicated evenly; latent attention has one for all.
    """
    kv_heads = model.num_key_value_heads
    heads_split = model.num_attention_heads % tp == 0
    kv_split = (kv_heads % tp == 0) | (tp % kv_heads == 0)
    return heads_split & kv_split & (model.intermediate_size % tp == 0)


def _expert_rules(plans: PlanTable, model: ModelSpec) -> Iterator[Rule]:
    group = plans.moe_tp * plans.ep
    token_ranks = plans.tp * plans.sp
    whole = group % token_ranks == 0
    yield Rule(
        "ep", f"must divide the {model.num_experts} experts", model.num_experts % plans.ep == 0
    )
    yield Rule(
        "moe_tp",
        f"must divide the experts' width {model.moe_intermediate_size}",
        model.moe_intermediate_size % plans.moe_tp == 0,
    )
    yield Rule("ep", "moe_tp * ep must be a multiple of tp * sp", whole)
    sharing = np.maximum(group // token_ranks, 1)
    yield Rule(
        "dp",
        "must be a multiple of moe_tp * ep / (tp * sp), the ranks that share one set of experts",
        plans.dp % sharing == 0,
    )


def legal(plans: PlanTable, model: ModelSpec, max_chips: int) -> Mask:
    """Rows that keep every rule."""
    mask = np.ones(len(plans), dtype=np.bool_)
    for rule in rules(plans, model, max_chips):
        mask &= rule.holds
    return mask
