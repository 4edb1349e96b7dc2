"""Demands of measured attention cores: grouped-query and latent, decoding and prompts."""

from collections.abc import Iterator

import numpy as np
from research.kernels.curve import KernelDemand
from research.kernels.formats import CACHE_FORMATS
from research.kernels.least_squares import Bounds, Range
from research.kernels.sample import COMMON_BOUNDS, Sample
from research.kernels.table import Column, Table

from llm_simulator.planner.operators.work import ACTIVATION_BYTES
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Array, Bytes, Count

QUERY_TILE = 16
"""Query heads of one key that a matrix unit takes at once, at least."""
KEY_TILE = 128
"""Keys and queries in a tile of a prompt; a prompt pays whole tiles."""
COMMON_WIDTHS = (64, 128, 256)
CACHED = 1.5
"""A cache smaller than this times the on-chip memory stays there between the timed calls."""
NEGLIGIBLE: Bytes = 2e6
"""Bytes that a call reads in no time: what is left is its fixed cost."""
LATENT, ROTARY = 512, 64
QUERY_WIDTH, VALUE_WIDTH = 192, 128
"""Widths of DeepSeek's latent attention, of which the tables are."""

DECODE_BOUNDS: Bounds = {**COMMON_BOUNDS, "extra_context": Range(1.0, 80.0, 600.0)}
PROMPT_BOUNDS: Bounds = {**COMMON_BOUNDS, "extra_width": Range(1.0, 60.0, 400.0)}


def decode_demand(
    *,
    requests: Count,
    context: Count,
    heads: Count,
    kv_heads: Count,
    width: Count,
    cache_bytes: float,
    chip: ChipSpec,
) -> KernelDemand:
    """What one decoding step of grouped-query attention asks; query heads padded to a tile."""
    padded = kv_heads * np.ceil(heads / kv_heads / QUERY_TILE) * QUERY_TILE
    per_token = 2 * requests * kv_heads * width * cache_bytes / chip.memory_bandwidth
    queries = 2 * requests * heads * width * ACTIVATION_BYTES
    return KernelDemand(
        compute=4.0 * requests * context * padded * width / chip.peak_flops["bf16"],
        memory=context * per_token + queries / chip.memory_bandwidth,
        memory_per_token=per_token,
    )


def latent_decode_demand(
    *, requests: Count, context: Count, heads: Count, cache_bytes: float, chip: ChipSpec
) -> KernelDemand:
    """What one decoding step of absorbed latent attention asks."""
    padded = np.ceil(heads / QUERY_TILE) * QUERY_TILE
    flops = 2.0 * requests * context * padded * (2 * LATENT + ROTARY)
    per_token = requests * (LATENT + ROTARY) * cache_bytes / chip.memory_bandwidth
    queries = requests * heads * (2 * LATENT + ROTARY) * ACTIVATION_BYTES
    return KernelDemand(
        compute=flops / chip.peak_flops["bf16"],
        memory=context * per_token + queries / chip.memory_bandwidth,
        memory_per_token=per_token,
    )


def prompt_demand(
    *,
    prompts: Count,
    length: Count,
    heads: Count,
    kv_heads: Count,
    key_width: Count,
    value_width: Count,
    unit: str,
    chip: ChipSpec,
) -> KernelDemand:
    """What causal attention of whole prompts asks, lengths padded to tiles."""
    padded = np.ceil(length / KEY_TILE) * KEY_TILE
    scores = prompts * heads * padded * (padded + KEY_TILE) / 2
    elements = prompts * length * (heads + kv_heads) * (key_width + value_width)
    return KernelDemand(
        compute=2.0 * scores * (key_width + value_width) / chip.peak_flops[unit],
        memory=elements * ACTIVATION_BYTES / chip.memory_bandwidth,
        compute_per_width=4.0 * scores / chip.peak_flops[unit],
    )


