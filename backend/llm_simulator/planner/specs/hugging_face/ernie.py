"""ERNIE 4.5's mixtures: from a first layer to a last one, at an interval."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.experts import routed_experts
from llm_simulator.planner.specs.hugging_face.mixture_places import mixture_places


def ernie_experts(config: Config) -> dict[str, Any]:
    """Routed experts, and shared ones where the config counts any."""
    shared = config.optional_count("n_shared_experts")
    return routed_experts(config) | {
        "n_shared_experts": shared or 0,
        "intermediate_size": config.count("intermediate_size"),
        **mixture_places(_mixtures(config)),
    }


def _mixtures(config: Config) -> list[bool]:
    layers, interval = config.count("num_hidden_layers"), config.count("moe_layer_interval")
    first = config.count("moe_layer_start_index")
    last = config.get("moe_layer_end_index")
    if last != -1 and (type(last) is not int or last != layers - 1):
        raise config.refusal("moe_layer_end_index", f"must be the last layer, {layers - 1} or -1")
    return [layer >= first and (layer + 1) % interval == 0 for layer in range(layers)]
