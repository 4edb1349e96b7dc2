"""DeepSeek V4: attention over a window and over compressed context."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.experts import routed_experts

_KINDS = ("sliding_attention", "compressed_sparse_attention", "heavily_compressed_attention")
_RATES = {_KINDS[1]: 4, _KINDS[2]: 128}
"""Tokens per entry in all published models."""


def compressed_heads(config: Config) -> dict[str, Any]:
    """Query heads, the one key of all of them, and how many layers compress how much."""
    if config.count("num_key_value_heads") != 1:
        raise config.refusal("num_key_value_heads", "must be 1: all heads share one key")
    names = (
        "num_attention_heads",
        "num_key_value_heads",
        "head_dim",
        "q_lora_rank",
        "qk_rope_head_dim",
        "o_groups",
        "o_lora_rank",
        "sliding_window",
        "index_topk",
        "index_n_heads",
        "index_head_dim",
        "hc_mult",
    )
    ratios = _ratios(config)
    return {name: config.count(name) for name in names} | {
        "attention_bias": config.flag("attention_bias"),
        "compress_rate_csa": _RATES[_KINDS[1]],
        "compress_rate_hca": _RATES[_KINDS[2]],
        "num_csa_layers": ratios.count(_RATES[_KINDS[1]]),
        "num_hca_layers": ratios.count(_RATES[_KINDS[2]]),
    }


def _ratios(config: Config) -> list[int]:
    """Tokens per entry of each layer, 0 for a window alone; prediction layers left out."""
    if not config.states("compress_ratios"):
        return _ratios_of_kinds(config)
    config.pass_over("layer_types", "compress_rates")
    layers, ratios = config.count("num_hidden_layers"), config.listed("compress_ratios")
    predicting = config.count("num_nextn_predict_layers") if len(ratios) > layers else 0
    if len(ratios) != layers + predicting:
        raise config.refusal("compress_ratios", f"names {len(ratios)} layers of {layers}")
    unknown = [one for one in ratios if type(one) is not int or one not in (0, *_RATES.values())]
    if unknown:
        raise config.refusal("compress_ratios", f"{unknown[0]!r} is not one of 0, 4, 128")
    return ratios[:layers]


def _ratios_of_kinds(config: Config) -> list[int]:
    kinds = config.per_layer("layer_types", _KINDS)
    if kinds is None:
        raise config.refusal(
            "compress_ratios", "is missing: it says how much each layer compresses"
        )
    rates = config.nested("compress_rates")
    if rates and any(rates.get(kind) != rate for kind, rate in _RATES.items()):
        raise config.refusal("compress_rates", f"must be {_RATES}, as published")
    return [_RATES.get(kind, 0) for kind in kinds]


def experts_everywhere_with_shared(config: Config) -> dict[str, Any]:
    """Mixtures in all layers; those that choose experts by the token are as large."""
    config.per_layer("mlp_layer_types", ("hash_moe", "moe"))
    config.pass_over("intermediate_size")
    return routed_experts(config) | {
        "n_shared_experts": config.count("n_shared_experts"),
        "intermediate_size": 0,
    }
