"""Measured collectives among the chips of one board."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from research.kernels.curve import CollectiveCurve, collective_time
from research.kernels.least_squares import Bounds, Range
from research.kernels.table import Table

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.units import Array, Bytes, BytesPerSecond, Count

BOUNDS: Bounds = {
    "fixed": Range(0.3e-6, 4e-6, 60e-6),
    "per_rank": Range(1e-8, 0.3e-6, 10e-6),
    "bandwidth_share": Range(0.02, 0.75, 1.0),
    "ramp": Range(1e-8, 3e-6, 300e-6),
}
DIRECT_BOUNDS: Bounds = BOUNDS | {
    "direct_share": Range(0.02, 0.6, 1.0),
    "turn": Range(1e-8, 5e-6, 60e-6),
}

ELEMENT_BYTES = {"bfloat16": 2, "half": 2}
"""Sizes in the tables are elements. One-byte ones are left out: the switch can't add them."""

EAGER = "eager"
"""In the name of kernels started one by one: engines replay them from graphs in service."""


def _twice(size: Bytes, ranks: Count) -> Bytes:
    return 2 * (ranks - 1) / ranks * size


def _once(size: Bytes, ranks: Count) -> Bytes:
    return (ranks - 1) / ranks * size


MOVED: Mapping[str, Callable[[Bytes, Count], Bytes]] = {
    "all_reduce": _twice,
    "all_gather": _once,
    "reduce_scatter": _once,
    "alltoall": _once,
}
"""Bytes over a rank's link, given those of the whole buffer."""

NAMES = {"alltoall": "all_to_all"}


@dataclass(frozen=True)
class CollectiveSample:
    """What one collective's curve is fitted on; columns of one shape."""

    operator: str
    ranks: Array
    moved: Array
    direct: Array
    bandwidth: BytesPerSecond
    measured: Array
    bounds: Bounds
    table: str
    format: str = "bf16"

    def __len__(self) -> int:
        return len(self.measured)

    def time(self, curve: CollectiveCurve) -> Array:
        """Seconds of every row by ``curve``."""
        return np.asarray(
            collective_time(
                curve,
                ranks=self.ranks,
                moved=self.moved,
                direct=self.direct,
                bandwidth=self.bandwidth,
            )
        )


def engine_samples(table: Table, chip: ChipSpec) -> Iterator[CollectiveSample]:
    """The engine's own all-reduce: allreduce_dtype, num_gpus, message_size."""
    rows = np.isin(table.texts("allreduce_dtype"), list(ELEMENT_BYTES))
    if table.has("kernel_source"):
        rows &= np.char.find(table.texts("kernel_source"), EAGER) < 0
    yield _sample(table.where(rows), "all_reduce", "allreduce_dtype", chip, DIRECT_BOUNDS)


def library_samples(table: Table, chip: ChipSpec) -> Iterator[CollectiveSample]:
    """The library's collectives: nccl_dtype, op_name, num_gpus, message_size."""
    patterns = table.texts("op_name")
    two_bytes = np.isin(table.texts("nccl_dtype"), list(ELEMENT_BYTES))
    for pattern in np.unique(patterns):
        if pattern in MOVED:
            rows = table.where((patterns == pattern) & two_bytes)
            yield _sample(rows, pattern, "nccl_dtype", chip, BOUNDS, prefix="library_")


def _sample(
    table: Table, pattern: str, formats: str, chip: ChipSpec, bounds: Bounds, prefix: str = ""
) -> CollectiveSample:
    if chip.chip_to_chip is None:
        raise InvalidInput.at("chip", f"'{chip.name}' has no chip_to_chip link to fit shares of")
    ranks = table.numbers("num_gpus")
    widths = np.array([ELEMENT_BYTES[name] for name in table.texts(formats)], dtype=float)
    size = table.numbers("message_size") * widths
    return CollectiveSample(
        operator=prefix + NAMES.get(pattern, pattern),
        ranks=ranks,
        moved=np.asarray(MOVED[pattern](size, ranks)),
        direct=(ranks - 1) * size,
        bandwidth=chip.chip_to_chip.bandwidth,
        measured=table.seconds(),
        bounds=bounds,
        table=table.name,
    )
