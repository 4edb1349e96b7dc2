"""Layers with a state of constant size, as the heads and widths of one tensor-parallel rank.

References: Gated Delta Networks, arXiv 2412.06464; Mamba, 2312.00752; Mamba-2 (SSD), 2405.21060;
Kimi Linear, 2510.26692; lightning attention, 2401.04658; LFM2, 2511.23404.
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.specs.model import LinearAttentionKind, ModelSpec, linear_attention
from llm_simulator.units import Count


@dataclass(frozen=True)
class LinearHeads:
    """A layer's state on one rank: its heads and the widths of what flows through them."""

    kind: LinearAttentionKind
    value_heads: Count
    key_width: Count
    """Elements of the keys of one token, and of its queries (Mamba: B and C)."""
    value_width: Count
    state: Count
    """Elements of the state of one request: a matrix of key by value width per value head."""
    convolved: Count
    """Channels of the short convolution."""
    kernel: int
    projected: Count
    """Columns of the input projection, narrow ones apart."""
    narrow: Count = 0.0
    """Weights of projections through a bottleneck, and from inside of the layer."""


def linear_heads(model: ModelSpec, tp: Count = 1) -> LinearHeads:
    """The heads on one of ``tp`` ranks; below one per rank they are replicated."""
    linear, kind = linear_attention(model), model.linear_attention_kind
    heads = np.maximum(linear.linear_num_value_heads / tp, 1.0)
    keys = np.maximum(linear.linear_num_key_heads / tp, 1.0) * linear.linear_key_head_dim
    values = heads * linear.linear_value_head_dim
    rank = model.linear_low_rank or 0
    mixed = 2 * keys + values
    narrow: Count = 0.0
    if kind == "kimi_delta":
        # Decay passes a bottleneck, as the output gate mostly does; a step size per head.
        projected = mixed + heads
        narrow = rank * (model.hidden_size + keys)
        if model.linear_full_rank_gate:
            projected = projected + values
        else:
            narrow = narrow + rank * (model.hidden_size + values)
    elif kind == "lightning":
        # Queries, keys, values and an output gate; no convolution.
        projected = mixed + values
    elif kind == "mamba1":
        # Values and gate; B, C and time steps are projected from the convolved values.
        projected, mixed = 2 * values, values
        narrow = values * (2 * rank + 3 * linear.linear_key_head_dim)
    elif kind == "mamba2":
        # Gate, values, B, C and a time step per head.
        projected = mixed + values + heads
    elif kind == "short_convolution":
        # What is convolved, and a gate before and behind; no state but the last inputs.
        projected, mixed = 3 * values, values
    else:
        # Queries, keys, values, output gate, decay and step.
        projected = mixed + values + 2 * heads
    return LinearHeads(
        kind=kind,
        value_heads=heads,
        key_width=keys,
        value_width=values,
        state=0.0 if kind == "short_convolution" else values * linear.linear_key_head_dim,
        convolved=mixed,
        kernel=linear.linear_conv_kernel_dim,
        projected=projected,
        narrow=narrow,
    )


def linear_attention_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """One layer's input and output projection, narrow projections and short convolution."""
    if not model.num_linear_attention_layers:
        return 0.0
    heads = linear_heads(model, tp)
    projections = model.hidden_size * (heads.projected + heads.value_width)
    return projections + heads.narrow + heads.convolved * heads.kernel
