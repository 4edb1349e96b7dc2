"""Number formats of weights, activations and cache: their size and what multiplies them."""

from dataclasses import dataclass
from enum import StrEnum


class Dtype(StrEnum):
    """A storage format; its value is the name used in requests and data files."""

    BF16 = "bf16"
    FP16 = "fp16"
    FP8 = "fp8"
    INT8 = "int8"
    INT4 = "int4"
    NVFP4 = "nvfp4"
    MXFP4 = "mxfp4"


@dataclass(frozen=True)
class Format:
    """Bytes an element takes, block scales included, and the matrix unit that computes on it."""

    bytes_per_element: float
    unit: str
    width: int


FORMATS = {
    Dtype.BF16: Format(2.0, "bf16", 16),
    Dtype.FP16: Format(2.0, "bf16", 16),
    # One fp32 scale per 128 x 128 block (DeepSeek-V3 technical report, section 3.3).
    Dtype.FP8: Format(1.0 + 4 / 128**2, "fp8", 8),
    # One fp32 scale per output channel: negligible beside the row.
    Dtype.INT8: Format(1.0, "int8", 8),
    # One fp16 scale per group of 128 (AWQ, GPTQ).
    Dtype.INT4: Format(0.5 + 2 / 128, "int4", 4),
    # One fp8 scale per 16 elements (NVIDIA nvfp4).
    Dtype.NVFP4: Format(0.5 + 1 / 16, "fp4", 4),
    # One 8-bit scale per 32 elements (OCP microscaling formats 1.0).
    Dtype.MXFP4: Format(0.5 + 1 / 32, "fp4", 4),
}

CACHE_BYTES = {
    Dtype.BF16: 2.0,
    Dtype.FP16: 2.0,
    Dtype.FP8: 1.0,
    Dtype.INT8: 1.0,
}
"""Bytes per cached element: caches carry one scale per tensor or head, not per block."""


def bytes_per_element(dtype: Dtype) -> float:
    """Bytes that one stored weight takes, its share of the block scales included.

    >>> bytes_per_element(Dtype.MXFP4)
    0.53125
    """
    return FORMATS[dtype].bytes_per_element


def matrix_unit(weight: Dtype, activation: Dtype) -> str:
    """Name of the matrix unit for a product: the wider operand decides.

    >>> matrix_unit(Dtype.INT4, Dtype.BF16)
    'bf16'
    >>> matrix_unit(Dtype.FP8, Dtype.FP8)
    'fp8'
    """
    wider = weight if FORMATS[weight].width > FORMATS[activation].width else activation
    return FORMATS[wider].unit
