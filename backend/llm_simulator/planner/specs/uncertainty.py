"""How alike the errors of two predictions of one case are: data, out of held-out runs."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from llm_simulator.planner.specs.validation import Spec

Share = Annotated[float, Field(ge=0, le=1)]


class Shares(Spec):
    """How the variance of a figure's log error divides; what is left is a run's own."""

    case: Share = 0.0
    """The same for every plan and load of a model on a chip and engine."""
    shape: Share = 0.0
    """The same for every load of a plan, and alike for plans of similar degrees."""
    load: Share = 0.0
    """The same for every plan at a load, and alike at similar loads."""
    both: Share = 0.0
    """Of a plan at a load: alike where degrees and load are similar."""

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if self.case + self.shape + self.load + self.both > 1 + 1e-9:
            raise ValueError("the shares of a variance add up to at most 1")
        return self


class Correlation(Spec):
    """How the errors of plans of one case go together; those of TTFT and TPOT hardly do.

    Left out, every error is its own.
    """

    tpot: Shares = Shares()
    ttft: Shares = Shares()
