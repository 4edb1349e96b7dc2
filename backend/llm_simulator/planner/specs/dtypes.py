"""Number formats of weights, activations and cache: their size and what multiplies them."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Literal


class Dtype(StrEnum):
    """A storage format; its value is the name used in requests and data files."""

    BF16 = "bf16"
    FP16 = "fp16"
    FP8 = "fp8"
    FP8_BLOCK = "fp8_block"
    MXFP8 = "mxfp8"
    INT8 = "int8"
    INT6 = "int6"
    INT5 = "int5"
    INT4 = "int4"
    INT3 = "int3"
    NVFP4 = "nvfp4"
    MXFP4 = "mxfp4"


@dataclass(frozen=True)
class Format:
    """Bits of an element, the scales that go with it, and the matrix unit that computes on it."""

    bits: int
    unit: str
    scale_bytes: float = 0.0
    """Bytes of the scale, and of the zero point where there is one, of one group of weights."""
    group: float = inf
    """Weights that share a scale; infinite for a tensor or a column, whose scale is no weight."""
    activation_group: int | None = None
    """Activations that share a scale, where they are not grouped like weights."""


FORMATS = {
    Dtype.BF16: Format(16, "bf16"),
    Dtype.FP16: Format(16, "bf16"),
    # One scale per tensor or output channel unless the model says otherwise.
    Dtype.FP8: Format(8, "fp8", 2),
    # One fp32 scale per 128 x 128 weights, one per 128 activations of a token (DeepSeek-V3
    # technical report, arXiv 2412.19437, section 3.3).
    Dtype.FP8_BLOCK: Format(8, "fp8", 4, group=128**2, activation_group=128),
    # One 8-bit scale per 32 elements (OCP microscaling formats 1.0).
    Dtype.MXFP8: Format(8, "fp8", 1, group=32),
    # One scale per output channel unless the model says otherwise.
    Dtype.INT8: Format(8, "int8", 2),
    # One fp16 scale per group of 128 (AWQ, GPTQ) unless the model says otherwise.
    Dtype.INT6: Format(6, "int8", 2, group=128),
    Dtype.INT5: Format(5, "int8", 2, group=128),
    Dtype.INT4: Format(4, "int4", 2, group=128),
    Dtype.INT3: Format(3, "int4", 2, group=128),
    # One fp8 scale per 16 elements (NVIDIA nvfp4).
    Dtype.NVFP4: Format(4, "fp4", 1, group=16),
    # One 8-bit scale per 32 elements (OCP microscaling formats 1.0).
    Dtype.MXFP4: Format(4, "fp4", 1, group=32),
}

NATIVE_ACTIVATIONS = {
    Dtype.FP8: Dtype.FP8,
    Dtype.FP8_BLOCK: Dtype.FP8_BLOCK,
    Dtype.MXFP8: Dtype.MXFP8,
    Dtype.INT8: Dtype.INT8,
    Dtype.NVFP4: Dtype.NVFP4,
    # Blackwell multiplies mxfp4 weights with 8-bit activations (openai/gpt-oss on TensorRT-LLM).
    Dtype.MXFP4: Dtype.FP8,
}
"""Format that activations take beside weights of a format, where the chip multiplies in both."""

CACHE_BYTES = {
    # One scale per tensor or head: no bytes to speak of.
    Dtype.BF16: 2.0,
    Dtype.FP16: 2.0,
    Dtype.FP8: 1.0,
    Dtype.INT8: 1.0,
    # One fp32 scale per 128 elements (deepseek-ai/FlashMLA, fp8 cache of latents).
    Dtype.FP8_BLOCK: 1.0 + 4 / 128,
    # An fp16 scale and zero point per token and head of 128 (LMDeploy's int4 cache).
    Dtype.INT4: 0.5 + 4 / 128,
    Dtype.NVFP4: 0.5 + 1 / 16,
    Dtype.MXFP4: 0.5 + 1 / 32,
}
"""Bytes per cached element, its share of the scales included."""


CacheDtype = Literal[
    Dtype.BF16,
    Dtype.FP16,
    Dtype.FP8,
    Dtype.FP8_BLOCK,
    Dtype.INT8,
    Dtype.INT4,
    Dtype.NVFP4,
    Dtype.MXFP4,
]
"""A format that keys and values are kept in: the keys of ``CACHE_BYTES``."""


def bytes_per_element(dtype: Dtype, group: int | None = None) -> float:
    """Bytes that one stored weight takes, its share of the scales of ``group`` weights included.

    >>> bytes_per_element(Dtype.MXFP4), bytes_per_element(Dtype.INT4, group=32)
    (0.53125, 0.5625)
    """
    stored = FORMATS[dtype]
    return stored.bits / 8 + stored.scale_bytes / (group or stored.group)


def bytes_per_activation(dtype: Dtype) -> float:
    """Bytes that one element of a product's input takes, its share of the scales included.

    >>> bytes_per_activation(Dtype.FP8_BLOCK)
    1.03125
    """
    return bytes_per_element(dtype, FORMATS[dtype].activation_group)


def matrix_unit(weight: Dtype, activation: Dtype) -> str:
    """Name of the matrix unit for a product: the wider operand decides.

    >>> matrix_unit(Dtype.INT4, Dtype.BF16)
    'bf16'
    >>> matrix_unit(Dtype.FP8, Dtype.FP8)
    'fp8'
    """
    wider = weight if FORMATS[weight].bits > FORMATS[activation].bits else activation
    return FORMATS[wider].unit


def is_weight_only(weight: Dtype, activation: Dtype) -> bool:
    """Whether weights are widened to the activations' format before they are multiplied.

    >>> is_weight_only(Dtype.INT4, Dtype.BF16), is_weight_only(Dtype.FP8, Dtype.FP8)
    (True, False)
    """
    return FORMATS[weight].bits < FORMATS[activation].bits
