"""What a search may try and what it should find."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from llm_simulator.specs.validation import Milliseconds, PositiveInt, Spec


class Objective(StrEnum):
    """What makes one plan better than another; the score formula is in ``search.ranking``."""

    THROUGHPUT_PER_CHIP = "throughput_per_chip"
    THROUGHPUT = "throughput"
    TTFT = "ttft"
    TPOT = "tpot"


class ServingMode(StrEnum):
    """Whether prefill and decode share the chips, have pools of their own, or both are tried."""

    AGGREGATED = "aggregated"
    DISAGGREGATED = "disaggregated"
    BOTH = "both"


Degrees = Annotated[tuple[PositiveInt, ...], Field(min_length=1)]


class AllowedDegrees(Spec):
    """Degrees a search may use; a dimension left out may take every legal value."""

    dp: Degrees | None = None
    tp: Degrees | None = None
    pp: Degrees | None = None
    ep: Degrees | None = None
    sp: Degrees | None = None
    moe_tp: Degrees | None = None


class SearchConstraints(Spec):
    """Bounds of a search."""

    max_chips: PositiveInt | None = None
    allowed: AllowedDegrees = AllowedDegrees()
    max_ttft_ms: Milliseconds | None = None
    max_tpot_ms: Milliseconds | None = None
    objective: Objective = Objective.THROUGHPUT_PER_CHIP
    serving: ServingMode = ServingMode.AGGREGATED
    top_k: int = Field(20, ge=1, le=1000, strict=True)


class ManualParallelism(Spec):
    """One plan, given by hand. ``ep`` and ``moe_tp`` may be left out for a dense model."""

    dp: PositiveInt = 1
    tp: PositiveInt = 1
    pp: PositiveInt = 1
    ep: PositiveInt = 1
    sp: PositiveInt = 1
    moe_tp: PositiveInt = 1
