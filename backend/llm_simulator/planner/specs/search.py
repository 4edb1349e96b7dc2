"""What a search may try and what it should find."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, field_validator

from llm_simulator.planner.specs.validation import Milliseconds, PositiveFloat, PositiveInt, Spec

LADDER = tuple(sorted({2**n for n in range(13)} | {3 * 2**n for n in range(11)}))
"""Concurrencies that a deployment is tried at where none is given: 1 to 4,096, each a third or a
half above the last."""
REPLICA_LADDER = tuple(sorted({*LADDER, *(n * 2**m for n in (5, 7) for m in range(10))}))
"""The same of each replica: from 4 on each is a seventh to a quarter above the last.

What a limit leaves between two steps is lost: on ``LADDER`` up to 16 % of the throughput.
"""
CHIPS_OF_A_LADDER = 8
"""Chips for which one ladder is enough: a server."""


def ladder_of(chips: int) -> tuple[int, ...]:
    """The ladder of deployments on so many ``chips``: 4,096 requests for every eight of them.

    >>> ladder_of(8) == LADDER, ladder_of(64)[-3:]
    (True, (16384, 24576, 32768))
    """
    most = LADDER[-1] * max(chips // CHIPS_OF_A_LADDER, 1)
    octaves = most.bit_length()
    longer = {2**n for n in range(octaves)} | {3 * 2**n for n in range(octaves - 2)}
    return tuple(sorted(longer))


class Objective(StrEnum):
    """What makes one plan better than another; the score formula is in ``search.ranking``."""

    THROUGHPUT_PER_CHIP = "throughput_per_chip"
    THROUGHPUT = "throughput"
    GOODPUT = "goodput"
    TTFT = "ttft"
    TPOT = "tpot"
    CHIPS = "chips"
    COST = "cost"
    ENERGY = "energy"


class Risk(StrEnum):
    """What plans are ranked by and held to: expected figures, or those that hold with 80 %."""

    MEAN = "mean"
    CAUTIOUS = "cautious"


class ServingMode(StrEnum):
    """Whether prefill and decode share the chips, have pools of their own, or both are tried."""

    AGGREGATED = "aggregated"
    DISAGGREGATED = "disaggregated"
    BOTH = "both"


Percentile = Literal["p50", "p90", "p99"]
Degrees = Annotated[tuple[PositiveInt, ...], Field(min_length=1)]


Concurrencies = Annotated[
    tuple[Annotated[PositiveInt, Field(le=1_000_000)], ...], Field(min_length=1, max_length=100)
]


class AllowedDegrees(Spec):
    """Degrees a search may use; a dimension left out may take every legal value."""

    dp: Degrees | None = None
    tp: Degrees | None = None
    pp: Degrees | None = None
    ep: Degrees | None = None
    sp: Degrees | None = None
    moe_tp: Degrees | None = None
    dcp: Degrees | None = None
    """Left out, 1, or every legal value where the named engine has it."""


class SearchConstraints(Spec):
    """Bounds of a search."""

    max_chips: PositiveInt | None = None
    allowed: AllowedDegrees = AllowedDegrees()
    unsupported_plans: bool = False
    """Whether plans that no known engine starts are tried too, where no engine is named."""
    max_ttft_ms: Milliseconds | None = None
    max_tpot_ms: Milliseconds | None = None
    max_e2e_latency_ms: Milliseconds | None = None
    """From a request's arrival to its last token."""
    limit_percentile: Percentile | None = None
    """Percentile of single requests that has to keep the latency limits; left out, the mean."""
    min_request_rate: PositiveFloat | None = None
    """Requests per second that the deployment has to serve."""
    objective: Objective = Objective.THROUGHPUT
    risk: Risk = Risk.MEAN
    """``cautious`` ranks by the 20 % quantile of the objective and wants limits kept with 80 %."""
    pareto: Annotated[tuple[Objective, ...], Field(min_length=2, max_length=4)] | None = None
    """Objectives of which no shown trade-off is beaten in all."""
    serving: ServingMode = ServingMode.AGGREGATED
    batch_sizes: Concurrencies | Literal["ladder"] | None = None
    """Concurrencies to try each plan at, over all its replicas, or the ladder at each of them;
    left out, the load's ``batch_size``."""
    top_k: int = Field(20, ge=1, le=1000, strict=True)
    fold: bool = True
    """Whether of plans that differ in the number of replicas alone the best stands for all; with
    ``limit_percentile`` each stands for itself."""

    @field_validator("batch_sizes")
    @classmethod
    def _in_order(
        cls, sizes: tuple[int, ...] | Literal["ladder"] | None
    ) -> tuple[int, ...] | Literal["ladder"] | None:
        return tuple(sorted(set(sizes))) if isinstance(sizes, tuple) else sizes

    @field_validator("pareto")
    @classmethod
    def _all_different(
        cls, objectives: tuple[Objective, ...] | None
    ) -> tuple[Objective, ...] | None:
        if objectives is not None and len(set(objectives)) < len(objectives):
            raise ValueError("names an objective twice")
        return objectives


def largest_concurrency(constraints: SearchConstraints) -> int | None:
    """The most requests in flight that a search tries; None where the load says it."""
    sizes = constraints.batch_sizes
    if sizes is None:
        return None
    return max(LADDER if isinstance(sizes, str) else sizes)


class ManualParallelism(Spec):
    """One plan, given by hand. ``ep`` and ``moe_tp`` may be left out for a dense model."""

    dp: PositiveInt = 1
    tp: PositiveInt = 1
    pp: PositiveInt = 1
    ep: PositiveInt = 1
    sp: PositiveInt = 1
    moe_tp: PositiveInt = 1
    dcp: PositiveInt = 1
