"""DBRX: its sizes in parts of their own."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def dbrx_heads(config: Config) -> dict[str, Any]:
    """Heads as wide as their share of the layer; key-value heads stand in ``attn_config``."""
    config.pass_over("num_key_value_heads")
    query_heads = config.count("num_attention_heads")
    return {
        "num_attention_heads": query_heads,
        "num_key_value_heads": config.part("attn_config").count("kv_n_heads"),
        "head_dim": config.count("hidden_size") // query_heads,
    }


def dbrx_experts(config: Config) -> dict[str, Any]:
    """The experts of every layer, from ``ffn_config``."""
    part = config.part("ffn_config")
    return {
        "num_experts": part.count("moe_num_experts"),
        "num_experts_per_tok": part.count("moe_top_k"),
        "moe_intermediate_size": part.count("ffn_hidden_size"),
    }
