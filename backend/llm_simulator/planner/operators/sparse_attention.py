"""Sparse attention of DeepSeek and MiniMax: the indexer that picks what each query attends to."""

from collections.abc import Iterator

from llm_simulator.planner.operators.cache import index_key_bytes
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import AnyWork, Work
from llm_simulator.planner.specs.model import (
    SparseAttention,
    index_query_inner,
    sparse_attention,
)
from llm_simulator.planner.specs.modules import Module

SCORE_BYTES = 4.0
"""Bytes of one index score: fp32 (deepseek-ai/DeepGEMM, fp8_mqa_logits)."""


def attends_to_all(context: Context) -> bool:
    """Whether every query of a prompt attends to all tokens before it."""
    indexer = sparse_attention(context.model)
    return indexer is None or context.step.prompt_length <= indexer.index_topk


def indexer_work(context: Context) -> Iterator[AnyWork]:
    """Index queries, keys and scores of all layers on the stage, whole on every tensor rank.

    References: DeepSeek-V3.2-Exp, inference/model.py (class Indexer); SGLang 0.5.23,
    models/minimax_m3.py.
    """
    indexer = sparse_attention(context.model)
    if indexer is None:
        return
    hidden = context.model.hidden_size
    products = (
        (indexer.width, index_query_inner(context.model)),
        (indexer.narrow_columns, hidden),
    )
    for columns, inner in products:
        yield linear(
            context,
            "indexer",
            rows=context.tokens,
            columns=float(columns),
            inner=inner,
            repeats=context.layers.softmax * indexer.share,
            matrix_format=context.format_of(Module.ATTENTION),
        )
    yield _scores(context, indexer)


def _scores(context: Context, indexer: SparseAttention) -> Work:
    r"""Scores of all cached tokens in fp8, and the choice of the best.

    .. math:: F = 2\,\text{pairs}\,H_i\,d_i, \quad
              B = (\text{tokens read} + n)\,(d_i + 4 d_i/128) + 2 \cdot 4\,\text{pairs}

    Scores are written and read again by the selection, one of every block where blocks are picked,
    whose keys are in bf16. Three kernels: rotate and quantise, score, select. Of a decoding request
    each of dcp ranks scores its own share; a prompt's keys are gathered (vLLM 0.33,
    sparse_attn_indexer.py).
    """
    step, sp, shares = context.step, context.plans.sp, context.shares
    pairs = (step.prompt_pairs() + step.decode_pairs() / shares) / sp
    keys = step.prompt_reach() + step.decode_reach() / (sp * shares) + context.tokens / shares
    queries = context.tokens * indexer.width
    scores = pairs / indexer.index_block_size
    in_fp8 = "fp8" in context.deployment.chip.peak_flops and not indexer.picks_blocks
    return Work(
        operator="indexer",
        flops=2 * pairs * indexer.width,
        bytes=keys * index_key_bytes(indexer) + queries + 2 * scores * SCORE_BYTES,
        unit="fp8" if in_fp8 else "bf16",
        kernels=3,
        repeats=context.layers.softmax * indexer.share,
    )
