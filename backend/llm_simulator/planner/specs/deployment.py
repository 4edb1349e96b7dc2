"""A deployment: which model runs on which chips, how they are connected, under which load."""

from dataclasses import dataclass, replace

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.dtypes import FORMATS, Dtype, matrix_unit
from llm_simulator.planner.specs.economics import EconomicsSpec
from llm_simulator.planner.specs.expert_load import LARGEST_EXPERT_COUNT
from llm_simulator.planner.specs.media import check_media
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.topology import TopologySpec, missing_links
from llm_simulator.planner.specs.workload import Formats, WorkloadSpec


@dataclass(frozen=True)
class Deployment:
    """The inputs, checked against each other, with every number format decided."""

    model: ModelSpec
    chip: ChipSpec
    topology: TopologySpec
    workload: WorkloadSpec
    formats: Formats
    calibration: Calibration
    economics: EconomicsSpec | None = None
    """None where nobody asks for costs or energy."""

    def at_concurrency(self, batch_size: int) -> "Deployment":
        """The same with so many requests in flight."""
        workload = self.workload.model_copy(update={"batch_size": batch_size})
        return replace(self, workload=workload)


def deployment(
    *,
    model: ModelSpec,
    chip: ChipSpec,
    topology: TopologySpec,
    workload: WorkloadSpec,
    calibration: Calibration,
    economics: EconomicsSpec | None = None,
) -> Deployment:
    """The Deployment of its inputs; raises InvalidInput where they don't fit together."""
    topology = _with_chip_link(topology, chip)
    missing = missing_links(topology)
    if missing:
        raise InvalidInput.at(
            f"topology.interconnect.links.{missing[0]}",
            "is needed: the topology has more than one member on this tier; give "
            "bandwidth_gbps (gigabytes per second) and latency_us"
            + (", or give the chip its chip_to_chip link" if missing[0] == "c2c" else ""),
        )
    _check_expert_load(model, workload)
    check_media(model, workload)
    formats = decided_formats(model, chip, workload)
    decided = workload.model_copy(
        update={
            "weight_dtype": formats.weight,
            "expert_weight_dtype": formats.expert_weight,
            "activation_dtype": formats.activation,
            "kv_cache_dtype": formats.kv_cache,
        }
    )
    return Deployment(model, chip, topology, decided, formats, calibration, economics)


def _check_expert_load(model: ModelSpec, workload: WorkloadSpec) -> None:
    load, experts = workload.expert_load, model.num_experts
    if workload.redundant_experts and not experts:
        raise InvalidInput.at("inference.redundant_experts", "the model has no experts to copy")
    is_skewed = load != "uniform" or workload.redundant_experts > 0
    if is_skewed and experts > LARGEST_EXPERT_COUNT:
        raise InvalidInput.at(
            "inference.expert_load",
            f"{experts} experts are too many to tell apart; leave it at uniform",
        )
    if load != "uniform" and load.histogram is not None and len(load.histogram) != experts:
        raise InvalidInput.at(
            "inference.expert_load.histogram",
            f"has {len(load.histogram)} figures, the model {experts} experts",
        )


def _with_chip_link(topology: TopologySpec, chip: ChipSpec) -> TopologySpec:
    """The topology, its boards wired by the chip's own link where it names none."""
    if "c2c" in topology.links or chip.chip_to_chip is None:
        return topology
    return topology.model_copy(update={"links": {"c2c": chip.chip_to_chip} | topology.links})


def decided_formats(model: ModelSpec, chip: ChipSpec, workload: WorkloadSpec) -> Formats:
    """The number formats in force; raises InvalidInput for a format the chip can't compute in."""
    weight = workload.weight_dtype or model.weight_dtype
    expert = workload.expert_weight_dtype or workload.weight_dtype or model.expert_weight_dtype
    expert = expert or weight
    activation = workload.activation_dtype or _native_activation(weight, chip)
    unit = FORMATS[activation].unit
    if unit not in chip.peak_flops:
        raise InvalidInput.at(
            "inference.activation_dtype",
            f"{activation} needs a matrix unit that {chip.name} does not have; it has "
            f"{', '.join(chip.peak_flops)}. bf16 always works.",
        )
    published = model.expert_weight_dtype or model.weight_dtype
    return Formats(
        weight=weight,
        expert_weight=expert,
        activation=activation,
        expert_activation=workload.activation_dtype or _native_activation(expert, chip),
        kv_cache=workload.kv_cache_dtype or Dtype.BF16,
        weight_group=model.weight_group_size if weight == model.weight_dtype else None,
        expert_weight_group=model.weight_group_size if expert == published else None,
    )


_NATIVE_ACTIVATIONS = {
    Dtype.FP8: Dtype.FP8,
    Dtype.FP8_BLOCK: Dtype.FP8_BLOCK,
    Dtype.INT8: Dtype.INT8,
    Dtype.NVFP4: Dtype.NVFP4,
    # Blackwell multiplies mxfp4 weights with 8-bit activations (openai/gpt-oss on TensorRT-LLM).
    Dtype.MXFP4: Dtype.FP8,
}
"""Format that activations take beside weights of a format, where the chip multiplies in both."""


def _native_activation(weight: Dtype, chip: ChipSpec) -> Dtype:
    """The activations that go with the weights on this chip; bf16 where it can't multiply them."""
    activation = _NATIVE_ACTIVATIONS.get(weight, Dtype.BF16)
    units = {FORMATS[weight].unit, FORMATS[activation].unit}
    return activation if units <= set(chip.peak_flops) else Dtype.BF16


def peak_flops(chip: ChipSpec, weight: Dtype, activation: Dtype) -> float:
    """FLOP/s of the matrix unit that multiplies these operands."""
    return chip.peak_flops[matrix_unit(weight, activation)]
