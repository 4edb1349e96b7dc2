"""Snowflake Arctic: a dense residual part beside each mixture."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.mixture_places import mixture_places


def arctic_experts(config: Config) -> dict[str, Any]:
    """Experts at a spacing; the part beside them is as wide as the layer, a shared expert's work.

    References: vLLM 0.28, models/arctic.py.
    """
    layers, step = config.count("num_hidden_layers"), config.count("moe_layer_frequency")
    mixtures = [(layer + 1) % step == 0 for layer in range(layers)]
    width = config.count("intermediate_size")
    beside = config.count("hidden_size") if config.flag("use_residual") else 0
    config.pass_over("parallel_attn_mlp_res")
    return {
        "num_experts": config.count("num_experts"),
        "num_experts_per_tok": config.count("num_experts_per_tok"),
        "moe_intermediate_size": width,
        "shared_expert_intermediate_size": beside,
        "intermediate_size": 0 if all(mixtures) else width,
        **mixture_places(mixtures),
    }
