"""Speculative decoding: tokens drafted cheaply, then verified by the model in one step."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from llm_simulator.planner.specs.validation import Fraction, Spec


class Speculation(Spec):
    """How many tokens are drafted per step, how, and how often one is right."""

    draft_tokens: Annotated[int, Field(gt=0, le=64, strict=True)]
    acceptance_rate: float = Field(ge=0, le=1)
    """Share of drafted tokens that are accepted when all before them were."""
    method: Literal["mtp", "draft_model"] = "mtp"
    """``mtp``: the model's own multi-token-prediction layer, once per drafted token."""
    draft_cost: Fraction | None = None
    """Time of a draft model's step over the model's own; needed for ``draft_model`` only."""

    @model_validator(mode="after")
    def _draft_cost_is_given_where_needed(self) -> Self:
        if self.method == "draft_model" and self.draft_cost is None:
            raise ValueError("draft_cost is needed: the draft model's step time over the model's")
        if self.method == "mtp" and self.draft_cost is not None:
            raise ValueError("draft_cost is for method draft_model; an mtp layer is costed itself")
        return self
