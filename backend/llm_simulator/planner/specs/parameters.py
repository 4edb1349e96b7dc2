"""How many weights a model has, part by part, and how many of them one tensor-parallel rank holds.

Every function takes ``tp`` as a number or a column of plans and returns the same shape; with
``tp=1`` it is the whole part. Counts, not bytes.
"""

from collections.abc import Iterable
from typing import Literal

import numpy as np

from llm_simulator.planner.specs.compressed_attention import compressed_attention_weights
from llm_simulator.planner.specs.encoder import encoder_weights
from llm_simulator.planner.specs.linear_heads import linear_attention_weights
from llm_simulator.planner.specs.model import (
    ModelSpec,
    in_windows,
    index_query_inner,
    latent_attention,
    sparse_attention,
)
from llm_simulator.units import Count

Table = Literal["embedding", "head", "layer_inputs"]
"""A table with a row per entry of the vocabulary: the last is Gemma 4's of inputs per layer."""


def key_value_heads(model: ModelSpec, tp: Count = 1) -> Count:
    """Key-value heads on one rank; below one per rank they are replicated."""
    return np.maximum(model.num_key_value_heads / tp, 1.0)


def attention_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """Projections of one softmax attention layer, biases included: a mean over unlike layers.

    Latent attention keeps its down-projections on every rank (DeepSeek-V2, arXiv 2405.04434), and
    sparse attention its whole indexer.
    """
    if model.attention == "compressed":
        return compressed_attention_weights(model, tp)
    heads = model.num_attention_heads / tp
    if model.attention == "mla":
        return _latent_attention_weights(model, heads) + indexer_weights(model)
    if model.index_topk is not None:
        return _head_weights(model, tp) + indexer_weights(model)
    if model.windows_have_own_heads:
        share = model.num_sliding_window_layers / model.num_softmax_layers
        windowed = _head_weights(in_windows(model), tp)
        return (1 - share) * _head_weights(model, tp) + share * windowed
    return _head_weights(model, tp)


def _head_weights(model: ModelSpec, tp: Count) -> Count:
    """Queries, keys, values, output and gate of heads that are alike."""
    heads = model.num_attention_heads / tp
    keys = key_value_heads(model, tp) * model.head_dim
    values = key_value_heads(model, tp) * model.value_head_dim
    q_width = heads * model.head_dim
    kv_width = (keys if model.attention_k_eq_v else keys + values) * model.own_cache_share
    gate = q_width if model.attn_output_gate else 0
    output = heads * model.value_head_dim
    weights = model.hidden_size * (gate + output + kv_width) + query_weights(model, q_width)
    bias = (q_width + kv_width + model.hidden_size) if model.attention_bias else 0
    return weights + bias


def query_weights(model: ModelSpec, width: Count) -> Count:
    """What makes queries ``width`` wide: one matrix, or two with a narrow one on every rank."""
    if model.q_lora_rank is None:
        return model.hidden_size * width
    return model.q_lora_rank * (model.hidden_size + width)


def _latent_attention_weights(model: ModelSpec, heads: Count) -> Count:
    mla = latent_attention(model)
    queries = query_weights(model, heads * mla.qk_head_dim)
    down = model.hidden_size * mla.cache_width
    up = mla.kv_lora_rank * heads * (mla.qk_nope_head_dim + mla.v_head_dim)
    output = heads * mla.v_head_dim * model.hidden_size
    gate = output if model.attn_output_gate else 0
    return queries + down + up + output + gate


def indexer_weights(model: ModelSpec) -> float:
    """What picks the tokens of sparse attention: index queries, one index key, head weights.

    A mean over the layers where some share an indexer.

    DeepSeek-V3.2 keeps it on every tensor rank (deepseek-ai/DeepSeek-V3.2-Exp, inference/model.py).
    """
    indexer = sparse_attention(model)
    if indexer is None:
        return 0.0
    queries = index_query_inner(model) * indexer.width
    return float(queries + model.hidden_size * indexer.narrow_columns) * indexer.share


def mlp_weights(model: ModelSpec, width: Count) -> Count:
    """An up and a down matrix of a feed-forward part ``width`` wide, and its gate if it has one."""
    return (model.up_matrices + 1) * model.hidden_size * width


