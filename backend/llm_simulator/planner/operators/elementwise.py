"""What passes over activations between products: norms, rotary embedding, gates, conversions.

Parts of one layer that are done per element are one Work: they add up to a few passes over memory,
and how an engine fuses them decides the number of kernels, not of bytes.
"""

from collections.abc import Iterator

from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, AnyWork, Work
from llm_simulator.planner.specs.linear_heads import linear_heads
from llm_simulator.planner.specs.model import ModelSpec, latent_attention
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import key_value_heads
from llm_simulator.units import Bytes, Count

SCORE_BYTES = 4.0
"""Bytes of an expert's score: fp32 in every engine."""


def elementwise_work(context: Context) -> Iterator[AnyWork]:
    """Passes over the activations of every layer; the mixtures' own are ``mixture_passes``."""
    layers, model = context.layers, context.model
    yield _every_layer(context)
    yield _gate(context, Module.DENSE_MLP, model.mean_intermediate_size, layers.dense)
    if model.num_experts:
        yield _gate(context, Module.SHARED_EXPERT, model.shared_expert_width, layers.moe)


def _every_layer(context: Context) -> Work:
    """Norms with residuals, rotary embedding and what products take in.

    Four kernels per two parts of a layer: two norms, rotary embedding with the cache write, gate.
    """
    model, hidden = context.model, context.model.hidden_size
    # Each norm reads the update and the residual streams and writes both.
    streams = 4.0 * (1 + model.hc_mult)
    pairs = model.parts_per_layer / 2
    rotated = _rotary_width(context) * model.num_softmax_layers / model.num_hidden_layers
    once = _quantised_bytes(context) + rotated * 2 * ACTIVATION_BYTES
    moved: Bytes = streams * hidden * ACTIVATION_BYTES + once / pairs
    return Work(
        operator="norms",
        flops=10.0 * context.tokens * hidden,
        bytes=context.tokens * moved,
        unit="bf16",
        kernels=4,
        repeats=context.layers.every * pairs,
    )


def _gate(context: Context, module: Module, width: float, layers: Count) -> Work:
    """The gate of a dense feed-forward part; its kernel is counted with the layer's others."""
    narrow = context.format_of(module).activation_bytes
    moved = width / context.plans.tp * activated_bytes(context.model, narrow)
    return Work(
        operator="norms",
        flops=0.0 * context.tokens,
        bytes=context.tokens * moved,
        unit="bf16",
        kernels=0,
        repeats=layers,
    )


def mixture_passes(context: Context) -> Work:
    """Choosing experts, sorting tokens by them, the gate of each expert and the sum of outputs.

    Four kernels per layer: choice, sorting, gate, sum.
    """
    model, rows = context.model, context.rank_assignments
    width = model.moe_intermediate_size / context.plans.moe_tp
    scores = 2 * model.num_experts * SCORE_BYTES + model.expert_input_size * ACTIVATION_BYTES
    narrow = context.format_of(Module.ROUTED_EXPERTS).activation_bytes
    gate = width * activated_bytes(model, narrow)
    per_visit = gate + model.expert_input_size * ACTIVATION_BYTES
    return Work(
        operator="expert_routing",
        flops=4.0 * rows * width + rows * model.expert_input_size,
        bytes=context.tokens * scores + rows * per_visit,
        unit="bf16",
        kernels=4,
        repeats=context.layers.moe,
    )


def activated_bytes(model: ModelSpec, narrow: Bytes) -> Bytes:
    """Bytes per element between up and down: gated, or only passed through the activation."""
    gated = gate_bytes(narrow)
    return gated if model.mlp_gated else gated - ACTIVATION_BYTES


def gate_bytes(narrow: Bytes) -> Bytes:
    """Bytes per element of a gated result: gate and value read, one written and quantised.

    >>> gate_bytes(2.0), gate_bytes(1.0)
    (6.0, 9.0)
    """
    return 3 * ACTIVATION_BYTES + quantise_bytes(narrow)


def quantise_bytes(narrow: Bytes) -> Bytes:
    """Bytes per element of a product's input of ``narrow`` bytes: read in bf16, written narrow.

    Engines fuse this with the norm or gate before it, so it starts no kernel of its own; the
    narrow copy still goes through memory, and scales need a second look at the wide one.

    >>> quantise_bytes(2.0), quantise_bytes(1.0)
    (0.0, 3.0)
    """
    return ACTIVATION_BYTES + narrow if narrow < ACTIVATION_BYTES else 0.0


def _quantised_bytes(context: Context) -> Bytes:
    """Bytes per token for the inputs of a layer's products, narrowed: a mean over the layers."""
    model, layers = context.model, context.model.num_hidden_layers
    hidden = model.hidden_size
    attention, linear, dense, mixture = (
        quantise_bytes(context.format_of(module).activation_bytes)
        for module in (
            Module.ATTENTION,
            Module.LINEAR_ATTENTION,
            Module.DENSE_MLP,
            Module.SHARED_EXPERT if model.shared_expert_width else Module.ROUTED_EXPERTS,
        )
    )
    feed_forward = (dense * model.num_dense_layers + mixture * model.num_moe_layers) / layers
    core, state = _attention_inner(context)
    mixers = (hidden + core) * attention * model.num_softmax_layers
    mixers = mixers + (hidden + state) * linear * model.num_linear_attention_layers
    return mixers / layers + hidden * feed_forward


def _attention_inner(context: Context) -> tuple[Count, Count]:
    """Elements per token that the output projection takes in, of a softmax and a linear layer."""
    model, tp = context.model, context.plans.tp
    value_dim = model.head_dim
    if model.attention == "mla":
        value_dim = latent_attention(model).v_head_dim
    state = linear_heads(model, tp).value_width if model.num_linear_attention_layers else 0.0
    return model.num_attention_heads / tp * value_dim, state


def _rotary_width(context: Context) -> Count:
    """Elements per token that are rotated: queries and keys, or their rotary part."""
    model, tp = context.model, context.plans.tp
    heads = model.num_attention_heads / tp
    if model.attention == "mla":
        return (heads + 1) * latent_attention(model).qk_rope_head_dim
    if model.attention == "compressed":
        return (heads + 1) * (model.qk_rope_head_dim or model.head_dim)
    return (heads + key_value_heads(model, tp)) * model.head_dim
