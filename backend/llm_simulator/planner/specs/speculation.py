"""Speculative decoding: tokens drafted cheaply, then verified by the model in one step."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.validation import Fraction, Spec


class Speculation(Spec):
    """How many tokens are drafted per step, how, and how often one is right."""

    draft_tokens: Annotated[int, Field(gt=0, le=64, strict=True)]
    acceptance_rate: float = Field(ge=0, le=1)
    """Share of drafted tokens that are accepted when all before them were."""
    method: Literal["mtp", "draft_model"] = "mtp"
    """``mtp``: the model's own multi-token-prediction layer, once per drafted token, or an EAGLE
    head where it has none."""
    draft_model: ModelSpec | None = None
    """What drafts with method ``draft_model``, at the model's own tensor-parallel degree."""
    draft_cost: Fraction | None = None
    """Time of a draft model's step over the model's own, in place of what the operators of
    ``draft_model`` take; without it also its weights and cache over the model's."""

    @model_validator(mode="after")
    def _draft_model_is_given_where_needed(self) -> Self:
        given = [name for name in ("draft_model", "draft_cost") if getattr(self, name) is not None]
        if self.method == "draft_model" and not given:
            raise ValueError(
                "draft_model is needed: a model's name, or draft_cost, its step time over the "
                "model's"
            )
        if self.method == "mtp" and given:
            raise ValueError(f"{given[0]} is for method draft_model; an mtp layer is costed itself")
        return self
