"""How many tensor-parallel ranks hold the same keys and values, and share them out by ``dcp``.

Grouped-query attention has a copy of its few heads on several ranks where tp exceeds them, latent
attention one of its only latent on every rank. Decode context parallelism gives each of such ranks
the tokens of a share instead.
"""

import numpy as np

from llm_simulator.planner.specs.model import ModelSpec, sparse_attention
from llm_simulator.units import Count, IntArray


def cache_copies(model: ModelSpec, tp: Count) -> IntArray:
    """Of ``tp`` ranks, those that hold the same keys and values of a layer without a window.

    Attention over compressed context, or to picked blocks of it, is counted as having no copies:
    no engine shares them out.
    """
    if _is_compressed_or_picked(model):
        return np.ones_like(tp)
    heads = 1 if model.attention == "mla" else model.num_key_value_heads
    return np.maximum(np.asarray(tp) // heads, 1)


def _is_compressed_or_picked(model: ModelSpec) -> bool:
    return model.attention == "compressed" or (
        model.attention == "gqa" and sparse_attention(model) is not None
    )


def dcp_reason(model: ModelSpec) -> str:
    """What dcp must be, in words."""
    if _is_compressed_or_picked(model):
        return "must be 1: a cache of compressed context or of blocks to pick is not shared out"
    if model.attention == "mla":
        return "must divide tp, whose ranks hold the same latents"
    heads = model.num_key_value_heads
    return f"must divide tp / {heads}, the ranks that hold the same of the {heads} key-value heads"
