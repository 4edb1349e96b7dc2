"""How sure the choice of the first plan is: its robust alternative, and which runs settle it."""

from pydantic import Field

from llm_simulator.planner.results.plan import Parallelism, Plan
from llm_simulator.planner.results.record import Record


class RunColumns(Record):
    """A run as ``tier6 calibrate --measurements`` reads it, its latencies left to be measured."""

    model: str
    chip: str
    framework: str | None
    framework_version: str | None
    precision: str
    input_tokens: int
    output_tokens: int
    concurrency: int
    tp: int
    pp: int
    attention_dp: int
    moe_tp: int
    ep: int
    kv_cache_dtype: str | None
    """As the request states it."""


class SettlingRun(Record):
    """A run worth measuring: one engine of a shown plan, with what it is predicted to show (ms)."""

    rank: int
    """Of the first shown plan that consists of it."""
    parallelism: Parallelism
    """Of one engine: replicas need not be measured."""
    chips: int
    ttft: float
    ttft_low: float
    ttft_high: float
    tpot: float
    tpot_low: float
    tpot_high: float
    regret: float
    """What is lost in the mean once this run and those before it are measured, as ``Decision``."""
    columns: RunColumns


class Decision(Record):
    """How sure the choice is. A plan that breaks a limit counts as worth nothing."""

    first_is_robust: bool | None
    """Whether the first plan is also the one that a cautious search shows first; None where none
    is searched, as single requests decide (``limit_percentile``)."""
    robust: Plan | None
    """What a cautious search shows first, where that is another and where there is one: it may be
    a shown plan at another concurrency; one that is not shown has the rank after the last."""
    regret: float
    """Share of the objective that is lost in the mean by taking the first plan as it is, against
    knowing which of the shown plans is best."""
    runs: list[SettlingRun] = Field(default_factory=list)
    """At most three, the most telling first; none where no run would change much."""
