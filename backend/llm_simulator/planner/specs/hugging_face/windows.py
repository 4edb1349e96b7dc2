"""Sliding windows: how far layers look back, and how many of them do."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def windows(config: Config) -> dict[str, Any]:
    """Width of the window and the number of layers that have it; empty without one."""
    window = config.get("sliding_window")
    kinds = config.listed("layer_types")
    if not window or config.get("use_sliding_window") is False:
        return {}
    layers = config.count("num_hidden_layers")
    if kinds:
        sliding = sum(kind == "sliding_attention" for kind in kinds)
    elif config.get("sliding_window_pattern"):
        sliding = layers - layers // config.count("sliding_window_pattern")
    else:
        sliding = layers
    return {"sliding_window": window, "num_sliding_window_layers": sliding}
