"""The sizes that every decoder has: width, depth, vocabulary."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def body(config: Config) -> dict[str, Any]:
    """Width, depth and vocabulary, and whether the head is the embedding."""
    read = {name: config.count(name) for name in ("hidden_size", "num_hidden_layers", "vocab_size")}
    longest = config.get("max_position_embeddings")
    return read | {
        "tie_word_embeddings": config.flag("tie_word_embeddings"),
        "max_position_embeddings": config.count("max_position_embeddings") if longest else None,
    }


def feed_forward(config: Config) -> dict[str, Any]:
    """The width of the dense layers."""
    for name in ("num_experts", "num_experts_per_tok", "moe_intermediate_size"):
        if config.states(name):
            raise config.refusal(
                name, f"is given, but '{config.model_type}' has no experts; check model_type"
            )
    return {"intermediate_size": config.count("intermediate_size")}
