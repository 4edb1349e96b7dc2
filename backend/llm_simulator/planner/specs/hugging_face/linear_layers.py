"""Layers with linear attention between softmax ones: Qwen3-Next and Qwen3.5."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config

_WIDTHS = (
    "linear_num_key_heads",
    "linear_num_value_heads",
    "linear_key_head_dim",
    "linear_value_head_dim",
    "linear_conv_kernel_dim",
)


def linear_layers(config: Config) -> dict[str, Any]:
    """How many layers have a gated delta net, and its dimensions."""
    kinds = config.per_layer("layer_types", ("full_attention", "linear_attention"))
    config.pass_over("full_attention_interval")
    if kinds is not None:
        linear = kinds.count("linear_attention")
    else:
        layers = config.count("num_hidden_layers")
        linear = layers - layers // config.count("full_attention_interval")
    return {name: config.count(name) for name in _WIDTHS} | {
        "num_linear_attention_layers": linear,
        "mamba_ssm_dtype": config.get("mamba_ssm_dtype"),
    }
