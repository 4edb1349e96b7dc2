"""How many weights a model has, part by part, and how many of them one tensor-parallel rank holds.

Every function takes ``tp`` as a number or a column of plans and returns the same shape; with
``tp=1`` it is the whole part. Counts, not bytes.
"""

import numpy as np

from llm_simulator.specs.model import ModelSpec, latent_attention
from llm_simulator.units import Count


def key_value_heads(model: ModelSpec, tp: Count = 1) -> Count:
    """Key-value heads on one rank; below one per rank they are replicated."""
    return np.maximum(model.num_key_value_heads / tp, 1.0)


def attention_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """Projections of one attention layer, biases included.

    Latent attention keeps its down-projections on every rank (DeepSeek-V2, arXiv 2405.04434).
    """
    heads = model.num_attention_heads / tp
    if model.attention == "mla":
        return _latent_attention_weights(model, heads)
    kv_width = key_value_heads(model, tp) * model.head_dim
    q_width = heads * model.head_dim
    weights = model.hidden_size * (2 * q_width + 2 * kv_width)
    bias = (q_width + 2 * kv_width + model.hidden_size) if model.attention_bias else 0
    return weights + bias


def _latent_attention_weights(model: ModelSpec, heads: Count) -> Count:
    mla = latent_attention(model)
    query = heads * mla.qk_head_dim
    if mla.q_lora_rank is None:
        query_weights = model.hidden_size * query
    else:
        query_weights = mla.q_lora_rank * (model.hidden_size + query)
    down = model.hidden_size * mla.cache_width
    up = mla.kv_lora_rank * heads * (mla.qk_nope_head_dim + mla.v_head_dim)
    return query_weights + down + up + heads * mla.v_head_dim * model.hidden_size


def gated_mlp_weights(model: ModelSpec, width: Count) -> Count:
    """A gate, an up and a down matrix of a feed-forward part ``width`` wide."""
    return 3 * model.hidden_size * width


def dense_mlp_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """The feed-forward part of one dense layer."""
    return gated_mlp_weights(model, model.intermediate_size / tp)


def shared_expert_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """The experts every token visits in one mixture layer; as wide as routed experts."""
    return gated_mlp_weights(model, model.n_shared_experts * model.moe_intermediate_size / tp)


def expert_weights(model: ModelSpec, moe_tp: Count = 1) -> Count:
    """One routed expert."""
    return gated_mlp_weights(model, model.moe_intermediate_size / moe_tp)


def router_weights(model: ModelSpec) -> float:
    """The gate that scores the experts of one mixture layer."""
    return float(model.hidden_size * model.num_experts)


def norm_weights(model: ModelSpec) -> float:
    """The two norms of one layer, and those of queries and keys where the model has them."""
    per_head = 2 * model.head_dim if model.qk_norm else 0
    return float(2 * model.hidden_size + per_head)


def embedding_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """The token embedding; the output head is as large unless it is tied."""
    return model.vocab_size * model.hidden_size / tp


def parameter_count(model: ModelSpec) -> float:
    """All weights of the network, multi-token-prediction modules excluded."""
    experts = model.num_experts * expert_weights(model)
    return _count(model, experts)


def active_parameter_count(model: ModelSpec) -> float:
    """The weights that one token uses."""
    experts = model.num_experts_per_tok * expert_weights(model)
    return _count(model, experts)


def _count(model: ModelSpec, experts_per_moe_layer: Count) -> float:
    every_layer = attention_weights(model) + norm_weights(model)
    moe_layer = experts_per_moe_layer + shared_expert_weights(model) + router_weights(model)
    tables = 1 if model.tie_word_embeddings else 2
    return float(
        model.num_hidden_layers * every_layer
        + model.num_dense_layers * dense_mlp_weights(model)
        + model.num_moe_layers * moe_layer
        + tables * embedding_weights(model)
        + model.hidden_size
    )
