"""Gemma 4: other heads in layers without a window, and a mixture beside the dense part."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.experts import routed_experts

_KINDS = ("full_attention", "sliding_attention")


def gemma4_heads(config: Config) -> dict[str, Any]:
    """Heads of both kinds of layers; those without a window may project keys and values at once."""
    windowed, width = config.count("num_key_value_heads"), config.count("head_dim")
    sliding = config.per_layer("layer_types", _KINDS)
    if sliding is None:
        raise config.refusal("layer_types", "is missing: it says which layers have a window")
    return {
        "num_attention_heads": config.count("num_attention_heads"),
        "num_key_value_heads": config.count("num_global_key_value_heads"),
        "head_dim": config.count("global_head_dim"),
        "swa_num_key_value_heads": windowed,
        "swa_head_dim": width,
        "attention_k_eq_v": config.flag("attention_k_eq_v"),
        "attention_bias": config.flag("attention_bias"),
        "sliding_window": config.count("sliding_window"),
        "num_sliding_window_layers": sliding.count("sliding_attention"),
    }


def gemma4_feed_forward(config: Config) -> dict[str, Any]:
    """A dense part in every layer, and beside it a mixture of experts if the model has one.

    The dense part beside experts is one that every token visits: a shared expert.
    """
    for name in ("hidden_size_per_layer_input", "num_kv_shared_layers"):
        if config.get(name) not in (None, 0) or isinstance(config.get(name), bool):
            raise config.refusal(
                name, "must be 0: inputs of each layer and shared caches (E2B, E4B) are not costed"
            )
    if config.flag("use_double_wide_mlp"):
        raise config.refusal("use_double_wide_mlp", "must be false: such layers are not costed")
    width = config.count("intermediate_size")
    if not config.flag("enable_moe_block"):
        return {"intermediate_size": width}
    return routed_experts(config) | {
        "intermediate_size": 0,
        "shared_expert_intermediate_size": width,
    }