def decode_samples(table: Table, chip: ChipSpec) -> Iterator[Sample]:
    """Grouped-query decoding per cache format: batch_size, step, num_heads, ..., window 0."""
    whole = table.where(_whole_attention(table))
    for rows, name, cache_bytes in _caches(whole):
        part = whole.where(rows).of_main_kernel()
        requests, heads, kv_heads, width = (
            part.numbers(c) for c in ("batch_size", "num_heads", "num_key_value_heads", "head_dim")
        )
        context = part.numbers("step") + 1
        demand = decode_demand(
            requests=requests,
            context=context,
            heads=heads,
            kv_heads=kv_heads,
            width=width,
            cache_bytes=cache_bytes,
            chip=chip,
        )
        read = demand.memory_per_token * context * chip.memory_bandwidth
        yield _decode("attention_decode", name, part, demand, _uncached(read, chip))


def latent_decode_samples(table: Table, chip: ChipSpec) -> Iterator[Sample]:
    """Latent decoding per cache format: batch_size, step, num_heads."""
    for rows, name, cache_bytes in _caches(table):
        part = table.where(rows)
        requests, heads = part.numbers("batch_size"), part.numbers("num_heads")
        context = part.numbers("step") + 1
        demand = latent_decode_demand(
            requests=requests, context=context, heads=heads, cache_bytes=cache_bytes, chip=chip
        )
        read = demand.memory_per_token * context * chip.memory_bandwidth
        yield _decode("latent_decode", name, part, demand, _uncached(read, chip))


def prompt_samples(table: Table, chip: ChipSpec) -> Iterator[Sample]:
    """Grouped-query prompts per compute and cache format: batch_size, isl, num_heads, ..."""
    whole = table.where(_whole_attention(table))
    computed = whole.texts("attn_dtype")
    for unit_name in np.unique(computed):
        unit = "fp8" if unit_name == "fp8" else "bf16"
        for rows, cache, _ in _caches(whole):
            part = whole.where(rows & (computed == unit_name))
            if len(part):
                yield _prompt(part.of_main_kernel(), "attention_prompt", unit, cache, chip)


def latent_prompt_samples(table: Table, chip: ChipSpec) -> Iterator[Sample]:
    """Latent prompts with heads expanded, per cache format: batch_size, isl, num_heads."""
    for rows, cache, _ in _caches(table):
        yield _prompt(table.where(rows), "latent_prompt", "bf16", cache, chip)


def _prompt(table: Table, operator: str, unit: str, cache: str, chip: ChipSpec) -> Sample:
    prompts, length, heads = (table.numbers(c) for c in ("batch_size", "isl", "num_heads"))
    latent = operator == "latent_prompt"
    kv_heads = heads if latent else table.numbers("num_key_value_heads")
    keys, values = (QUERY_WIDTH, VALUE_WIDTH) if latent else (table.numbers("head_dim"),) * 2
    demand = prompt_demand(
        prompts=prompts,
        length=length,
        heads=heads,
        kv_heads=kv_heads,
        key_width=keys,
        value_width=values,
        unit=unit,
        chip=chip,
    )
    name = cache if unit == cache else f"{unit}_{cache}_cache"
    sample = Sample(operator, name, demand, table.seconds(), PROMPT_BOUNDS, table.name)
    # Padded work may exceed what a kernel that skips the padding does: only long prompts are told.
    return sample.where(length >= QUERY_TILE)


def _decode(operator: str, name: str, table: Table, demand: KernelDemand, rows: Column) -> Sample:
    sample = Sample(operator, name, demand, table.seconds(), DECODE_BOUNDS, table.name)
    return sample.where(rows)


def _uncached(read: Array, chip: ChipSpec) -> Column:
    """Calls whose cache comes from memory as it does in service, or that read next to nothing."""
    return (read > CACHED * (chip.on_chip_memory or 0.0)) | (read < NEGLIGIBLE)


def _whole_attention(table: Table) -> Column:
    """Rows without a sliding window, of a head width that kernels are made for."""
    windows = table.numbers("window_size") if table.has("window_size") else np.zeros(len(table))
    return (windows == 0) & np.isin(table.numbers("head_dim"), COMMON_WIDTHS)


def _caches(table: Table) -> Iterator[tuple[Column, str, float]]:
    caches = table.texts("kv_cache_dtype")
    for name in np.unique(caches):
        if name in CACHE_FORMATS:
            yield (caches == name, *CACHE_FORMATS[name])
