"""Step-3.5 and 3.7 Flash: more query heads in layers with a window, mixtures in listed layers."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.experts import routed_experts
from llm_simulator.planner.specs.hugging_face.mixture_places import mixture_places

_KINDS = ("full_attention", "sliding_attention")


def step_heads(config: Config) -> dict[str, Any]:
    """Heads of both kinds of layers; ``attention_other_setting`` has those with a window."""
    names = ("num_attention_heads", "num_key_value_heads", "head_dim")
    own = {name: config.count(name) for name in names}
    other = config.part("attention_other_setting")
    if not config.has("attention_other_setting"):
        raise config.refusal("attention_other_setting", "is missing: the heads with a window")
    if config.states("attention_other_setting"):
        if other.states("head_dim") and other.count("head_dim") != own["head_dim"]:
            raise other.refusal("head_dim", "must be that of the other layers")
        own |= {"swa_num_attention_heads": other.count("num_attention_heads")}
        if other.count("num_attention_groups") != own["num_key_value_heads"]:
            raise other.refusal("num_attention_groups", "must be that of the other layers")
    return own | {
        "attention_bias": config.flag("attention_bias"),
        "sliding_window": config.count("sliding_window"),
        "num_sliding_window_layers": _kinds(config).count("sliding_attention"),
    }


def _kinds(config: Config) -> list[Any]:
    """Kinds of the layers; lists may go on with those of prediction layers."""
    layers, kinds = config.count("num_hidden_layers"), config.listed("layer_types")
    beyond = config.count("num_nextn_predict_layers") if len(kinds) > layers else 0
    if len(kinds) != layers + beyond or any(kind not in _KINDS for kind in kinds):
        raise config.refusal("layer_types", f"must name full or sliding for {layers} layers")
    return kinds[:layers]


def step_experts(config: Config) -> dict[str, Any]:
    """Routed experts and one shared of a width of its own, after the dense layers."""
    if config.get("n_shared_experts", 1) != 1 or config.get("n_shared_experts") is True:
        raise config.refusal("n_shared_experts", "must be 1, as published")
    layers = config.count("num_hidden_layers")
    return routed_experts(config) | {
        "intermediate_size": config.count("intermediate_size"),
        "shared_expert_intermediate_size": config.count("share_expert_dim"),
        **mixture_places([layer in _mixtures(config) for layer in range(layers)]),
    }


def _mixtures(config: Config) -> set[int]:
    """Mixture layers: listed in a text with commas, or all after the first dense ones."""
    layers = range(config.count("num_hidden_layers"))
    listed = config.get("moe_layers_enum")
    if listed is None:
        return set(layers[config.count("first_k_dense_replace") :])
    numbers = listed.split(",") if isinstance(listed, str) else []
    found = {int(one) for one in numbers if one.strip().isdecimal()}
    if len(found) != len(numbers) or not found or not found <= set(layers):
        raise config.refusal("moe_layers_enum", f"must list layers of {len(layers)} by commas")
    return found


def factorised_queries(config: Config) -> dict[str, Any]:
    """The width that queries are projected to before their heads (Step-3, arXiv 2507.19427)."""
    return {"q_lora_rank": config.count("share_q_dim")}
