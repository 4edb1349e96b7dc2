"""JAIS: GPT-2 with a gate and with slopes in place of a table of positions."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.body import feed_forward
from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.gpt import positions

_GATED = {"swiglu": True, "gelu": False, "gelu_new": False, "relu": False, "silu": False}


def jais_feed_forward(config: Config) -> dict[str, Any]:
    """A feed-forward part with a gate if its activation has one."""
    activation = config.get("activation_function")
    if not isinstance(activation, str) or activation not in _GATED:
        raise config.refusal("activation_function", f"must be one of {', '.join(_GATED)}")
    return feed_forward(config) | {"mlp_gated": _GATED[activation]}


def jais_positions(config: Config) -> dict[str, Any]:
    """A table of one row per position, none where heads have slopes (alibi)."""
    kind = config.get("position_embedding_type")
    if kind not in ("alibi", "learned"):
        raise config.refusal("position_embedding_type", "must be alibi or learned")
    return positions(config) if kind == "learned" else {}
