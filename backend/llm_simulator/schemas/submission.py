"""The body of POST /api/evaluation/submit."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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


class SubmitRequest(BaseModel):
    """One evaluation: the model, the chips, their topology, the load, and what to search."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    experiment_name: ExperimentName
    description: Description | None = None
    topology: PresetOrObject = Field(description="A preset's name or a topology written out.")
    model: PresetOrObject = Field(
        description="A preset's name, our fields, or a Hugging Face config.json as it is."
    )
    hardware: PresetOrObject | None = Field(
        None, description="A chip's name or one written out; default: the topology's chip."
    )
    inference: PresetOrObject = Field(
        description="A workload's name, or batch_size (concurrent requests), input_seq_length, "
        "output_seq_length, weight_dtype, activation_dtype, kv_cache_dtype, max_ttft_ms, "
        "max_tpot_ms."
    )
    search_mode: SearchMode = SearchMode.AUTO
    manual_parallelism: dict[str, Any] | None = Field(
        None, description="dp, tp, pp, ep, sp, moe_tp of the one plan of a manual evaluation."
    )
    search_constraints: dict[str, Any] | None = Field(
        None, description="max_chips, max_ttft_ms, max_tpot_ms, objective, top_k, allowed."
    )

    def evaluation(self) -> dict[str, Any]:
        """What concerns the performance model, with absent parts left out."""
        return self.model_dump(
            exclude={"experiment_name", "description"}, exclude_none=True, mode="json"
        )


class Submitted(Record):
    """The new task's id."""

    task_id: str
    message: str


class ActionResult(Record):
    """That a cancel or delete was done."""

    success: bool
    message: str
