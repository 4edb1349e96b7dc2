"""The table of a sweep: the best plan of every point, ready for a chart or a heat map."""

from typing import TypedDict


class SweepAxis(TypedDict):
    """One swept field; ``values`` are numbers in ``unit`` where they are amounts, else labels."""

    field: str
    values: list[float | str]
    labels: list[str]
    unit: str | None


class SweepPoint(TypedDict):
    """The best plan of one point; where none is feasible, the one nearest to it and the reason."""

    index: list[int]
    """Place along each axis."""
    feasible: bool
    reason: str | None
    reason_code: str | None
    overshoot: float | None
    """Needed over available of the limit missed most, above 1; None for a feasible point."""
    plans: int
    """Plans that were tried here."""
    feasible_plans: int
    parallelism: dict[str, int]
    attention_dp: int
    replicas: int
    chips: int
    batch_size: int
    serving: str
    throughput: float
    tps_per_chip: float
    ttft: float
    tpot: float
    mfu: float
    mbu: float
    score: float | None
    memory_gb: float
    ttft_low: float
    ttft_high: float
    tpot_low: float
    tpot_high: float
    throughput_low: float
    throughput_high: float
    provenance: str
    usd_per_hour: float | None
    usd_per_million_output_tokens: float | None
    joules_per_token: float | None


class SweepTable(TypedDict):
    """All points of a sweep, the last axis running fastest; ``best`` is an index."""

    axes: list[SweepAxis]
    points: list[SweepPoint]
    best: list[int]
