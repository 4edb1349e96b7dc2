r"""Layers with a state of constant size: gated delta nets, Mamba, lightning attention.

All of them keep a matrix per value head, :math:`S_t = A_t S_{t-1} + v_t k_t^\top`, and differ in
how it decays and whether an old value is taken out first (the delta rule). Prompts are computed in
chunks: products inside a chunk, one state between chunks.

References: Gated Delta Networks, arXiv 2412.06464; chunked form: DeltaNet, 2406.06484; Mamba-2
(SSD), 2405.21060; Mamba, 2312.00752; Kimi Linear, 2510.26692; lightning attention, 2401.04658.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.operators.cache import state_bytes
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, WIDENING_ROWS, AnyWork, Work
from llm_simulator.planner.specs.linear_heads import LinearHeads, linear_heads
from llm_simulator.planner.specs.modules import Module
from llm_simulator.units import Bytes, Count


@dataclass(frozen=True)
class Recurrence:
    """What the update of a state costs per element of it and per token."""

    per_token: float
    """Operations to decay, change and read it."""
    chunk: int
    """Tokens of a prompt that are one product; 1 where each is a step of its own."""
    in_chunk: float = 4.0
    """Operations per token between a chunk's tokens and the state before it."""
    on_keys: float = 2.0
    """Products of keys and queries inside a chunk, in operations per element of a key."""
    on_values: float = 2.0
    kernels: int = 5


_DELTA_RULE = Recurrence(7, chunk=64, in_chunk=6, on_keys=6, on_values=4, kernels=7)
"""Decay 1, old value 2, new value 2, output 2. In chunks: state times key, state times query and
key times value; keys with keys, queries with keys and the decayed keys; new values and their sum.
Seven kernels: convolution, decay, keys with keys, inverse, intermediate keys and values, states,
output with gated norm (fla-org/flash-linear-attention)."""

RECURRENCES = {
    "gated_delta_net": _DELTA_RULE,
    "kimi_delta": _DELTA_RULE,
    # Decay 1, new value 2, output 2; chunks of mamba_chunk_size (state-spaces/mamba, ssd_combined).
    "mamba2": Recurrence(5, chunk=256),
    # Blocks of 256 (MiniMax-01, arXiv 2501.08313).
    "lightning": Recurrence(5, chunk=256, kernels=3),
    # One pass that keeps the state in registers (selective_scan).
    "mamba1": Recurrence(7, chunk=1, kernels=3),
    # Nothing but a gate, the convolution and a gate (LFM2).
    "short_convolution": Recurrence(0, chunk=1, in_chunk=0, on_keys=0, on_values=0, kernels=3),
}


def linear_attention_work(context: Context) -> Iterator[AnyWork]:
    """Projections, recurrence of decoding and chunked form of prompts on the stage."""
    heads = linear_heads(context.model, context.plans.tp)
    hidden = context.model.hidden_size
    # Narrow projections start from tokens like the others; only their number of columns is odd.
    shapes = (
        ("qkv_projection", heads.projected + heads.narrow / hidden, hidden),
        ("output_projection", hidden, heads.value_width),
    )
    for name, columns, inner in shapes:
        yield linear(
            context,
            name,
            rows=context.tokens,
            columns=columns,
            inner=inner,
            repeats=context.layers.linear,
            matrix_format=context.format_of(Module.LINEAR_ATTENTION),
        )
    yield _recurrence(context, heads)
    yield _prompts(context, heads)


def _recurrence(context: Context, heads: LinearHeads) -> Work:
    r"""The next token of every decoding request: the state is read, changed and written once.

    .. math:: F = c\,n\,H\,d_k d_v, \quad B = 2\,n\,H\,d_k d_v\,b

    beside the convolution's state and what flows through. Three kernels: convolution, recurrence,
    gated norm. Verifying drafted tokens keeps the state after each, to go back to the last accepted
    one.
    """
    step = context.step
    requests, rows = np.ceil(step.decoding / context.plans.sp), step.decode_rows(context.plans.sp)
    state = (requests + rows) * state_bytes(context.model, context.plans.tp)
    per_row = RECURRENCES[heads.kind].per_token * heads.state
    return Work(
        operator="linear_attention",
        flops=rows * per_row + 2.0 * rows * heads.convolved * heads.kernel,
        bytes=state + rows * _passing_bytes(heads),
        unit="bf16",
        kernels=3,
        repeats=context.layers.linear,
    )


def _prompts(context: Context, heads: LinearHeads) -> Work:
    r"""Prompts in chunks of C tokens: products inside a chunk, one state between chunks.

    .. math:: F = n\,H\,\bigl(a\,d_k d_v + C (b\,d_k + c\,d_v)\bigr)

    with a to c of ``Recurrence``; keys of Mamba-2 are shared by the heads of a group. The states
    between chunks are written and read once in bf16, so are the intermediate keys and values. A
    scan token by token runs on vector units.
    """
    tokens, tp, law = context.prompt_tokens, context.plans.tp, RECURRENCES[heads.kind]
    carried = 2 * context.step.prompts * state_bytes(context.model, tp)
    convolution = 2.0 * heads.convolved * heads.kernel
    if law.chunk == 1:
        flops = tokens * (law.per_token * heads.state + convolution)
        return Work(
            operator="linear_attention",
            flops=flops,
            bytes=carried + tokens * _passing_bytes(heads),
            unit="bf16",
            padded_flops=flops * WIDENING_ROWS,
            kernels=law.kernels,
            repeats=context.layers.linear,
        )
    is_shared = heads.kind == "mamba2"
    key_width = heads.key_width
    if not is_shared:
        key_width = heads.state / heads.value_width * heads.value_heads
    inside = law.chunk * (law.on_keys * key_width + law.on_values * heads.value_width)
    between = 2 * heads.state / law.chunk * ACTIVATION_BYTES
    intermediate = 2 * (key_width + heads.value_width) * ACTIVATION_BYTES
    return Work(
        operator="linear_attention",
        flops=tokens * (law.in_chunk * heads.state + inside + convolution),
        bytes=carried + tokens * (_passing_bytes(heads) + between + intermediate),
        unit="bf16",
        kernels=law.kernels,
        repeats=context.layers.linear,
    )


def _passing_bytes(heads: LinearHeads) -> Bytes:
    """Bytes per token through convolution (in, out), core (in, out) and gated norm (2 in, out)."""
    widths: Count = 3.0 * heads.convolved + 4.0 * heads.value_width
    return widths * ACTIVATION_BYTES
