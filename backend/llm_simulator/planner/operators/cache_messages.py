"""What ranks that share out a request's cache (dcp) send each other in one step.

Each has the heads of its own and a share of the tokens. When decoding, queries of all heads come to
every rank, which attends with them to its share; the partial results then go to the rank of each
head, weighed by the log of their sums (LSE). References: vLLM 0.33, mla_attention.py and
v1/attention/ops/common.py (``cp_lse_ag_out_rs``), ``dcp_comm_backend`` ag_rs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.operators.cache import index_key_bytes
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.sparse_attention import attends_to_all
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, Message
from llm_simulator.planner.specs.model import latent_attention, sparse_attention
from llm_simulator.units import Bytes, Count

NAME = "cache_exchange"
LSE_BYTES = 4.0
"""Bytes of the log of a sum: fp32."""
CANDIDATE_BYTES = 8.0
"""Bytes of what an indexer picked: a score and a position."""


@dataclass(frozen=True)
class HeadWidths:
    """Elements per head of a query and of a partial result."""

    query: int
    result: int


def cache_messages(context: Context) -> Iterator[Message]:
    """Queries, partial results and, for prompts, what lies before a chunk."""
    model, step = context.model, context.step
    latent = model.attention == "mla"
    rows = step.decode_rows(context.plans.sp)
    if latent and not attends_to_all(context):
        # Each query of a prompt picks its own tokens, as in decoding.
        rows = rows + context.prompt_tokens
    elif not latent:
        rows = rows + context.prompt_tokens * _share_with_context(context)
    yield from _of_queries(context, _head_widths(context), rows)
    if latent and attends_to_all(context):
        width = latent_attention(model).cache_width
        yield _gathered(context, width * ACTIVATION_BYTES, step.prompt_context())
    indexer = sparse_attention(model)
    if latent and indexer is not None:
        candidates = CANDIDATE_BYTES * indexer.index_topk * indexer.share
        yield _message(context, candidates * step.decode_rows(context.plans.sp))
        keys = index_key_bytes(indexer) * indexer.share
        yield _gathered(context, keys, step.prompt_reach())


def _share_with_context(context: Context) -> float:
    """Chunks that something lies before, of all: prompts attend to themselves without others."""
    return 1.0 if context.step.cached else 1 - 1 / context.step.chunks


def _head_widths(context: Context) -> HeadWidths:
    """Latent attention sends queries and results in the latent space."""
    model = context.model
    if model.attention == "mla":
        mla = latent_attention(model)
        return HeadWidths(mla.cache_width, mla.kv_lora_rank)
    return HeadWidths(model.head_dim, model.value_head_dim)


def _of_queries(context: Context, widths: HeadWidths, rows: Count) -> Iterator[Message]:
    """An all-gather of queries, one of the sums, and a reduce-scatter of results, which takes as
    long as gathering them."""
    heads = context.model.num_attention_heads / context.plans.tp
    yield _message(context, rows * heads * widths.query * ACTIVATION_BYTES)
    yield _message(context, rows * heads * context.shares * LSE_BYTES)
    yield _message(context, rows * heads * widths.result * ACTIVATION_BYTES)


def _gathered(context: Context, token: Bytes, tokens: Count) -> Message:
    """Each rank's share of so many ``tokens`` of a prompt, ``token`` bytes each, to all of them."""
    return _message(context, token * tokens / context.shares)


def _message(context: Context, part: Bytes) -> Message:
    """An all-gather in each layer without a window; nothing is sent where there is nothing."""
    layers = context.layers
    every = layers.softmax if context.model.attention == "mla" else layers.full
    repeats = every * np.minimum(np.ceil(part), 1) * np.minimum(context.shares - 1, 1)
    return Message(NAME, "all_gather", "cache", part, repeats=repeats)
