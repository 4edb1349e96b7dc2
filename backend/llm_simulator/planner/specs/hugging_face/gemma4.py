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
        "num_key_value_heads": _full_heads(config),
        "head_dim": config.count("global_head_dim"),
        "swa_num_key_value_heads": windowed,
        "swa_head_dim": width,
        "attention_k_eq_v": config.flag("attention_k_eq_v"),
        "attention_bias": config.flag("attention_bias"),
        "sliding_window": config.count("sliding_window"),
        "num_sliding_window_layers": sliding.count("sliding_attention"),
    }


def _full_heads(config: Config) -> int:
    """Key-value heads without a window, a number of their own where keys are values too."""
    if config.flag("attention_k_eq_v"):
        return config.count("num_global_key_value_heads")
    return config.count("num_key_value_heads")


def gemma4_effective(config: Config) -> dict[str, Any]:
    """What only E2B and E4B have: inputs of each layer from a table, and shared caches."""
    shared = config.whole("num_kv_shared_layers")
    width = config.whole("hidden_size_per_layer_input")
    double = config.flag("use_double_wide_mlp")
    if (shared > 0) != (width > 0) or (double and not shared):
        raise config.refusal(
            "num_kv_shared_layers",
            f"is {shared} beside hidden_size_per_layer_input {width} and use_double_wide_mlp "
            f"{double}: published models have all of them (E2B, E4B) or none",
        )
    name = "vocab_size_per_layer_input"
    config.pass_over(name)
    rows = config.count(name) if width else 0
    return {
        "num_kv_shared_layers": shared,
        "use_double_wide_mlp": double,
        "hidden_size_per_layer_input": width,
        "vocab_size_per_layer_input": rows,
    }


def gemma4_feed_forward(config: Config) -> dict[str, Any]:
    """A dense part in every layer, and beside it a mixture of experts if the model has one.

    The dense part beside experts is one that every token visits: a shared expert.
    """
    width = config.count("intermediate_size")
    if not config.flag("enable_moe_block"):
        return {"intermediate_size": width}
    return routed_experts(config) | {
        "intermediate_size": 0,
        "shared_expert_intermediate_size": width,
    }
