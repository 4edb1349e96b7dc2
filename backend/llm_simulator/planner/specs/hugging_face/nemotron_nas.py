"""Nemotron-NAS: layers found by search, some without attention, with feed-forward parts of many
widths (Llama-Nemotron Super and Ultra)."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config

WIDTH_MULTIPLE = 256
"""What widths are rounded up to (vLLM 0.33, nemotron_nas.py)."""


def searched_layers(config: Config) -> dict[str, Any]:
    """How many layers have attention and a feed-forward part, and the mean width of the latter."""
    layers = config.count("num_hidden_layers")
    blocks = config.listed("block_configs")
    if len(blocks) != layers:
        raise config.refusal("block_configs", f"must describe each of {layers} layers")
    read = [_Block(config, index, block) for index, block in enumerate(blocks)]
    groups = {block.heads_in_group for block in read if block.heads_in_group}
    widths = [block.width for block in read if block.width]
    if len(groups) != 1 or not widths:
        raise config.refusal(
            "block_configs", "must have one n_heads_in_group in all layers with attention"
        )
    heads, group = config.count("num_attention_heads"), groups.pop()
    if heads % group:
        raise config.refusal("block_configs", f"n_heads_in_group {group} does not divide {heads}")
    return {
        "num_attention_heads": heads,
        "num_key_value_heads": heads // group,
        "head_dim": config.count("hidden_size") // heads,
        "num_attention_layers": sum(block.heads_in_group > 0 for block in read),
        "num_feed_forward_layers": len(widths),
        "intermediate_size": round(sum(widths) / len(widths) / WIDTH_MULTIPLE) * WIDTH_MULTIPLE,
    }


class _Block:
    """One layer's heads per group and feed-forward width, each 0 where it has none."""

    def __init__(self, config: Config, index: int, block: object) -> None:
        at = f"{config.field}.block_configs[{index}]"
        whole = Config(block if isinstance(block, Mapping) else {}, at, asked=config.asked)
        attention = whole.part("attention")
        ffn = whole.part("ffn")
        self.heads_in_group = _unless_absent(attention) and attention.count("n_heads_in_group")
        self.width = _unless_absent(ffn) and _width(ffn, config.count("hidden_size"))


def _unless_absent(part: Config) -> bool:
    """Whether a layer has a part; raises where a single matrix stands in for it."""
    if part.get("replace_with_linear"):
        raise part.refusal("replace_with_linear", "a matrix in place of a part is not costed")
    return not (part.states("no_op") and part.flag("no_op"))


def _width(ffn: Config, hidden: int) -> int:
    multiple = ffn.get("ffn_mult")
    if isinstance(multiple, bool) or not isinstance(multiple, int | float) or not 0 < multiple < 64:
        raise ffn.refusal("ffn_mult", "must be a number above 0")
    return -(-int(2 * multiple * hidden / 3) // WIDTH_MULTIPLE) * WIDTH_MULTIPLE
