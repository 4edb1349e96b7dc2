"""Hypothetical chips as they are asked for."""

from typing import Any

from pydantic import BaseModel, ConfigDict

Values = list[float | str] | str | float | dict[str, Any]
"""Factors over the base chip's figure or amounts with a unit: a list, a text such as
``1..4 step 0.5``, or a range as in a sweep."""


class GridOfFigures(BaseModel):
    """The values that each figure takes; every combination is a candidate. What is left out stays
    as it is."""

    model_config = ConfigDict(extra="forbid")

    memory_bandwidth: Values | None = None
    peak_flops: Values | None = None
    """An amount is bf16's; all matrix units move with it."""
    link_bandwidth: Values | None = None
    """Of the boards' link, and of tiers that are one network with it."""
    memory_capacity: Values | None = None
    price: Values | None = None
    """USD per chip-hour before overheads: a factor, or "3.5 USD/h"."""


class CandidateGiven(BaseModel):
    """One hypothetical chip: factors over the base chip, or amounts with a unit."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    memory_bandwidth: float | str | None = None
    peak_flops: float | str | None = None
    link_bandwidth: float | str | None = None
    memory_capacity: float | str | None = None
    price: float | str | None = None


class PriceShares(BaseModel):
    """Shares of the price that grow with a figure; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    memory_bandwidth: float | None = None
    peak_flops: float | None = None
    link_bandwidth: float | None = None
    memory_capacity: float | None = None


Listed = list[CandidateGiven]


class CandidatesGiven(BaseModel):
    """Hypothetical chips: either a grid or a list."""

    model_config = ConfigDict(extra="forbid")

    grid: GridOfFigures | None = None
    list: Listed | None = None
    price_shares: PriceShares | None = None
