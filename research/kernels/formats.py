"""Number formats as the tables name them: bytes per element and the matrix unit."""

from dataclasses import dataclass

from llm_simulator.planner.specs.dtypes import (
    FORMATS,
    Dtype,
    bytes_per_activation,
    bytes_per_element,
)


@dataclass(frozen=True)
class KernelFormat:
    """Storage of the operands of a product, and what multiplies them."""

    name: str
    weight_bytes: float
    activation_bytes: float
    unit: str

    @property
    def quantises(self) -> bool:
        """Whether activations are narrowed before the product."""
        return self.activation_bytes < bytes_per_activation(Dtype.BF16)


def _format(name: str, weight: Dtype, activation: Dtype) -> KernelFormat:
    sizes = (bytes_per_element(weight), bytes_per_activation(activation))
    return KernelFormat(name, *sizes, FORMATS[activation].unit)


KERNEL_FORMATS = {
    "bfloat16": _format("bf16", Dtype.BF16, Dtype.BF16),
    "fp8": _format("fp8", Dtype.FP8, Dtype.FP8),
    "fp8_block": _format("fp8_block", Dtype.FP8, Dtype.FP8),
    "nvfp4": _format("nvfp4", Dtype.NVFP4, Dtype.NVFP4),
    "int8_wo": _format("int8_weights", Dtype.INT8, Dtype.BF16),
    "int4_wo": _format("int4_weights", Dtype.INT4, Dtype.BF16),
    "w4a16_mxfp4": _format("mxfp4_weights", Dtype.MXFP4, Dtype.BF16),
    "w4a8_mxfp4_mxfp8": _format("mxfp4_fp8", Dtype.MXFP4, Dtype.FP8),
}
"""By the name in the tables of aiconfigurator-core."""

CACHE_FORMATS = {"bfloat16": ("bf16", 2.0), "fp8": ("fp8", 1.0)}
"""Name and bytes per element of a cache, by its name in the tables."""
