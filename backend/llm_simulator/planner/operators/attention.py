"""Attention over cached keys and values: grouped-query, windowed, latent and sparse."""

from collections.abc import Iterator

import numpy as np

from llm_simulator.planner.operators.compressed_attention import compressed_attention_work
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.linear_attention import linear_attention_work
from llm_simulator.planner.operators.sparse_attention import attends_to_all, indexer_work
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, AnyWork, Product, Work
from llm_simulator.planner.specs.formats import UNQUANTISED
from llm_simulator.planner.specs.model import ModelSpec, in_windows, latent_attention
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import key_value_heads
from llm_simulator.units import Count


def attention_work(context: Context) -> Iterator[AnyWork]:
    """Projections and core of the attention of all layers on the stage."""
    if context.model.attention == "compressed":
        yield from compressed_attention_work(context)
    elif context.model.attention == "mla":
        yield from _latent(context)
    else:
        yield from _grouped_query(context)
    if context.model.num_linear_attention_layers:
        yield from linear_attention_work(context)


def _grouped_query(context: Context) -> Iterator[AnyWork]:
    model, layers = context.model, context.layers
    if model.index_topk is not None:
        yield from _projections(context, model, layers.softmax)
        yield from indexer_work(context)
        yield from _blocks_picked(context)
        return
    if not model.windows_have_own_heads:
        yield from _projections(context, model, layers.softmax)
        yield _grouped_query_core(context, model, None, layers.full)
        if model.num_sliding_window_layers:
            yield _grouped_query_core(context, model, model.sliding_window, layers.sliding)
        return
    for kind, window, repeats in (
        (model, None, layers.full),
        (in_windows(model), model.sliding_window, layers.sliding),
    ):
        yield from _projections(context, kind, repeats)
        yield _grouped_query_core(context, kind, window, repeats)


def _projections(context: Context, model: ModelSpec, repeats: Count) -> Iterator[AnyWork]:
    """Queries, keys and values in one product, the output gate, and the output."""
    tp, hidden = context.plans.tp, model.hidden_size
    heads, kv_heads = model.num_attention_heads / tp, key_value_heads(model, tp)
    width = heads * model.head_dim
    gate = width if model.attn_output_gate else 0.0
    values = 0 if model.attention_k_eq_v else model.value_head_dim
    keys_values = kv_heads * (model.head_dim + values) * model.own_cache_share
    rank = model.q_lora_rank
    yield linear(
        context,
        "qkv_projection",
        rows=context.tokens,
        columns=(width if rank is None else float(rank)) + gate + keys_values,
        inner=hidden,
        repeats=repeats,
        matrix_format=context.format_of(Module.ATTENTION),
    )
    if rank is not None:
        yield linear(
            context,
            "qkv_projection",
            rows=context.tokens,
            columns=width,
            inner=rank,
            repeats=repeats,
            matrix_format=context.format_of(Module.ATTENTION),
        )
    if model.attn_output_gate:
        yield _output_gate(context, width, repeats)
    yield linear(
        context,
        "output_projection",
        rows=context.tokens,
        columns=hidden,
        inner=heads * model.value_head_dim,
        repeats=repeats,
        matrix_format=context.format_of(Module.ATTENTION),
    )


def _grouped_query_core(
    context: Context, model: ModelSpec, window: int | None, layers: Count
) -> Work:
    r"""Scores and weighted values of prompts and decoding requests together.

    .. math:: F = 2\,\text{pairs}\,H\,(d_k + d_v), \quad
              B_{kv} = \text{tokens read}\,H_{kv}\,(d_k + d_v)\,b

    Keys and values are read once per key-value head, not per query head. Each of sp ranks holds a
    part of every decoding request's cache, so all of their queries come to each rank; so does each
    of dcp ranks, which then has dcp times the heads on a dcp-th of the tokens.
    """
    step, sp, tp = context.step, context.plans.sp, context.plans.tp
    shares = context.shares if window is None else 1
    heads, width = model.num_attention_heads / tp, model.head_dim + model.value_head_dim
    pairs = (step.prompt_pairs(window) + step.decode_pairs(window)) / sp
    read = step.prompt_reach(window, shares) + step.decode_reach(window) / (sp * shares)
    cached = key_value_heads(model, tp) * width * context.cache_bytes
    cache = (read + context.tokens / shares) * cached
    rows = context.prompt_tokens + step.decode_rows(1) * shares
    queries = rows * heads * width * ACTIVATION_BYTES
    return Work(
        operator="attention",
        flops=2 * pairs * heads * width,
        bytes=cache + queries,
        unit="bf16",
        repeats=layers,
    )


