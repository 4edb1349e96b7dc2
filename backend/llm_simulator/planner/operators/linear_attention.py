"""Gated delta net: linear attention with a state of constant size (Qwen3-Next, Qwen3.5).

References: Gated Delta Networks, arXiv 2412.06464; chunked form: DeltaNet, arXiv 2406.06484.
"""

from collections.abc import Iterator

import numpy as np

from llm_simulator.planner.operators.cache import state_bytes
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, Work
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import LinearHeads, linear_heads
from llm_simulator.units import Bytes, Count

CHUNK = 64
"""Tokens of a prompt processed as one matrix product (fla-org/flash-linear-attention)."""


def linear_attention_work(context: Context) -> Iterator[Work]:
    """Projections, recurrence of decoding and chunked form of prompts on the stage."""
    heads = linear_heads(context.model, context.plans.tp)
    hidden, repeats = context.model.hidden_size, context.layers.linear
    shapes = (
        ("qkv_projection", heads.projected, hidden),
        ("output_projection", hidden, heads.value_width),
    )
    for name, columns, inner in shapes:
        yield linear(
            context,
            name,
            rows=context.tokens,
            columns=columns,
            inner=inner,
            repeats=repeats,
            matrix_format=context.format_of(Module.LINEAR_ATTENTION),
        )
    yield _recurrence(context, heads)
    yield _chunks(context, heads)


def _recurrence(context: Context, heads: LinearHeads) -> Work:
    r"""The next token of every decoding request: the state is read, changed and written once.

    .. math:: F = 7\,n\,H\,d_k d_v, \quad B = 2\,n\,H\,d_k d_v\,b

    beside the convolution's state and what flows through. Per element of the state: decay 1, old
    value 2, new value 2, output 2 operations. Three kernels: convolution, recurrence, gated norm.
    Verifying drafted tokens keeps the state after each, to go back to the last accepted one.
    """
    step = context.step
    requests, rows = np.ceil(step.decoding / context.plans.sp), step.decode_rows(context.plans.sp)
    state = (requests + rows) * state_bytes(context.model, context.plans.tp)
    return Work(
        operator="linear_attention",
        flops=7.0 * rows * heads.state + 2.0 * rows * heads.convolved * heads.kernel,
        bytes=state + rows * _passing_bytes(heads),
        unit="bf16",
        kernels=3,
        repeats=context.layers.linear,
    )


def _chunks(context: Context, heads: LinearHeads) -> Work:
    r"""Prompts in chunks of C tokens: products inside a chunk, one state between chunks.

    .. math:: F = n\,H\,\bigl(6 d_k d_v + C (6 d_k + 4 d_v)\bigr)

    Per token and head: state times key, state times query and key times value (2 d_k d_v each);
    keys with keys, queries with keys and the decayed keys (2 C d_k each); new values and their
    sum (2 C d_v each). The states between chunks are written and read once in bf16, so are the
    intermediate keys and values. Seven kernels: convolution, decay, keys with keys, inverse,
    intermediate keys and values, states, output with gated norm.
    """
    tokens, tp = context.prompt_tokens, context.plans.tp
    key_width = heads.state / heads.value_width * heads.value_heads
    inside = CHUNK * (6 * key_width + 4 * heads.value_width)
    between = 2 * heads.state / CHUNK * ACTIVATION_BYTES
    intermediate = 2 * (key_width + heads.value_width) * ACTIVATION_BYTES
    carried = 2 * context.step.prompts * state_bytes(context.model, tp)
    return Work(
        operator="linear_attention",
        flops=tokens * (6.0 * heads.state + inside + 2.0 * heads.convolved * heads.kernel),
        bytes=carried + tokens * (_passing_bytes(heads) + between + intermediate),
        unit="bf16",
        kernels=7,
        repeats=context.layers.linear,
    )


def _passing_bytes(heads: LinearHeads) -> Bytes:
    """Bytes per token through convolution (in, out), core (in, out) and gated norm (2 in, out)."""
    widths: Count = 3.0 * heads.convolved + 4.0 * heads.value_width
    return widths * ACTIVATION_BYTES
