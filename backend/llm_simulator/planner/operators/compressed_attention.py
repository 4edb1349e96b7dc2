"""Attention over a window and over compressed context (DeepSeek V4).

References: DeepSeek-V4 technical report, section 2.3.
"""

from collections.abc import Iterator

from llm_simulator.planner.operators.cache import entry_bytes, index_key_bytes
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, AnyWork, Product, Work
from llm_simulator.planner.specs.compressed_attention import (
    CompressedLayers,
    compressed_layers,
    output_groups,
    query_latent,
)
from llm_simulator.planner.specs.model import SparseAttention
from llm_simulator.planner.specs.modules import Module
from llm_simulator.units import Count

SCORE_BYTES = 4.0
"""Bytes of one index score: fp32."""


def compressed_attention_work(context: Context) -> Iterator[AnyWork]:
    """Projections, compressors, indexers and cores of all layers on the stage."""
    model, tp, layers = context.model, context.plans.tp, context.layers.softmax
    queries = model.num_attention_heads * model.head_dim / tp
    groups, rank = output_groups(model)
    down = float(query_latent(model) + model.head_dim)
    yield _product(context, "qkv_projection", down, model.hidden_size, layers)
    yield _product(context, "qkv_projection", queries, query_latent(model), layers)
    yield _core(context, None, layers)
    for kind in compressed_layers(model):
        repeats = layers * kind.share
        columns = kind.compressor_columns(model.head_dim)
        yield _product(context, "qkv_projection", columns, model.hidden_size, repeats)
        if kind.indexer is not None:
            yield from _indexer(context, kind, kind.indexer, repeats)
        yield _core(context, kind, repeats)
    grouped = model.num_attention_heads * model.head_dim / groups
    yield linear(
        context,
        "output_projection",
        rows=context.tokens,
        columns=float(rank),
        inner=grouped,
        groups=groups / tp,
        repeats=layers,
        matrix_format=context.format_of(Module.ATTENTION),
    )
    yield _product(context, "output_projection", model.hidden_size, groups * rank / tp, layers)


def _product(
    context: Context, operator: str, columns: Count, inner: Count, repeats: Count
) -> Product:
    return linear(
        context,
        operator,
        rows=context.tokens,
        columns=columns,
        inner=inner,
        repeats=repeats,
        matrix_format=context.format_of(Module.ATTENTION),
    )


def _core(context: Context, kind: CompressedLayers | None, repeats: Count) -> Work:
    r"""Scores and weighted entries, of the window (no ``kind``) or of compressed context.

    .. math:: F = 4\,\text{pairs}\,H\,d

    Entries are shared by all heads. A prompt's are read from memory once, those that the queries
    of a decoding request pick once for each of them.
    """
    model, step, sp = context.model, context.step, context.plans.sp
    window, rate = model.sliding_window, 1
    if kind is not None:
        rate = kind.rate
        window = None if kind.indexer is None else kind.indexer.index_topk * rate
    pairs = (step.prompt_pairs(window) + step.decode_pairs(window)) / rate / sp
    reach = None if kind is not None else window
    decoded = step.decode_pairs(window) if window is not None else step.decode_reach()
    read = (step.prompt_reach(reach) + decoded / sp) / rate
    heads, width = model.num_attention_heads / context.plans.tp, model.head_dim
    queries = 2 * context.tokens * heads * width * ACTIVATION_BYTES
    flops = 4 * pairs * heads * width
    return Work(
        operator="attention",
        flops=flops,
        bytes=read * entry_bytes(model, context.cache_bytes) + queries,
        unit="bf16",
        repeats=repeats,
    )


def _indexer(
    context: Context, kind: CompressedLayers, indexer: SparseAttention, repeats: Count
) -> Iterator[AnyWork]:
    """Index queries and keys, scores of all entries in fp8, and the choice of the best."""
    model, step, sp = context.model, context.step, context.plans.sp
    yield _product(context, "indexer", float(indexer.width), query_latent(model), repeats)
    columns = kind.compressor_columns(indexer.index_head_dim) + indexer.index_n_heads
    yield _product(context, "indexer", float(columns), model.hidden_size, repeats)
    pairs = (step.prompt_pairs() + step.decode_pairs()) / kind.rate / sp
    keys = (step.prompt_reach() + step.decode_reach() / sp) / kind.rate
    queries = context.tokens * indexer.width
    yield Work(
        operator="indexer",
        flops=2 * pairs * indexer.width,
        bytes=keys * index_key_bytes(indexer) + queries + 2 * pairs * SCORE_BYTES,
        unit="fp8" if "fp8" in context.deployment.chip.peak_flops else "bf16",
        kernels=3,
        repeats=repeats,
    )