def _blocks_picked(context: Context) -> Iterator[AnyWork]:
    r"""Grouped-query attention to the blocks that an indexer picks, and to all tokens in the layers
    that have none.

    .. math:: \text{pairs} = \sum_i \min(i, k)

    A prompt's keys are read once, those of decoding requests as far as they are picked.
    """
    model, step, sp, tp = context.model, context.step, context.plans.sp, context.plans.tp
    share = (model.num_indexer_layers or model.num_hidden_layers) / model.num_hidden_layers
    yield _grouped_query_core(context, model, None, context.layers.full * (1 - share))
    heads, width = model.num_attention_heads / tp, model.head_dim + model.value_head_dim
    picked = step.decode_pairs(model.index_topk) / sp
    pairs = step.prompt_pairs(model.index_topk) / sp + picked
    read = step.prompt_reach() + np.minimum(step.decode_reach() / sp, picked) + context.tokens
    cached = key_value_heads(model, tp) * width * context.cache_bytes
    queries = (context.prompt_tokens + step.decode_rows(1)) * heads * width * ACTIVATION_BYTES
    yield Work(
        operator="attention",
        flops=2 * pairs * heads * width,
        bytes=read * cached + queries,
        unit="bf16",
        repeats=context.layers.full * share,
    )


def _output_gate(context: Context, width: Count, repeats: Count) -> Work:
    """The sigmoid of each head's gate times its output: two reads and one write per element."""
    elements = 1.0 * context.tokens * width
    return Work(
        operator="attention",
        flops=4.0 * elements,
        bytes=3.0 * elements * ACTIVATION_BYTES,
        unit="bf16",
        repeats=repeats,
    )


def _latent(context: Context) -> Iterator[AnyWork]:
    """Latent attention: prompts with heads expanded, decoding absorbed (DeepSeek-V2).

    A prompt of which sparse attention picks tokens is absorbed too: each of its queries reads
    other keys, so expanded ones would serve only one query each.
    """
    model, tp, repeats = context.model, context.plans.tp, context.layers.softmax
    mla = latent_attention(model)
    heads = model.num_attention_heads / tp
    query_inner = mla.query_inner(model.hidden_size)
    down = mla.cache_width + (mla.q_lora_rank or 0)
    rows = context.tokens
    yield linear(
        context,
        "qkv_projection",
        rows=rows,
        columns=down,
        inner=model.hidden_size,
        repeats=repeats,
        matrix_format=context.format_of(Module.ATTENTION),
    )
    yield linear(
        context,
        "qkv_projection",
        rows=rows,
        columns=heads * mla.qk_head_dim,
        inner=query_inner,
        repeats=repeats,
        matrix_format=context.format_of(Module.ATTENTION),
    )
    yield from indexer_work(context)
    decode_rows = context.step.decode_rows(context.plans.sp)
    if attends_to_all(context):
        yield _latent_expansion(context, heads)
        yield _latent_absorption(context, heads, decode_rows)
        yield _latent_prompt_core(context, heads)
    else:
        yield _latent_absorption(context, heads, decode_rows + context.prompt_tokens)
        yield _sparse_prompt_core(context, heads)
    yield _latent_decode_core(context, heads)
    if model.attn_output_gate:
        width = heads * mla.v_head_dim
        yield linear(
            context,
            "qkv_projection",
            rows=rows,
            columns=width,
            inner=model.hidden_size,
            repeats=repeats,
            matrix_format=context.format_of(Module.ATTENTION),
        )
        yield _output_gate(context, width, repeats)
    yield linear(
        context,
        "output_projection",
        rows=rows,
        columns=model.hidden_size,
        inner=heads * mla.v_head_dim,
        repeats=repeats,
        matrix_format=context.format_of(Module.ATTENTION),
    )


