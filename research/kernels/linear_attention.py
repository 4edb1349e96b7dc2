"""Demands of measured gated delta nets: the recurrence of decoding, the chunked form of prompts."""

from collections.abc import Iterator

import numpy as np
from research.kernels.curve import KernelDemand
from research.kernels.least_squares import Bounds, Range
from research.kernels.sample import COMMON_BOUNDS, Sample
from research.kernels.table import Table

from llm_simulator.planner.operators.linear_attention import CHUNK
from llm_simulator.planner.operators.work import ACTIVATION_BYTES
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Bytes, Count

STATE_BYTES = 4.0
"""Bytes of one element of the state: engines keep it in fp32."""
CONVOLUTION = "causal_conv1d"
"""How the names of the other kernels in the tables begin."""

DECODE_BOUNDS = COMMON_BOUNDS
PROMPT_BOUNDS: Bounds = {**COMMON_BOUNDS, "serial_latency": Range(1e-8, 1e-6, 20e-6)}


def recurrence_demand(
    *, requests: Count, key_heads: Count, value_heads: Count, state: Count, chip: ChipSpec
) -> KernelDemand:
    """What one token of every request asks; ``state``: elements of all value heads of a request."""
    width = state / value_heads
    moved = 2 * requests * state * STATE_BYTES
    moved = moved + _passing(requests, key_heads, value_heads, width)
    # Decay 1, old value 2, new value 2, output 2 operations per element of the state.
    flops = 7.0 * requests * state
    return KernelDemand(flops / chip.peak_flops["bf16"], moved / chip.memory_bandwidth)


def chunked_demand(
    *,
    prompts: Count,
    length: Count,
    key_heads: Count,
    value_heads: Count,
    state: Count,
    chip: ChipSpec,
) -> KernelDemand:
    """What whole prompts ask; the chunks of one prompt follow each other."""
    tokens, width = prompts * length, state / value_heads
    # As in operators/linear_attention.py, for heads whose keys and values are of one width.
    flops = tokens * (6.0 * state + CHUNK * 10.0 * value_heads * np.sqrt(width))
    moved = 2 * prompts * state * STATE_BYTES + _passing(tokens, key_heads, value_heads, width)
    return KernelDemand(
        compute=flops / chip.peak_flops["bf16"],
        memory=moved / chip.memory_bandwidth,
        serial=np.ceil(length / CHUNK),
    )


def linear_attention_samples(table: Table, chip: ChipSpec) -> Iterator[Sample]:
    """Decoding and prompts: phase, batch_size, seq_len, num_k_heads, head_k_dim, ..."""
    core = table.where(np.char.find(table.texts("kernel_source"), CONVOLUTION) < 0)
    phases = core.texts("phase")
    for phase, operator in (
        ("generation", "linear_attention_decode"),
        ("context", "linear_attention_prompt"),
    ):
        part = core.where(phases == phase).of_main_kernel() if np.any(phases == phase) else None
        if part is not None:
            yield _sample(part, operator, chip)


def _sample(table: Table, operator: str, chip: ChipSpec) -> Sample:
    requests, length, key_heads, value_heads, key_width, value_width = (
        table.numbers(name)
        for name in (
            "batch_size",
            "seq_len",
            "num_k_heads",
            "num_v_heads",
            "head_k_dim",
            "head_v_dim",
        )
    )
    state = value_heads * key_width * value_width
    if operator == "linear_attention_decode":
        demand = recurrence_demand(
            requests=requests,
            key_heads=key_heads,
            value_heads=value_heads,
            state=state,
            chip=chip,
        )
        bounds = DECODE_BOUNDS
    else:
        demand = chunked_demand(
            prompts=requests,
            length=length,
            key_heads=key_heads,
            value_heads=value_heads,
            state=state,
            chip=chip,
        )
        bounds = PROMPT_BOUNDS
    return Sample(operator, "bf16", demand, table.seconds(), bounds, table.name)


def _passing(tokens: Count, key_heads: Count, value_heads: Count, width: Count) -> Bytes:
    """Queries, keys and values in, outputs out; heads are square."""
    return 2 * tokens * (key_heads + value_heads) * np.sqrt(width) * ACTIVATION_BYTES
