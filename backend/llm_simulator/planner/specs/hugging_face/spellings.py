"""One spelling for what configuration classes call by several names.

References: ``attribute_map`` of the transformers library's configuration classes; configs as
published and as stored in public repositories (ai-dynamo/aiconfigurator, alibaba/InferSim).
"""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "num_experts": (
        "n_routed_experts",
        "num_routed_experts",
        "num_local_experts",
        "moe_num_experts",
    ),
    "num_experts_per_tok": (
        "experts_per_token",
        "num_experts_per_token",
        "moe_topk",
        "moe_k",
        "moe_top_k",
        "top_k_experts",
    ),
    "n_shared_experts": ("num_shared_experts", "moe_num_shared_experts"),
    "moe_intermediate_size": ("expert_intermediate_size", "moe_ffn_hidden_size"),
    "n_group": ("num_expert_group", "num_expert_groups"),
    "topk_group": ("num_limited_groups",),
}
"""Ours, and the others that mean the same wherever they stand."""


def also_read_as(name: str) -> str:
    """The other spellings of ``name``, as a part of a sentence."""
    others = SPELLINGS.get(name, ())
    return f" (also read as {', '.join(others)})" if others else ""


def our_names(renamed: Mapping[str, str]) -> dict[str, str]:
    """Ours by every other name; ``renamed`` are the architecture's own."""
    return {other: name for name, others in SPELLINGS.items() for other in others} | dict(renamed)


def in_one_spelling(
    config: Mapping[str, Any], renamed: Mapping[str, str], field: str
) -> dict[str, Any]:
    """``config`` with every key under our spelling; ``renamed`` are the architecture's own.

    Raises InvalidInput where two spellings of one key disagree.

    >>> in_one_spelling({"n_routed_experts": 256, "num_local_experts": 128}, {}, "model")
    Traceback (most recent call last):
        ...
    llm_simulator.errors.InvalidInput: model.num_local_experts: is 128, but n_routed_experts is 256
    """
    ours = our_names(renamed)
    read: dict[str, Any] = {}
    said_as: dict[str, str] = {}
    for key, value in config.items():
        name = ours.get(key, key)
        if read.get(name) is not None and value is not None and not _same(read[name], value):
            other = said_as[name]
            raise InvalidInput.at(f"{field}.{key}", f"is {value!r}, but {other} is {read[name]!r}")
        if value is not None or name not in read:
            read[name], said_as[name] = value, key
    return read


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
