"""LFM2: short convolutions between layers with attention, and a mixture behind dense layers."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.experts import routed_experts
from llm_simulator.planner.specs.hugging_face.mixture_places import mixture_places


def short_convolutions(config: Config) -> dict[str, Any]:
    """Layers that convolve a few tokens, by a list of all layers or of those with attention."""
    layers, hidden = config.count("num_hidden_layers"), config.count("hidden_size")
    kinds = config.per_layer("layer_types", ("conv", "full_attention"))
    if kinds is None:
        places = config.listed("full_attn_idxs")
        within = all(type(place) is int and 0 <= place < layers for place in places)
        if not places or not within or len(set(places)) != len(places):
            raise config.refusal("full_attn_idxs", "must name the layers with attention")
        kinds = ["full_attention" if layer in places else "conv" for layer in range(layers)]
    return {
        "num_linear_attention_layers": kinds.count("conv"),
        "linear_attention_kind": "short_convolution",
        "linear_num_key_heads": 1,
        "linear_key_head_dim": 1,
        "linear_num_value_heads": hidden,
        "linear_value_head_dim": 1,
        "linear_conv_kernel_dim": config.count("conv_L_cache"),
    }


def adjusted_width(config: Config) -> dict[str, Any]:
    """The width of the dense layers: two thirds of what is stated, times a factor, rounded up."""
    width = config.count("intermediate_size")
    if config.flag("block_auto_adjust_ff_dim"):
        factor, multiple = config.get("block_ffn_dim_multiplier"), config.count("block_multiple_of")
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor <= 8:
            raise config.refusal("block_ffn_dim_multiplier", "must be a number above 0")
        width = -(-int(factor * int(2 * width / 3)) // multiple) * multiple
    return {"intermediate_size": width}


def experts_behind_dense_layers(config: Config) -> dict[str, Any]:
    """Mixtures without shared experts in all layers but the first."""
    layers, dense = config.count("num_hidden_layers"), config.count("num_dense_layers")
    return routed_experts(config) | {
        "intermediate_size": config.count("intermediate_size"),
        **mixture_places([layer >= dense for layer in range(layers)]),
    }
