"""Mixtures of experts: how many, how wide, in which layers."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config, Reader
from llm_simulator.planner.specs.hugging_face.mixture_places import (
    after_dense_layers,
    at_sparse_step,
    mixture_places,
)


def routed_experts(config: Config) -> dict[str, Any]:
    """Number and width of the routed experts, and how many of them a token visits."""
    names = ("num_experts", "num_experts_per_tok", "moe_intermediate_size")
    groups = (name for name in ("n_group", "topk_group") if config.states(name))
    return {name: config.count(name) for name in (*names, *groups)}


def experts_after_dense_layers(config: Config) -> dict[str, Any]:
    """DeepSeek's: dense layers first, then mixtures with shared experts as wide as routed ones."""
    _check_shared_width(config)
    return routed_experts(config) | {
        "n_shared_experts": config.count("n_shared_experts"),
        "intermediate_size": config.count("intermediate_size"),
        **mixture_places(after_dense_layers(config)),
    }


def experts_after(dense: int) -> Reader:
    """Mixtures without shared experts after so many dense layers, unless a list names them."""

    def read(config: Config) -> dict[str, Any]:
        layers = config.count("num_hidden_layers")
        kinds = config.per_layer("mlp_layer_types", ("dense", "sparse"))
        mixtures = [i >= dense if kinds is None else kinds[i] == "sparse" for i in range(layers)]
        return _experts_in(mixtures, config)

    return read


def experts_at_sparse_step(config: Config) -> dict[str, Any]:
    """Qwen's: mixtures at a spacing; most have no dense layer and leave a width unused."""
    return _experts_in(at_sparse_step(config), config)


def _experts_in(mixtures: list[bool], config: Config) -> dict[str, Any]:
    """Routed experts in the layers marked; a dense width counts only where a layer is dense."""
    config.pass_over("intermediate_size")
    width = 0 if all(mixtures) else config.count("intermediate_size")
    return routed_experts(config) | {"intermediate_size": width, **mixture_places(mixtures)}


def _check_shared_width(config: Config) -> None:
    """Raises InvalidInput where shared experts are not as wide as routed ones."""
    name = "moe_shared_expert_intermediate_size"
    one, many = config.count("moe_intermediate_size"), config.count("n_shared_experts")
    if config.states(name) and config.count(name) not in (one, one * many):
        raise config.refusal(name, f"must be that of routed experts, {one}, for each of {many}")


def experts_with_shared_ones(config: Config) -> dict[str, Any]:
    """Mixtures in every layer, with shared experts as wide as routed ones (Ling, Mistral 4)."""
    dense = config.get("first_k_dense_replace", 0)
    if isinstance(dense, bool) or dense != 0:
        raise config.refusal(
            "first_k_dense_replace", f"must be 0: '{config.model_type}' has no dense layers"
        )
    config.pass_over("intermediate_size")
    _check_shared_width(config)
    return routed_experts(config) | {
        "n_shared_experts": config.count("n_shared_experts"),
        "intermediate_size": 0,
    }


def shared_expert(config: Config) -> dict[str, Any]:
    """One shared expert of a width of its own."""
    name = "shared_expert_intermediate_size"
    return {name: config.count(name)}


def experts_everywhere(config: Config) -> dict[str, Any]:
    """Experts of an architecture without dense layers, as wide as its ``intermediate_size``."""
    width = config.count("intermediate_size")
    if config.states("moe_intermediate_size") and config.count("moe_intermediate_size") != width:
        raise config.refusal("moe_intermediate_size", f"is not intermediate_size {width}")
    return {
        "num_experts": config.count("num_experts"),
        "num_experts_per_tok": config.count("num_experts_per_tok"),
        "moe_intermediate_size": width,
        "intermediate_size": 0,
    }
