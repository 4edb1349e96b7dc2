"""Llama 4: its own names for dense layers, the shared expert, spacing and local attention."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def llama4(config: Config) -> dict[str, Any]:
    """Mixture layers at a spacing and attention within chunks.

    Chunked attention reads as a window as wide as a chunk: the same up to one chunk, beyond it
    twice what a token in the middle of a chunk attends to.
    """
    layers = config.count("num_hidden_layers")
    step = config.count("interleave_moe_layer_step", absent=1)
    mixtures = config.listed("moe_layers")
    if mixtures and mixtures != list(range(step - 1, layers, step)):
        raise config.refusal("moe_layers", f"is not every layer at a spacing of {step}")
    # 1 marks a layer with rotary embedding, which attends within its chunk.
    with_rotary = config.listed("no_rope_layers")
    local = sum(map(bool, with_rotary)) if with_rotary else layers - layers // 4
    width = config.count("intermediate_size")
    return {
        "intermediate_size": config.get("intermediate_size_mlp", 0) if step > 1 else 0,
        "shared_expert_intermediate_size": width,
        "moe_intermediate_size": width,
        "interleave_moe_layer_step": step,
        "sliding_window": config.get("attention_chunk_size"),
        "num_sliding_window_layers": local if config.get("attention_chunk_size") else 0,
    }
