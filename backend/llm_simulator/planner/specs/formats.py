"""Number formats in force: what each module's weights are stored in and multiplied with."""

from collections.abc import Mapping
from dataclasses import dataclass

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.dtypes import (
    CACHE_BYTES,
    FORMATS,
    NATIVE_ACTIVATIONS,
    CacheDtype,
    Dtype,
    bytes_per_activation,
    is_weight_only,
    matrix_unit,
)
from llm_simulator.planner.specs.model import ModelSpec, sparse_attention
from llm_simulator.planner.specs.modules import Module, WeightFormat
from llm_simulator.planner.specs.workload import WorkloadSpec


@dataclass(frozen=True)
class ModuleFormat:
    """How the operands of a module's products are stored, and what multiplies them."""

    weight: Dtype
    activation: Dtype
    weight_bytes: float
    """Bytes of one weight, its share of the scales included."""
    widens_weights: bool = False
    """Whether weights are converted to the activations' format on the way to the matrix unit."""

    @property
    def activation_bytes(self) -> float:
        """Bytes of one element of a product's input, its share of the scales included."""
        return bytes_per_activation(self.activation)

    @property
    def unit(self) -> str:
        """Name of the matrix unit."""
        return matrix_unit(self.weight, self.activation)


UNQUANTISED = ModuleFormat(Dtype.BF16, Dtype.BF16, 2.0)
"""Routers, attention cores, the embedding and whatever else no checkpoint quantises."""


@dataclass(frozen=True)
class Formats:
    """The formats of every module and of the cache."""

    modules: Mapping[Module, ModuleFormat]
    kv_cache: Dtype

    def of(self, module: Module) -> ModuleFormat:
        """The format of a module; unquantised for one the model doesn't have."""
        return self.modules.get(module, UNQUANTISED)

    @property
    def bulk(self) -> ModuleFormat:
        """The format that a deployment is known by: the experts' where there are any."""
        names = (Module.ROUTED_EXPERTS, Module.DENSE_MLP, Module.ATTENTION, Module.LINEAR_ATTENTION)
        return next((self.modules[name] for name in names if name in self.modules), UNQUANTISED)

    @property
    def cache_bytes(self) -> float:
        """Bytes of one cached element, scales included."""
        return CACHE_BYTES[self.kv_cache]


KEPT_IN_BF16: Mapping[Dtype, frozenset[Module]] = {
    Dtype.NVFP4: frozenset({Module.ATTENTION, Module.LINEAR_ATTENTION}),
    Dtype.MXFP4: frozenset(Module) - {Module.ROUTED_EXPERTS},
}
"""What published mixtures of a format leave in bf16 (nvidia/DeepSeek-R1-FP4, openai/gpt-oss)."""


def weight_format(model: ModelSpec, module: Module, workload: WorkloadSpec) -> WeightFormat:
    """How a module's weights are stored: as published, or as ``workload`` takes them instead."""
    apart = {
        Module.ATTENTION: workload.attention_weight_dtype,
        Module.LINEAR_ATTENTION: workload.attention_weight_dtype,
        Module.ROUTED_EXPERTS: workload.expert_weight_dtype,
    }
    published = model.published_format(module)
    if (given := apart.get(module)) is not None:
        return published if given is published.dtype else WeightFormat(dtype=given)
    wanted = workload.weight_dtype
    if wanted is None or module is Module.HEAD or wanted is published.dtype:
        return published
    if model.num_experts and module in KEPT_IN_BF16.get(wanted, ()):
        return WeightFormat(dtype=Dtype.BF16)
    return WeightFormat(dtype=wanted)


def decided_formats(model: ModelSpec, chip: ChipSpec, workload: WorkloadSpec) -> Formats:
    """The number formats in force; raises InvalidInput for a format the chip can't compute in."""
    wanted = workload.activation_dtype
    if wanted is not None and FORMATS[wanted].unit not in chip.peak_flops:
        raise InvalidInput.at(
            "inference.activation_dtype",
            f"{wanted} needs a matrix unit that {chip.name} does not have; it has "
            f"{', '.join(chip.peak_flops)}. bf16 always works.",
        )
    modules = {
        module: _module_format(weight_format(model, module, workload), chip, wanted)
        for module in model.modules
    }
    cache = workload.kv_cache_dtype or model.kv_cache_dtype
    return Formats(modules, cache or _engine_cache(model, chip, workload))


def _engine_cache(model: ModelSpec, chip: ChipSpec, workload: WorkloadSpec) -> CacheDtype:
    """What an engine's ``auto`` is: bf16, but fp8 in SGLang for sparse attention on Blackwell.

    SGLang 0.5.10, server_args.py; 788 bytes per token and layer on B200 (sglang#11309).
    """
    is_sparse = model.attention != "gqa" and sparse_attention(model) is not None
    if is_sparse and workload.engine == "sglang" and "fp4" in chip.peak_flops:
        return Dtype.FP8
    return Dtype.BF16


def _module_format(stored: WeightFormat, chip: ChipSpec, wanted: Dtype | None) -> ModuleFormat:
    weight = stored.dtype
    activation = wanted or _published_activation(stored, chip)
    # A chip with fp4 units takes fp4 beside wider floats (NVIDIA PTX ISA, tcgen05 f8f6f4).
    widened_by_hardware = FORMATS[weight].unit == "fp4" and "fp4" in chip.peak_flops
    return ModuleFormat(
        weight=weight,
        activation=activation,
        weight_bytes=stored.weight_bytes,
        widens_weights=is_weight_only(weight, activation) and not widened_by_hardware,
    )


def _published_activation(stored: WeightFormat, chip: ChipSpec) -> Dtype:
    """The activations that go with the weights on this chip; bf16 where it can't multiply them."""
    if stored.activation_dtype is not None:
        has_unit = FORMATS[stored.activation_dtype].unit in chip.peak_flops
        return stored.activation_dtype if has_unit else Dtype.BF16
    activation = NATIVE_ACTIVATIONS.get(stored.dtype, Dtype.BF16)
    units = {FORMATS[stored.dtype].unit, FORMATS[activation].unit}
    return activation if units <= set(chip.peak_flops) else Dtype.BF16