def dense_mlp_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """The feed-forward part of one dense layer."""
    return mlp_weights(model, model.mean_intermediate_size / tp)


def shared_expert_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """The experts every token visits in one mixture layer."""
    return mlp_weights(model, model.shared_expert_width / tp)


def expert_weights(model: ModelSpec, moe_tp: Count = 1) -> Count:
    """One routed expert."""
    matrices = model.up_matrices + 1
    return matrices * model.expert_input_size * model.moe_intermediate_size / moe_tp


def router_weights(model: ModelSpec) -> float:
    """The gate that scores the experts of one mixture layer."""
    return float(model.hidden_size * model.num_experts)


def latent_projection_weights(model: ModelSpec) -> float:
    """What narrows tokens for the experts of one mixture layer and widens their sum again."""
    return 2.0 * model.hidden_size * (model.moe_latent_size or 0)


def norm_weights(model: ModelSpec) -> float:
    """The norms of one layer's parts, and those of queries and keys where the model has them."""
    per_head = 2 * model.head_dim if model.qk_norm else 0
    return model.parts_per_layer * model.hidden_size + per_head


def embedding_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """The token embedding; the output head is as large unless it is tied."""
    return model.vocab_size * model.hidden_size / tp


def layer_input_weights(model: ModelSpec) -> float:
    """The gate and the projection of what a table adds to one layer, and the narrow path beside its
    attention, on every rank."""
    return 2.0 * model.hidden_size * (model.hidden_size_per_layer_input + model.laurel_rank)


def lookup_weights(model: ModelSpec) -> float:
    """Tables of positions and of layers' inputs, what projects these, and residual streams."""
    width = model.num_hidden_layers * model.hidden_size_per_layer_input
    inputs = (model.vocab_size_per_layer_input + model.hidden_size) * width
    streams = model.num_stream_projections * model.hidden_size**2
    return float(model.position_embeddings * model.hidden_size + inputs + streams)


def parameter_count(model: ModelSpec) -> float:
    """All weights of the network, encoders included, multi-token-prediction modules excluded."""
    experts = model.num_experts * expert_weights(model)
    encoders = sum(float(encoder_weights(encoder)) for encoder in model.encoders)
    return _count(model, experts) + encoders


def active_parameter_count(model: ModelSpec, without: Iterable[Table] = ()) -> float:
    """The weights that one token of text uses, but for the tables in ``without``.

    They are the experts that it is routed to and the shared ones, routers, everything dense, and
    both tables of the vocabulary: a whole table although one row of an embedding is read, as most
    publishers count. Encoders and multi-token-prediction modules are none of them.
    """
    experts = model.num_experts_per_tok * expert_weights(model)
    return _count(model, experts) - sum(_table_weights(model)[table] for table in without)


def _table_weights(model: ModelSpec) -> dict[Table, float]:
    """Weights of what is looked up or scored by vocabulary; a tied head has none of its own."""
    vocabulary = float(embedding_weights(model))
    rows = model.vocab_size_per_layer_input * model.num_hidden_layers
    return {
        "embedding": vocabulary,
        "head": 0.0 if model.tie_word_embeddings else vocabulary,
        "layer_inputs": float(rows * model.hidden_size_per_layer_input),
    }


def _count(model: ModelSpec, experts_per_moe_layer: Count) -> float:
    linear_layers = model.num_linear_attention_layers
    moe_layer = experts_per_moe_layer + shared_expert_weights(model) + router_weights(model)
    moe_layer = moe_layer + latent_projection_weights(model)
    tables = 1 if model.tie_word_embeddings else 2
    return float(
        model.num_softmax_layers * attention_weights(model)
        + linear_layers * linear_attention_weights(model)
        + model.num_hidden_layers * norm_weights(model)
        + model.num_dense_layers * dense_mlp_weights(model)
        + model.num_moe_layers * moe_layer
        + tables * embedding_weights(model)
        + model.num_hidden_layers * layer_input_weights(model)
        + lookup_weights(model)
        + model.hidden_size
    )
