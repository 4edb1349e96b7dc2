"""What makes two models the same network: everything their steps are made of but number formats."""

from collections.abc import Hashable
from typing import Any

from llm_simulator.planner.specs.model import ModelSpec

NOT_OF_THE_NETWORK = frozenset(
    {
        "name",
        "architecture",
        "weight_dtype",
        "expert_weight_dtype",
        "weight_group_size",
        "module_formats",
        "kv_cache_dtype",
        "mamba_ssm_dtype",
        "max_position_embeddings",
        "encoders",
        "num_nextn_predict_layers",
        "notes",
    }
)
"""Fields in which checkpoints of one language model differ: names, formats, lengths, towers, layers
beside it, and what was assumed when they were read."""

_WRITTEN_TWO_WAYS = ("n_shared_experts", "shared_expert_intermediate_size")


def network(model: ModelSpec) -> Hashable:
    """What two models have in common if and only if a step of theirs does the same products.

    Fields that a model has no use for don't count: a dense width without dense layers, a window
    that no layer has, key-value heads beside a latent.
    """
    fields: dict[str, Any] = model.model_dump(exclude=set(NOT_OF_THE_NETWORK | _unused(model)))
    return tuple(sorted((fields | {"shared_expert_width": model.shared_expert_width}).items()))


def _unused(model: ModelSpec) -> set[str]:
    unused = set(_WRITTEN_TWO_WAYS)
    if not model.num_dense_layers:
        unused.add("intermediate_size")
    if not model.num_sliding_window_layers:
        unused |= {"sliding_window", "swa_num_key_value_heads", "swa_head_dim"}
    if model.attention == "mla":
        unused |= {"num_key_value_heads", "head_dim"}
    if not model.num_experts:
        unused |= {"moe_intermediate_size", "first_k_dense_replace", "num_experts_per_tok"}
        unused.add("interleave_moe_layer_step")
    return unused
