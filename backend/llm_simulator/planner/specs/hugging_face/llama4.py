"""Llama 4: its own names for dense layers, the shared expert, spacing and local attention."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.mixture_places import mixture_places

_KINDS = ("full_attention", "chunked_attention")


def llama4_experts(config: Config) -> dict[str, Any]:
    """Mixture layers at a spacing, each with a shared expert as wide as a routed one."""
    layers, step = config.count("num_hidden_layers"), config.count("interleave_moe_layer_step")
    places = list(range(step - 1, layers, step))
    if config.states("moe_layers") and config.listed("moe_layers") != places:
        raise config.refusal("moe_layers", f"is not every layer at a spacing of {step}")
    config.pass_over("intermediate_size_mlp")
    width = config.count("intermediate_size")
    return {
        "num_experts": config.count("num_experts"),
        "num_experts_per_tok": config.count("num_experts_per_tok"),
        "intermediate_size": config.count("intermediate_size_mlp") if step > 1 else 0,
        "shared_expert_intermediate_size": width,
        "moe_intermediate_size": width,
        **mixture_places([layer in places for layer in range(layers)]),
    }


def chunked_attention(config: Config) -> dict[str, Any]:
    """Attention within chunks but in each fourth layer.

    It reads as a window as wide as a chunk: the same up to one chunk, beyond it twice what a token
    in the middle of a chunk attends to.
    """
    chunk = config.count("attention_chunk_size")
    layers = config.count("num_hidden_layers")
    kinds = config.per_layer("layer_types", _KINDS)
    # 1 marks a layer with rotary embedding, which attends within its chunk.
    with_rotary = config.listed("no_rope_layers") and config.per_layer("no_rope_layers", (0, 1))
    if kinds is not None:
        local = kinds.count("chunked_attention")
    else:
        local = sum(with_rotary) if with_rotary else layers - layers // 4
    return {"sliding_window": chunk, "num_sliding_window_layers": local}


def llama4_norms(config: Config) -> dict[str, Any]:
    """Whether queries and keys are normalised."""
    return {"qk_norm": config.flag("use_qk_norm")}
