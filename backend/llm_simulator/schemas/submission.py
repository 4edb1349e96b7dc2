"""The body of POST /api/evaluation/submit."""

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    create_model,
)

from llm_simulator.planner.specs.economics import EconomicsSpec, Power, Share, Usd
from llm_simulator.planner.specs.validation import Duration, Fraction, PositiveInt
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.schemas.record import Record
from llm_simulator.schemas.states import SearchMode

# Control characters have no place in a name, and PostgreSQL can't store NUL.
ExperimentName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
Description = Annotated[str, StringConstraints(max_length=10_000, pattern=r"^[^\x00]*$")]
PresetOrObject = str | dict[str, Any]
Priority = Annotated[int, Field(ge=-100, le=100, strict=True)]


# What a load leaves out of these follows the catalogue's assumptions.
Inference = create_model(
    "Inference",
    __base__=WorkloadSpec,
    __doc__="A closed loop of requests; formats left out follow the model and the chip.",
    batch_size=(PositiveInt | None, None),
    max_batched_tokens=(PositiveInt | None, None),
    step_overhead=(Duration | None, None),
    prefill_utilization=(Fraction | None, None),
    decode_utilization=(Fraction | None, None),
    overlap_kv_transfer=(bool | None, None),
    pool_handover=(Duration | None, None),
)


Prices = create_model(
    "Prices",
    __base__=EconomicsSpec,
    __doc__="What running costs and draws; figures left out follow the catalogue's assumptions.",
    source=(str | None, Field(default=None, description="Where the figures given here come from.")),
    server_overhead=(Share | None, None),
    years=(float | None, Field(default=None, gt=0, le=100)),
    electricity_usd_per_kwh=(Usd | None, None),
    pue=(float | None, Field(default=None, ge=1, le=10)),
    hourly_overhead=(Usd | None, None),
    host_power=(Power | None, None),
    idle_power_share=(float | None, Field(default=None, ge=0, le=1)),
    compute_power_share=(Share | None, None),
    memory_power=(Power | None, None),
)


def _described_by(schema: str) -> WithJsonSchema:
    """Documents a part by a schema of its own; the performance model checks what is in it."""
    return WithJsonSchema({"$ref": f"#/components/schemas/{schema}"})


Load = Annotated[dict[str, Any], _described_by("Inference")]
Degrees = Annotated[dict[str, Any], _described_by("ManualParallelism")]
PoolsGiven = Annotated[dict[str, Any], _described_by("ManualPools")]
Constraints = Annotated[dict[str, Any], _described_by("SearchConstraints")]
PricesGiven = Annotated[dict[str, Any], _described_by("Prices")]
PlanToExplain = Annotated[dict[str, Any], _described_by("PlanGiven")]
SweepAxis = Annotated[dict[str, Any], _described_by("SweepAxisGiven")]

SweepGiven = Annotated[
    list[str | SweepAxis] | None,
    Field(
        max_length=2,
        description="One or two fields and their values, each an object or a text such as "
        "'chip.memory_bandwidth=2..8 TB/s step 0.5': every point is evaluated.",
    ),
]

CandidatesBody = Annotated[dict[str, Any], _described_by("CandidatesGiven")]

Candidates = Annotated[
    CandidatesBody | None,
    Field(
        description="Hypothetical chips, a list or a grid of figures moved from `hardware`: the "
        "best plan of each is found, and what it takes for one to win.",
    ),
]


class EvaluationBody(BaseModel):
    """One evaluation: the model, the chips, their topology, the load, and what to search."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topology: PresetOrObject = Field(description="A preset's name or a topology written out.")
    model: PresetOrObject = Field(
        description="A preset's name, our fields, or a Hugging Face config.json as it is."
    )
    hardware: PresetOrObject | None = Field(
        default=None,
        description="A chip's name or one written out; default: the topology's chip.",
    )
    decode_hardware: PresetOrObject | None = Field(
        default=None,
        description="The chip of decode pools, where it is another than that of prefill.",
    )
    inference: str | Load = Field(description="A workload's name or a load written out.")
    calibration: dict[str, Any] | None = Field(
        default=None,
        description="A calibration of your own, as `tier6 calibrate` writes it (as JSON); default: "
        "the catalogue's, by model, chip and inference.engine.",
    )
    economics: PricesGiven | None = Field(
        default=None,
        description="What chips and power cost; default: the chip's price and assumptions.",
    )
    decode_calibration: dict[str, Any] | None = Field(
        default=None,
        description="The same for the chip of decode pools.",
    )
    search_mode: SearchMode = SearchMode.AUTO
    manual_parallelism: Degrees | None = Field(
        default=None,
        description="The one plan of a manual evaluation.",
    )
    manual_pools: PoolsGiven | None = Field(
        default=None,
        description="The one disaggregated deployment of a manual evaluation: each pool's "
        "instances, plan and largest batch; in place of manual_parallelism.",
    )
    search_constraints: Constraints | None = None
    priority: Priority = Field(default=0, description="Higher runs first; equal ones share.")

    def evaluation(self) -> dict[str, Any]:
        """What concerns the performance model, with absent parts left out."""
        return self.model_dump(
            exclude={"experiment_name", "name", "description", "priority"},
            exclude_none=True,
            mode="json",
        )


class PreviewRequest(EvaluationBody):
    """One small evaluation, answered at once and not stored."""

    sensitivity: bool = Field(
        default=False, description="Whether the best plan comes with what its figures depend on."
    )


class ExplainRequest(EvaluationBody):
    """One plan to explain under the load of an evaluation."""

    plan: PlanToExplain | None = Field(
        default=None,
        description="Its degrees or pools, as they are or as a result shows them; default: the "
        "plan of a manual evaluation.",
    )


class CountRequest(EvaluationBody):
    """One evaluation, a sweep of many or hypothetical chips, to be counted."""

    sweep: SweepGiven = None
    candidates: Candidates = None


class SubmitRequest(EvaluationBody):
    """One evaluation, a sweep of many or hypothetical chips, as a task of an experiment."""

    experiment_name: ExperimentName
    description: Description | None = None
    sweep: SweepGiven = None
    candidates: Candidates = None


class Submitted(Record):
    """The new task's id."""

    task_id: str
    message: str


class ActionResult(Record):
    """That a cancel or delete was done."""

    success: bool
    message: str
