"""One accelerator: what it can compute, hold and move."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from llm_simulator.planner.specs.link import Link
from llm_simulator.planner.specs.validation import (
    ByteCount,
    ByteRate,
    Duration,
    FlopRate,
    Fraction,
    PositiveInt,
    Spec,
    Watt,
    renamed,
)
from llm_simulator.units import GIGA, MICRO

MATRIX_UNITS = ("bf16", "fp8", "int8", "int4", "fp4")

UNIT_NAMES = {
    "memory_capacity_gb": ("memory_capacity", GIGA),
    "memory_bandwidth_gbps": ("memory_bandwidth", GIGA),
    "on_chip_memory_mb": ("on_chip_memory", 1e6),
    "tdp_w": ("tdp", 1.0),
    "kernel_latency_us": ("kernel_latency", MICRO),
}


PriceKind = Literal["contract", "on_demand", "market", "assumed"]
"""A rent for years, one by the hour, a market's starting price, or no one's price."""


class ChipSpec(Spec):
    """Data-sheet figures of a chip, and how much of them kernels reach.

    Quantities are numbers in base units (bytes, bytes/s, FLOP/s, W, s) or text with a unit.
    """

    name: str = Field(min_length=1, max_length=200)
    family: str | None = Field(None, min_length=1, max_length=100)
    """Chips of one architecture, which run the same kernels: Hopper, Blackwell, CDNA 3."""
    peak_flops: dict[str, FlopRate]
    """Dense FLOP/s per matrix unit, without structured sparsity; ``bf16`` is required."""
    memory_capacity: ByteCount
    memory_bandwidth: ByteRate
    on_chip_memory: ByteCount | None = None
    tdp: Watt | None = None
    price_usd_per_hour: float | None = Field(None, gt=0, le=1e9)
    """Rent of one chip with its share of host, network and electricity."""
    price_source: str | None = Field(None, min_length=1, max_length=500)
    """Who asks that price, for which kind of contract, and when it was read."""
    price_kind: PriceKind | None = None
    """What kind of price that is; left out, the request's own."""
    chip_to_chip: Link | None = None
    """The chip's own scale-up link, used where a topology gives none for its boards."""

    compute_units: PositiveInt = 1
    """Units over which the tiles of a product are dealt; 1 leaves wave quantisation out."""
    tile_m: PositiveInt
    tile_n: PositiveInt
    compute_efficiency: Fraction
    memory_efficiency: Fraction
    link_efficiency: Fraction
    kernel_latency: Duration

    @model_validator(mode="before")
    @classmethod
    def _read_unit_names(cls, data: Any) -> Any:
        return in_base_units(data) if isinstance(data, Mapping) else data

    @model_validator(mode="after")
    def _has_known_units(self) -> Self:
        unknown = sorted(set(self.peak_flops) - set(MATRIX_UNITS))
        if unknown:
            raise ValueError(
                f"peak_flops has {', '.join(unknown)}; known: {', '.join(MATRIX_UNITS)}"
            )
        if "bf16" not in self.peak_flops:
            raise ValueError("peak_flops needs bf16: norms, routers and output heads compute in it")
        return self


def in_base_units(data: Mapping[str, Any]) -> dict[str, Any]:
    """A written-out chip with ``peak_tflops``, ``memory_capacity_gb`` and the like in base units.

    Raises ValueError when a figure is given twice.
    """
    fields = dict(data)
    if isinstance(fields.get("peak_tflops"), Mapping):
        if "peak_flops" in fields:
            raise ValueError("'peak_tflops' and 'peak_flops' are given both; keep one")
        tera = fields.pop("peak_tflops")
        fields["peak_flops"] = {unit: _tera(unit, value) for unit, value in tera.items()}
    return renamed(fields, UNIT_NAMES)


def _tera(unit: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"peak_tflops.{unit} must be a number of TFLOP/s")
    return value * 1e12
