"""Which layers are mixtures of experts."""

from collections.abc import Sequence
from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def mixture_places(mixtures: Sequence[bool]) -> dict[str, Any]:
    """Fields for layers of which those marked are mixtures: at a spacing, or by their number.

    >>> mixture_places([False, True, True])
    {'first_k_dense_replace': 1, 'interleave_moe_layer_step': 1}
    >>> mixture_places([False, True, False, True])
    {'first_k_dense_replace': 0, 'interleave_moe_layer_step': 2}
    """
    step = list(mixtures).index(True) + 1 if any(mixtures) else 1
    at_spacing = [(layer + 1) % step == 0 for layer in range(len(mixtures))]
    if step > 1 and list(mixtures) == at_spacing:
        return {"first_k_dense_replace": 0, "interleave_moe_layer_step": step}
    dense = len(mixtures) - sum(mixtures)
    return {"first_k_dense_replace": dense, "interleave_moe_layer_step": 1}


def after_dense_layers(config: Config) -> list[bool]:
    """Mixtures after the first dense layers: all of them, or those of a frequency or a list."""
    layers, dense = config.count("num_hidden_layers"), config.count("first_k_dense_replace")
    every = config.count("moe_layer_freq")
    mixtures = [layer >= dense and layer % every == 0 for layer in range(layers)]
    kinds = config.per_layer("mlp_layer_types", ("dense", "sparse"))
    if kinds is not None and [kind == "sparse" for kind in kinds] != mixtures:
        raise config.refusal("mlp_layer_types", "does not agree with first_k_dense_replace")
    if config.states("is_moe_layer") and config.listed("is_moe_layer") != mixtures:
        raise config.refusal("is_moe_layer", "does not agree with first_k_dense_replace")
    return mixtures


def at_sparse_step(config: Config) -> list[bool]:
    """Mixtures at a spacing but for the layers of a list (``decoder_sparse_step``)."""
    layers, step = config.count("num_hidden_layers"), config.count("decoder_sparse_step")
    dense = config.listed("mlp_only_layers")
    for layer in dense:
        if isinstance(layer, bool) or not isinstance(layer, int) or not 0 <= layer < layers:
            raise config.refusal("mlp_only_layers", f"{layer!r} is no layer of {layers}")
    return [layer not in dense and (layer + 1) % step == 0 for layer in range(layers)]
