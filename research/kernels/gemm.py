"""Demands of measured matrix products."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from research.kernels.curve import KernelDemand
from research.kernels.formats import KERNEL_FORMATS, KernelFormat
from research.kernels.least_squares import Bounds, Range
from research.kernels.sample import COMMON_BOUNDS, Sample
from research.kernels.table import Column, Table

from llm_simulator.planner.operators.work import ACTIVATION_BYTES
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Array, Count

SMALLEST_SIDE = 256
"""Rows or columns of a weight matrix below which no served layer is."""
LARGEST_MATRIX = 6e8
"""Elements of a weight matrix above which no served layer is."""
ALIGNMENT = 8
"""Engines pad batches to multiples of it; unaligned rows take up to twice as long in fp8."""
CHAIN = 1024.0
LONGEST_CHAIN = 3000.0
"""Inner length at which libraries begin to split the inner loop, whatever the matrix."""
HOST_BOUND = 25e-6
"""Fastest call above which the host, not the chip, sets the pace: no kernel takes as long."""

BOUNDS: Bounds = {**COMMON_BOUNDS, "serial_latency": Range(1e-8, 1e-6, 10e-6)}
QUANTISING_BOUNDS: Bounds = {**BOUNDS, "stream_passes": Range(0.01, 1.0, 20.0)}
HOST_MARGIN = 1.6
"""A call that takes this many times the host's pace is the chip's own time."""
GUESSED_FIXED = Range(2e-6, 4e-6, 8e-6)
"""Bounds of ``fixed`` where it can't be seen: what other engines' kernels of the format need."""


def gemm_demand(
    *, rows: Count, columns: Count, inner: Count, form: KernelFormat, chip: ChipSpec
) -> KernelDemand:
    """What a product [rows, inner] x [inner, columns] asks of ``chip``, unpadded.

    Tiles and waves are left out: libraries choose among many tiles, and charging 64 x 128 ones
    raises the mean error of bf16 products from 9.0 to 10.2 % (H100, vLLM 0.24.0).
    """
    moved = inner * columns * form.weight_bytes + rows * inner * form.activation_bytes
    moved = moved + rows * columns * ACTIVATION_BYTES
    # The quantising kernel reads wide activations and writes narrow ones.
    quantised = rows * inner * (ACTIVATION_BYTES + form.activation_bytes) * form.quantises
    return KernelDemand(
        compute=2.0 * rows * columns * inner / chip.peak_flops[form.unit],
        memory=moved / chip.memory_bandwidth,
        stream=quantised / chip.memory_bandwidth,
        serial=np.minimum(inner, LONGEST_CHAIN) / CHAIN,
    )


def gemm_samples(table: Table, chip: ChipSpec) -> Iterator[Sample]:
    """One sample per number format that the chip computes in; columns gemm_dtype, m, n, k."""
    formats = table.texts("gemm_dtype")
    for name in np.unique(formats):
        form = KERNEL_FORMATS.get(name)
        if form is not None and form.unit in chip.peak_flops:
            yield _sample(table.where(formats == name), form, chip)


def _sample(table: Table, form: KernelFormat, chip: ChipSpec) -> Sample:
    rows, columns, inner = (table.numbers(name) for name in ("m", "n", "k"))
    sample = Sample(
        operator="gemm",
        format=form.name,
        demand=gemm_demand(rows=rows, columns=columns, inner=inner, form=form, chip=chip),
        measured=table.seconds(),
        bounds=QUANTISING_BOUNDS if form.quantises else BOUNDS,
        table=table.name,
    )
    return _without_host(sample.where(_served(rows, columns, inner)).possible())


def _served(rows: Array, columns: Array, inner: Array) -> Column:
    sides = (np.minimum(columns, inner) >= SMALLEST_SIDE) & (columns * inner <= LARGEST_MATRIX)
    return sides & ((rows < 2 * ALIGNMENT) | (rows % ALIGNMENT == 0))


def _without_host(sample: Sample) -> Sample:
    """Without the calls that waited for the host, where a table was measured that way."""
    floor = float(np.quantile(sample.measured, 0.02)) if len(sample) else 0.0
    if floor <= HOST_BOUND:
        return sample
    seen = sample.where(sample.measured > HOST_MARGIN * floor)
    bounds = {**seen.bounds, "fixed": GUESSED_FIXED}
    bounds.pop("serial_latency")
    return replace(seen, bounds=bounds, host_rows=len(sample) - len(seen))
