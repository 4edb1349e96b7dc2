"""The heads of softmax attention, grouped or with a latent."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config, Reader


def heads(config: Config) -> dict[str, Any]:
    """Query and key-value heads of a stated width."""
    query_heads = config.count("num_attention_heads")
    return {
        "num_attention_heads": query_heads,
        "num_key_value_heads": config.count("num_key_value_heads", derived=query_heads),
        "head_dim": config.count("head_dim"),
        "attention_bias": config.flag("attention_bias"),
    }


def heads_as_wide_as(*widths: int) -> Reader:
    """Heads of a family whose configs leave ``head_dim`` out where it is hidden_size over heads.

    A derived width has to be one of ``widths``, the ones that the family has.
    """

    def read(config: Config) -> dict[str, Any]:
        if config.states("head_dim"):
            return heads(config)
        width, rest = divmod(config.count("hidden_size"), config.count("num_attention_heads"))
        if rest or width not in widths:
            raise config.refusal(
                "head_dim",
                f"is missing: hidden_size / num_attention_heads gives {width}, and heads of "
                f"'{config.model_type}' are {' or '.join(map(str, widths))} wide; state it",
            )
        return heads(config.over({"head_dim": width}))

    return read


def heads_share_hidden(config: Config) -> dict[str, Any]:
    """Heads of a class that always makes them hidden_size over heads wide."""
    width, rest = divmod(config.count("hidden_size"), config.count("num_attention_heads"))
    if rest or (config.states("head_dim") and config.count("head_dim") != width):
        raise config.refusal(
            "head_dim" if not rest else "num_attention_heads",
            "does not make the heads hidden_size / num_attention_heads wide, as those of "
            f"'{config.model_type}' are",
        )
    return heads(config.over({"head_dim": width}))


def keys_of_every_head(config: Config) -> dict[str, Any]:
    """Nothing; raises where a class that shares no keys between heads is told to share them."""
    heads = config.count("num_attention_heads")
    if config.count("num_key_value_heads", derived=heads) != heads:
        raise config.refusal(
            "num_key_value_heads", f"must be {heads}: heads of '{config.model_type}' share no keys"
        )
    return {}


def latent_heads(config: Config) -> dict[str, Any]:
    """Heads of multi-head latent attention; every head has its own key and value."""
    query_heads = config.count("num_attention_heads")
    stated = config.count("head_dim") if config.states("head_dim") else None
    width = max(config.count("hidden_size") // query_heads, 1)
    widths = ("kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim")
    return {name: config.count(name) for name in widths} | {
        "v_head_dim": config.count("v_head_dim", derived=width),
        "num_attention_heads": query_heads,
        "num_key_value_heads": config.count("num_key_value_heads", derived=query_heads),
        "head_dim": stated or width,
        "q_lora_rank": config.optional_count("q_lora_rank"),
        "attention_bias": config.flag("attention_bias"),
    }
