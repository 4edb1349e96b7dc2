"""Presets as the API shows them. Base units: FLOP/s, bytes, bytes/s, watts."""

from typing import Any, Literal

from llm_simulator.planner.specs.calibration import Provenance
from llm_simulator.planner.specs.chip import PriceKind
from llm_simulator.schemas.record import Record


class PresetHead(Record):
    """What every preset has."""

    name: str
    title: str
    aliases: list[str]
    source: str
    entered: str


class ModelSummary(PresetHead):
    """A neural network in a list."""

    parameters: float
    active_parameters: float
    num_hidden_layers: int
    hidden_size: int
    attention: str
    num_experts: int
    weight_dtype: str
    expert_weight_dtype: str | None
    max_position_embeddings: int | None
    encoders: list[Literal["vision", "audio"]]
    """What it takes in beside text."""


class LinkSummary(Record):
    """A link of one tier, one direction."""

    bandwidth: float
    latency: float


class ChipSummary(PresetHead):
    """An accelerator in a list."""

    peak_flops: dict[str, float]
    memory_capacity: float
    memory_bandwidth: float
    tdp: float | None
    price_usd_per_hour: float | None
    price_source: str | None
    price_kind: PriceKind | None
    compute_units: int | None
    on_chip_memory: float | None
    chip_to_chip: LinkSummary | None
    """What joins the chips of a board where the topology has no link of its own there."""


class TopologySummary(PresetHead):
    """A cluster in a list."""

    chips: int
    pods: int
    racks_per_pod: int
    boards_per_rack: int
    chips_per_board: int
    links: dict[str, LinkSummary]
    """Of each tier by its name (c2c, b2b, r2r, p2p); a tier that the chip wires itself has none."""


class WorkloadSummary(PresetHead):
    """A load in a list."""

    batch_size: int
    input_seq_length: int
    output_seq_length: int


class ModelList(Record):
    """All models."""

    models: list[ModelSummary]


class ChipList(Record):
    """All chips."""

    chips: list[ChipSummary]


class TopologyList(Record):
    """All topologies."""

    topologies: list[TopologySummary]


class WorkloadList(Record):
    """All loads."""

    workloads: list[WorkloadSummary]


class CalibrationErrors(Record):
    """How far held-out runs of one subject were off; a key that is null stands for every value.
    Intervals are measured over predicted (80 %), errors are mean and median of |error|."""

    engine: str | None
    chip: str | None
    model: str | None
    provenance: Provenance
    runs: int
    tpot_interval: tuple[float, float]
    ttft_interval: tuple[float, float]
    tpot_error: tuple[float, float]
    ttft_error: tuple[float, float]


class CalibrationSummary(Record):
    """One fitted calibration with the errors it was measured to make."""

    title: str
    source: str
    entered: str
    errors: list[CalibrationErrors]


class CalibrationList(Record):
    """All calibrations."""

    calibrations: list[CalibrationSummary]


class Support(Record):
    """What predictions of one model on one chip and engine rest on; null stands for any that was
    not measured. Errors are medians of |predicted - measured| / measured on held-out runs."""

    engine: str | None
    chip: str | None
    model: str | None
    provenance: Provenance
    runs: int
    tpot_error: float
    ttft_error: float
    errors_of_model: bool
    """False where the errors are those of all models on the chip and engine."""


class SupportMatrix(Record):
    """Every measured engine, chip and model, any other, and no engine named."""

    cells: list[Support]


class Preset(PresetHead):
    """A whole entry: every field of its specification."""

    spec: dict[str, Any]