def _latent_expansion(context: Context, heads: Count) -> Product:
    """Keys and values of the prompt and of what it attends to, out of the cached latent."""
    mla = latent_attention(context.model)
    any_prompt = np.minimum(np.ceil(context.step.prompts), 1.0)
    return linear(
        context,
        "qkv_projection",
        rows=context.step.prompt_reach(),
        columns=heads * (mla.qk_nope_head_dim + mla.v_head_dim),
        inner=mla.kv_lora_rank,
        groups=any_prompt,
        repeats=context.layers.softmax,
        matrix_format=context.format_of(Module.ATTENTION),
    )


def _latent_absorption(context: Context, heads: Count, rows: Count) -> Product:
    r"""Queries into the latent space and outputs back, one small product per head.

    .. math:: F = 2\,n\,H\,d_c\,(d_{nope} + d_v)
    """
    mla = latent_attention(context.model)
    width = mla.qk_nope_head_dim + mla.v_head_dim
    return linear(
        context,
        "qkv_projection",
        rows=rows,
        columns=width,
        inner=mla.kv_lora_rank,
        groups=heads * np.minimum(rows, 1.0),
        repeats=context.layers.softmax,
        matrix_format=UNQUANTISED,
    )


def _latent_prompt_core(context: Context, heads: Count) -> Work:
    r"""Prompt attention with expanded heads: :math:`F = 2\,\text{pairs}\,H\,(d_{qk} + d_v)`."""
    mla, sp = latent_attention(context.model), context.plans.sp
    width = mla.qk_head_dim + mla.v_head_dim
    touched = context.prompt_tokens + context.step.prompt_reach()
    return Work(
        operator="attention",
        flops=2 * context.step.prompt_pairs() / sp * heads * width,
        bytes=touched * heads * width * ACTIVATION_BYTES,
        unit="bf16",
        repeats=context.layers.softmax,
    )


def _sparse_prompt_core(context: Context, heads: Count) -> Work:
    r"""Absorbed prompt attention, each query to the tokens that the indexer picked for it.

    .. math:: F = 2\,\text{pairs}\,H\,(2 d_c + d_r), \quad \text{pairs} = \sum_i \min(i, k)

    The latents of a prompt fit in the chip's cache, so each is read from memory once. Ranks that
    share out the cache have each other's heads too.
    """
    mla, step, sp = latent_attention(context.model), context.step, context.plans.sp
    shares = context.shares
    width = mla.cache_width + mla.kv_lora_rank
    flops = 2 * step.prompt_pairs(context.model.index_topk) / sp * heads * width
    queries = context.prompt_tokens * heads * shares * width * ACTIVATION_BYTES
    return Work(
        operator="attention",
        flops=flops,
        bytes=step.prompt_reach() / shares * mla.cache_width * context.cache_bytes + queries,
        unit="bf16",
        padded_flops=flops * _head_padding(context, heads * shares),
        repeats=context.layers.softmax,
    )


def _head_padding(context: Context, heads: Count) -> Count:
    """Rows of a tile over the heads in it, where all of them share one key."""
    return np.ceil(heads / context.tile.rows) * context.tile.rows / heads


def _latent_decode_core(context: Context, heads: Count) -> Work:
    r"""Decode attention on the latent, one key for all heads, not divided by tp.

    .. math:: F = 2\,n\,L\,H\,(2 d_c + d_r), \quad B = n\,L\,(d_c + d_r)\,b

    With sparse attention L is the number of tokens picked, at most ``index_topk``. Each of dcp
    ranks has dcp times the heads on a dcp-th of the tokens.
    """
    mla, step, sp = latent_attention(context.model), context.step, context.plans.sp
    shares = context.shares
    pairs = step.decode_pairs(context.model.index_topk) / sp
    # Queries of one request share what they read, unless an indexer picks for each of them.
    read = np.minimum(step.decode_reach() / sp, pairs)
    rows = step.decode_rows(1) * shares
    queries = rows * heads * (mla.cache_width + mla.kv_lora_rank) * ACTIVATION_BYTES
    flops = 2 * pairs * heads * (mla.cache_width + mla.kv_lora_rank)
    return Work(
        operator="attention",
        flops=flops,
        bytes=(read + context.tokens) / shares * mla.cache_width * context.cache_bytes + queries,
        unit="bf16",
        padded_flops=flops * _head_padding(context, heads * shares * step.tokens_per_request),
        repeats=context.layers.softmax,
    )
