"""How evenly the routed experts are visited: what a model's router does with real requests."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from llm_simulator.planner.specs.validation import Spec

LARGEST_EXPERT_COUNT = 65_536
"""Experts up to which a load per expert is told apart."""
Share = Annotated[float, Field(ge=0, le=1e24)]


class SkewedLoad(Spec):
    """Visits per expert: as Zipf's law, or as measured; one of the two."""

    power_law: float | None = Field(None, ge=0, le=10)
    """Exponent z: the expert of popularity rank i gets visits in proportion to 1/i**z."""
    histogram: tuple[Share, ...] | None = Field(None, max_length=LARGEST_EXPERT_COUNT)
    """Visits of every expert in any unit, in any order."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.power_law is None) == (self.histogram is None):
            raise ValueError("give either power_law or histogram")
        if self.histogram is not None and not sum(self.histogram) > 0:
            raise ValueError("histogram needs at least one visit")
        return self


ExpertLoad = Literal["uniform"] | SkewedLoad
"""``uniform``: every expert is as likely as any other."""
