"""Demands of measured mixtures of experts: both grouped products of a gated layer."""

from collections.abc import Iterator

import numpy as np
from research.kernels.curve import KernelDemand
from research.kernels.formats import KERNEL_FORMATS, KernelFormat
from research.kernels.least_squares import Bounds, Range
from research.kernels.sample import COMMON_BOUNDS, Sample
from research.kernels.table import Column, Table

from llm_simulator.planner.operators.work import ACTIVATION_BYTES
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Count

BOUNDS: Bounds = {
    **COMMON_BOUNDS,
    "fixed": Range(0.3e-6, 30e-6, 200e-6),
    "stream_passes": Range(0.01, 3.0, 40.0),
    "serial_latency": Range(1e-9, 1e-7, 10e-6),
}
NOT_GATED = "nongated"
"""In the name of kernels with two matrices per expert instead of three."""


def mixture_demand(
    *,
    assignments: Count,
    active: Count,
    tokens_everywhere: Count,
    hidden: Count,
    width: Count,
    form: KernelFormat,
    chip: ChipSpec,
) -> KernelDemand:
    """What a gated layer asks of one rank.

    ``assignments``: token-expert pairs of the rank; ``active``: its experts with any token;
    ``tokens_everywhere``: pairs of all ranks, which the permuting kernels go through.
    """
    rows = hidden * form.activation_bytes + 2 * width * ACTIVATION_BYTES
    rows = rows + width * form.activation_bytes + hidden * ACTIVATION_BYTES
    weights = active * 3 * hidden * width * form.weight_bytes
    permuted = tokens_everywhere * hidden * ACTIVATION_BYTES
    return KernelDemand(
        compute=6.0 * assignments * hidden * width / chip.peak_flops[form.unit],
        memory=(weights + assignments * rows) / chip.memory_bandwidth,
        stream=permuted / chip.memory_bandwidth,
        # Groups of a grouped product start one after the other.
        serial=active,
    )


def mixture_samples(table: Table, chip: ChipSpec) -> Iterator[Sample]:
    """One sample per number format, of rows with balanced routing and gated experts."""
    formats = table.texts("moe_dtype")
    chosen = _balanced(table) & _gated(table)
    for name in np.unique(formats):
        form = KERNEL_FORMATS.get(name)
        part = table.where((formats == name) & chosen)
        if form is not None and form.unit in chip.peak_flops and len(part):
            yield _sample(part.of_main_kernel(), form, chip)


def _sample(table: Table, form: KernelFormat, chip: ChipSpec) -> Sample:
    tokens, hidden, inter, topk, experts, tp, ep = (
        table.numbers(name)
        for name in (
            "num_tokens",
            "hidden_size",
            "inter_size",
            "topk",
            "num_experts",
            "moe_tp_size",
            "moe_ep_size",
        )
    )
    pairs = tokens * topk
    # Balanced tables deal tokens out in turn: no expert gets a second before all have one.
    active = np.clip(np.minimum(experts, pairs) / ep, 1.0, None)
    demand = mixture_demand(
        assignments=pairs / ep,
        active=active,
        tokens_everywhere=pairs,
        hidden=hidden,
        width=inter / tp,
        form=form,
        chip=chip,
    )
    sample = Sample("mixture", form.name, demand, table.seconds(), BOUNDS, table.name)
    return sample.possible()


def _balanced(table: Table) -> Column:
    return table.texts("distribution") == "balanced"


def _gated(table: Table) -> Column:
    if not table.has("kernel_source"):
        return np.ones(len(table), dtype=bool)
    return np.char.find(table.texts("kernel_source"), NOT_GATED) < 0
