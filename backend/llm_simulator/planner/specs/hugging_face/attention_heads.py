"""The heads of softmax attention."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def heads(config: Config) -> dict[str, Any]:
    """Key-value heads and head width, derived where the config leaves them out."""
    query_heads = config.count("num_attention_heads")
    hidden = config.count("hidden_size")
    return {
        "num_key_value_heads": config.get("num_key_value_heads") or query_heads,
        "head_dim": config.get("head_dim") or max(hidden // query_heads, 1),
    }
