"""MiMo-V2-Flash: more key-value heads in layers with a window, narrower values, listed mixtures."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.experts import routed_experts
from llm_simulator.planner.specs.hugging_face.mixture_places import mixture_places

_SAME_IN_WINDOWS = {
    "swa_num_attention_heads": "num_attention_heads",
    "swa_head_dim": "head_dim",
    "swa_v_head_dim": "v_head_dim",
}


def mimo_heads(config: Config) -> dict[str, Any]:
    """Heads of both kinds of layers, as wide as each other."""
    for name, same in _SAME_IN_WINDOWS.items():
        if config.count(name) != config.count(same):
            raise config.refusal(name, f"must be {same}, {config.count(same)}, as published")
    names = ("num_attention_heads", "num_key_value_heads", "head_dim", "v_head_dim")
    pattern = config.per_layer("hybrid_layer_pattern", (0, 1))
    kinds = config.per_layer("layer_types", ("full_attention", "sliding_attention"))
    if kinds and pattern and [int(kind == "sliding_attention") for kind in kinds] != pattern:
        raise config.refusal("layer_types", "does not agree with hybrid_layer_pattern")
    if pattern is None:
        raise config.refusal("hybrid_layer_pattern", "is missing: 1 marks a layer with a window")
    if config.get("attention_chunk_size") not in (None, config.get("sliding_window")):
        raise config.refusal("attention_chunk_size", "must be sliding_window, as published")
    return {name: config.count(name) for name in names} | {
        "swa_num_key_value_heads": config.count("swa_num_key_value_heads"),
        "attention_bias": config.flag("attention_bias"),
        "sliding_window": config.count("sliding_window"),
        "num_sliding_window_layers": sum(pattern),
    }


def mimo_experts(config: Config) -> dict[str, Any]:
    """Mixtures where ``moe_layer_freq`` lists a 1, without shared experts."""
    if config.get("n_shared_experts") is not None:
        raise config.refusal("n_shared_experts", "must be null, as published")
    mixtures = config.per_layer("moe_layer_freq", (0, 1))
    kinds = config.per_layer("mlp_layer_types", ("dense", "sparse"))
    if kinds and mixtures and [int(kind == "sparse") for kind in kinds] != mixtures:
        raise config.refusal("mlp_layer_types", "does not agree with moe_layer_freq")
    if mixtures is None:
        raise config.refusal("moe_layer_freq", "is missing: 1 marks a mixture layer")
    return routed_experts(config) | {
        "intermediate_size": config.count("intermediate_size"),
        **mixture_places([bool(one) for one in mixtures]),
    }
