"""Layers with linear attention between softmax ones: Qwen3-Next and Qwen3.5."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def linear_layers(config: Config) -> dict[str, Any]:
    """How many layers have a gated delta net."""
    layers = config.count("num_hidden_layers")
    kinds = config.listed("layer_types")
    if not kinds:
        # The transformers library makes every fourth layer a full one unless told otherwise.
        interval = config.count("full_attention_interval", absent=4)
        return {"num_linear_attention_layers": layers - layers // interval}
    if len(kinds) != layers:
        raise config.refusal(
            "layer_types", f"names {len(kinds)} layers of num_hidden_layers {layers}"
        )
    return {"num_linear_attention_layers": sum(kind == "linear_attention" for kind in kinds)}
