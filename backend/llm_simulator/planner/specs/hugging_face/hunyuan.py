"""Hunyuan's mixtures: figures given once, or for each layer."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def _of_all_layers(config: Config, name: str) -> int:
    """A count that is the same in each layer, stated once or in a list."""
    value = config.get(name)
    if not isinstance(value, list):
        return config.count(name)
    layers = config.count("num_hidden_layers")
    if len(value) != layers or any(type(one) is not int or one != value[0] for one in value):
        raise config.refusal(name, f"must be the same whole number for each of {layers} layers")
    return Config({name: value[0]}, config.field).count(name)


def hunyuan_experts(config: Config) -> dict[str, Any]:
    """Routed and shared experts of every layer."""
    if not config.flag("use_mixed_mlp_moe"):
        raise config.refusal("use_mixed_mlp_moe", "must be true: each layer has a shared expert")
    config.pass_over("intermediate_size")
    for name in ("use_cla", "use_mla"):
        if config.get(name):
            raise config.refusal(name, "is not costed: published models share no keys and values")
    config.pass_over("cla_share_factor")
    read = ("num_experts", "num_experts_per_tok", "moe_intermediate_size", "n_shared_experts")
    return {name: _of_all_layers(config, name) for name in read} | {"intermediate_size": 0}
