"""A deployment: which model runs on which chips, how they are connected, under which load."""

from dataclasses import dataclass, replace

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.drafting import check_draft_model, draft_formats
from llm_simulator.planner.specs.economics import EconomicsSpec
from llm_simulator.planner.specs.expert_load import LARGEST_EXPERT_COUNT
from llm_simulator.planner.specs.formats import Formats, decided_formats
from llm_simulator.planner.specs.media import check_media
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.topology import TopologySpec, missing_links
from llm_simulator.planner.specs.workload import WorkloadSpec


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
    draft_formats: Formats | None = None
    """Formats of the network that drafts tokens; None where none is known."""
    has_columns: bool = False
    """Whether figures of the hardware are columns, one row beside each plan of a table: then rows
    with the same degrees are not alike."""

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
    check_draft_model(model, workload)
    formats = decided_formats(model, chip, workload)
    drafting = draft_formats(model, chip, workload, formats)
    return Deployment(model, chip, topology, workload, formats, calibration, economics, drafting)


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
