"""What a request leaves in memory: bytes per token that grow with it, and a state that does not."""

import numpy as np

from llm_simulator.planner.plans.cache_copies import cache_copies
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.compressed_attention import CompressedLayers, compressed_layers
from llm_simulator.planner.specs.linear_heads import linear_heads
from llm_simulator.planner.specs.model import (
    LatentAttention,
    ModelSpec,
    SparseAttention,
    in_windows,
    latent_attention,
    sparse_attention,
)
from llm_simulator.planner.specs.parameters import key_value_heads
from llm_simulator.units import Bytes, Count

INDEX_SCALE_BYTES = 4.0 / 128
"""Bytes of scale per element of an index key: one fp32 per 128 (DeepSeek-V3.2-Exp)."""
INDEX_KEY_BYTES = 2.0
"""Bytes per element of an index key that is kept in bf16."""
ROTARY_BYTES = 2.0
"""Bytes per element of the rotary part of what sparse attention picks from: bf16."""
ENTRY_SCALE_GROUP = 64
"""Elements that share a scale in an fp8 entry of attention over compressed context."""
CONVOLUTION_STATE_BYTES = 2.0
"""Bytes per element of the convolution's state: bf16 in every engine."""
STATE_BYTES = {"float32": 4.0, "bfloat16": 2.0}
"""Bytes per element of a linear-attention state, by ``mamba_ssm_dtype``."""


def cache_width(model: ModelSpec, tp: Count = 1) -> Count:
    """Elements one rank caches per token and softmax layer; a latent is not divided by tp.

    A mean where some layers attend to another's.
    """
    if model.attention == "mla":
        return float(latent_attention(model).cache_width)
    width = model.head_dim + model.value_head_dim
    return key_value_heads(model, tp) * width * model.own_cache_share


def window_cache_share(model: ModelSpec, tp: Count = 1) -> Count:
    """Cache of a token in a layer with a window, over that in one without."""
    if not model.windows_have_own_heads:
        return 1.0
    return cache_width(in_windows(model), tp) / cache_width(model, tp)


def index_key_bytes(indexer: SparseAttention) -> Bytes:
    """Bytes of one cached index key on every tensor rank: fp8 with its scale, or bf16 where blocks
    are picked (SGLang 0.5.23 and TensorRT-LLM for MiniMax M3).

    >>> index_key_bytes(SparseAttention(index_topk=2048, index_n_heads=64, index_head_dim=128))
    132.0
    """
    element = INDEX_KEY_BYTES if indexer.picks_blocks else 1.0 + INDEX_SCALE_BYTES
    return indexer.index_head_dim * element


def cache_shares(model: ModelSpec, plans: PlanTable) -> Count:
    """Ranks that have a share each of a request's cache outside of windows: dcp, as far as tensor
    ranks hold the same (a draft model with more key-value heads has fewer copies)."""
    return np.gcd(plans.dcp, cache_copies(model, plans.tp)) if plans.has_dcp else 1


def cached_bytes(model: ModelSpec, element: Bytes, tp: Count = 1) -> Bytes:
    """Bytes one rank caches per token and softmax layer, an index key included: layers that share
    an indexer have a part of it."""
    if model.attention == "compressed":
        return sum((_per_token(model, kind, element) for kind in compressed_layers(model)), 0.0)
    indexer = sparse_attention(model)
    if indexer is None:
        return cache_width(model, tp) * element
    index_keys = index_key_bytes(indexer) * indexer.share
    if model.attention == "gqa":
        return cache_width(model, tp) * element + index_keys
    return sparse_latent_bytes(latent_attention(model), element) + index_keys


def sparse_latent_bytes(latent: LatentAttention, element: Bytes) -> Bytes:
    """Bytes of one latent that sparse attention picks from.

    In fp8 it has an fp32 scale per 128 elements and its rotary part stays bf16 (``fp8_ds_mla`` of
    vLLM and SGLang: 512 + 16 + 128 = 656 bytes).
    """
    if element != 1:
        return latent.cache_width * element
    scales = latent.kv_lora_rank * INDEX_SCALE_BYTES
    return latent.kv_lora_rank * element + scales + latent.qk_rope_head_dim * ROTARY_BYTES


def _per_token(model: ModelSpec, kind: CompressedLayers, element: Bytes) -> Bytes:
    """What a token adds to the cache of compressed layers, times their share of all layers."""
    index_key = 0.0 if kind.indexer is None else index_key_bytes(kind.indexer)
    return kind.share * (entry_bytes(model, element) + index_key) / kind.rate


def entry_bytes(model: ModelSpec, element: Bytes) -> Bytes:
    """Bytes of one key, also the value, of attention over compressed context.

    In fp8 it has a scale of one byte per 64 elements, padded to 8, and its rotary part stays bf16:
    448 + 8 + 2 x 64 are the 584 bytes of ``fp8_ds_mla`` for DeepSeek V4 (vLLM).
    """
    if element != 1:
        return model.head_dim * element
    rotary = model.qk_rope_head_dim or 0
    plain = model.head_dim - rotary
    return plain * element + -(-plain // ENTRY_SCALE_GROUP) + 1 + rotary * ROTARY_BYTES


def window_bytes(model: ModelSpec, element: Bytes, tokens: Count) -> Bytes:
    """What a request's window takes in each layer, beside compressed context."""
    if model.attention != "compressed":
        return 0.0
    return np.minimum(tokens, float(model.sliding_window or 0)) * entry_bytes(model, element)


def state_bytes(model: ModelSpec, tp: Count = 1) -> Bytes:
    """Bytes of the state of one request in one linear-attention layer on one rank.

    The matrix of every value head, and the last inputs of the short convolution.
    """
    if not model.num_linear_attention_layers:
        return 0.0
    heads = linear_heads(model, tp)
    convolution = heads.convolved * (heads.kernel - 1) * CONVOLUTION_STATE_BYTES
    return heads.state * STATE_BYTES[model.mamba_ssm_dtype] + convolution
