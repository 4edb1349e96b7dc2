"""The matrices of a model by the names that checkpoints give them, with their sizes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from llm_simulator.planner.specs.linear_heads import linear_attention_weights
from llm_simulator.planner.specs.model import ModelSpec, latent_attention
from llm_simulator.planner.specs.modules import Module


class Matrix(NamedTuple):
    """A matrix of one layer."""

    module: Module
    names: tuple[str, ...]
    """Its path under each name in use."""
    size: float
    """Weights of it, in any unit common to its module."""


HEAD_NAMES = ("lm_head", "head", "output", "embed_out")
_GATED = {
    "gate": ("gate_proj", "gate_up_proj", "w1", "fc1"),
    "up": ("up_proj", "gate_up_proj", "w3", "fc1"),
    "down": ("down_proj", "w2", "fc2", "dense_4h_to_h"),
}
_FEED_FORWARD = {
    Module.DENSE_MLP: ("mlp", "feed_forward", "ffn", "mixer"),
    Module.SHARED_EXPERT: tuple(
        f"{root}.{name}"
        for root in ("mlp", "feed_forward", "block_sparse_moe", "ffn", "mixer")
        for name in ("shared_experts", "shared_expert", "shared_mlp")
    ),
    Module.ROUTED_EXPERTS: tuple(
        f"{root}.experts.0" for root in ("mlp", "block_sparse_moe", "feed_forward", "ffn", "mixer")
    )
    + tuple(f"{root}.experts" for root in ("mlp", "feed_forward", "block_sparse_moe", "mixer")),
}


def modules_by_layer(model: ModelSpec, kinds: Sequence[str] | None) -> list[tuple[Module, ...]]:
    """The modules in each layer; every kind of mixer in each where no ``kinds`` tell them apart."""
    return [
        _modules(model, layer, None if kinds is None else kinds[layer])
        for layer in range(model.num_hidden_layers)
    ]


def _modules(model: ModelSpec, layer: int, kind: str | None) -> tuple[Module, ...]:
    if kind in ("mlp", "moe"):
        return (Module.DENSE_MLP,) if kind == "mlp" else _mixture(model)
    mixers: list[Module] = []
    if model.num_softmax_layers and kind not in STATES:
        mixers.append(Module.ATTENTION)
    if model.num_linear_attention_layers and (kind is None or kind in STATES):
        mixers.append(Module.LINEAR_ATTENTION)
    is_alone = model.num_feed_forward_layers is not None
    return (*mixers,) if is_alone else (*mixers, *_feed_forward(model, layer))


STATES = ("linear_attention", "mamba", "conv")
"""What configs call layers with a state."""


def _mixture(model: ModelSpec) -> tuple[Module, ...]:
    shared = (Module.SHARED_EXPERT,) if model.shared_expert_width else ()
    return (Module.ROUTED_EXPERTS, *shared)


def _feed_forward(model: ModelSpec, layer: int) -> tuple[Module, ...]:
    after_dense, step = layer - model.first_k_dense_replace, model.interleave_moe_layer_step
    if not model.num_experts or after_dense < 0 or after_dense % step != step - 1:
        return (Module.DENSE_MLP,)
    return _mixture(model)


def matrices(model: ModelSpec, layer: int, modules: tuple[Module, ...]) -> Iterator[Matrix]:
    """The matrices of a layer."""
    for module in modules:
        for names, size in _parts(model, module).items():
            yield Matrix(module, tuple(f"layers.{layer}.{name}" for name in names), size)


def _parts(model: ModelSpec, module: Module) -> Mapping[tuple[str, ...], float]:
    """Sizes of a module's matrices by the names they may have."""
    if module is Module.ATTENTION:
        return _attention(model)
    if module is Module.LINEAR_ATTENTION:
        return _state_mixer(model)
    roots = _FEED_FORWARD[module]
    return {
        tuple(f"{root}.{part}" for root in roots for part in parts): 1.0
        for parts in _GATED.values()
    }


def known_names(model: ModelSpec, layer: int) -> set[str]:
    """Every name that any module could have in a layer, whether it is there or not."""
    everywhere = tuple(module for module in Module if module is not Module.HEAD)
    parts = matrices(model, layer, everywhere)
    return {name for matrix in parts for name in matrix.names} | set(HEAD_NAMES)


def _attention(model: ModelSpec) -> Mapping[tuple[str, ...], float]:
    hidden, heads = model.hidden_size, model.num_attention_heads
    blocks = ("self_attn", "self_attention", "attention", "attn", "mixer")

    def named(*parts: str) -> tuple[str, ...]:
        return tuple(f"{block}.{part}" for block in blocks for part in parts)

    if model.attention == "mla":
        mla = latent_attention(model)
        query = heads * mla.qk_head_dim
        rank = mla.q_lora_rank
        up = mla.kv_lora_rank * heads * (mla.qk_nope_head_dim + mla.v_head_dim)
        return {
            named("q_b_proj", "q_proj", "wq_b"): (rank or hidden) * query,
            named("q_a_proj", "fused_qkv_a_proj", "wq_a"): hidden * (rank or 0),
            named("kv_a_proj_with_mqa", "fused_qkv_a_proj", "wkv"): hidden * mla.cache_width,
            named("kv_b_proj"): up,
            named("o_proj", "wo_a", "wo_b"): heads * mla.v_head_dim * hidden,
        }
    query, pair = hidden * heads * model.head_dim, hidden * model.num_key_value_heads
    fused = ("qkv_proj", "query_key_value", "Wqkv", "W_pack", "qkv")
    return {
        named("q_proj", "wq", *fused): query * (2 if model.attn_output_gate else 1),
        named("k_proj", "wk", *fused): pair * model.head_dim,
        named("v_proj", "wv", *fused): pair * model.head_dim,
        named("o_proj", "wo", "dense", "out_proj"): query,
    }


def _state_mixer(model: ModelSpec) -> Mapping[tuple[str, ...], float]:
    whole = float(linear_attention_weights(model))
    outward = model.hidden_size * float(
        (model.linear_num_value_heads or 0) * (model.linear_value_head_dim or 0)
    )
    blocks = ("linear_attn", "mixer", "mamba", "self_attn", "conv")
    inward = ("in_proj", "in_proj_qkvz", "in_proj_qkv", "in_proj_z")
    return {
        tuple(f"{block}.{part}" for block in blocks for part in inward): whole - outward,
        tuple(f"{block}.out_proj" for block in blocks): outward,
    }
