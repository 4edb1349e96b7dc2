"""Decoders in the style of GPT-2: feed-forward parts without a gate, tables of positions."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.attention_heads import heads_share_hidden
from llm_simulator.planner.specs.hugging_face.body import feed_forward
from llm_simulator.planner.specs.hugging_face.config import Config

_AS_WIDE_AS_HIDDEN = 4


def up_and_down(config: Config) -> dict[str, Any]:
    """A feed-forward part without a gate."""
    return feed_forward(config) | {"mlp_gated": False}


def up_and_down_four_times_wide(config: Config) -> dict[str, Any]:
    """A feed-forward part without a gate, four times as wide as the layer if not stated."""
    width = _AS_WIDE_AS_HIDDEN * config.count("hidden_size")
    return {
        "intermediate_size": config.count("intermediate_size", derived=width),
        "mlp_gated": False,
    }


def positions(config: Config) -> dict[str, Any]:
    """A table of one row per position (GPT-2)."""
    return {"position_embeddings": config.count("max_position_embeddings")}


def opt_positions(config: Config) -> dict[str, Any]:
    """A table of one row per position and two for padding; raises where embeddings are narrower."""
    hidden = config.count("hidden_size")
    if config.count("word_embed_proj_dim", derived=hidden) != hidden:
        raise config.refusal(
            "word_embed_proj_dim", "embeddings narrower than the layers (OPT-350M) are not costed"
        )
    return {"position_embeddings": config.count("max_position_embeddings") + 2}


def multi_query(config: Config) -> dict[str, Any]:
    """One key-value head for all queries, if ``multi_query`` says so (StarCoder, SantaCoder)."""
    return {} if not config.flag("multi_query") else {"num_key_value_heads": 1}


def falcon_heads(config: Config) -> dict[str, Any]:
    """Key-value heads of Falcon: grouped in the newer architecture, one or all in the older."""
    if config.flag("new_decoder_architecture"):
        return {"num_key_value_heads": config.count("num_kv_heads")}
    config.pass_over("num_kv_heads")
    return multi_query(config)


def mpt_width(config: Config) -> dict[str, Any]:
    """A feed-forward part so many times as wide as the layer."""
    width = config.count("expansion_ratio") * config.count("hidden_size")
    return {"intermediate_size": width, "mlp_gated": False}


def mpt_heads(config: Config) -> dict[str, Any]:
    """Heads that share the layer's width, each with its own key and value."""
    attention = config.part("attn_config")
    if attention.get("attn_type", "multihead_attention") != "multihead_attention":
        raise attention.refusal("attn_type", "must be multihead_attention, as published")
    return heads_share_hidden(config)


def half_of_intermediate_size(config: Config) -> dict[str, Any]:
    """Qwen 1 states the width of gate and up together."""
    both = config.count("intermediate_size")
    if both % 2:
        raise config.refusal("intermediate_size", "must be even: it is gate and up together")
    return {"intermediate_size": both // 2}


def chatglm_groups(config: Config) -> dict[str, Any]:
    """Nothing; raises where keys and values are not shared by groups, as all published are."""
    if not config.flag("multi_query_attention"):
        raise config.refusal("multi_query_attention", "must be true, as in published models")
    return {}
