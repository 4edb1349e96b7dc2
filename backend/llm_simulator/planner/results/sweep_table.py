"""The table of a sweep: the best plan of every point, ready for a chart or a heat map."""

from llm_simulator.planner.results.plan import Parallelism, Serving
from llm_simulator.planner.results.record import Record
from llm_simulator.planner.specs.calibration import Engine, Provenance


class SweepAxis(Record):
    """One swept field; ``values`` are numbers in ``unit`` where they are amounts, else labels."""

    field: str
    values: list[float | str]
    labels: list[str]
    unit: str | None


class SweepPoint(Record):
    """The best plan of one point; where none is feasible, the one nearest to it and the reason.

    ``index`` is its place along each axis; ``overshoot`` is needed over available of the limit
    that an infeasible point misses most. Times in ms, throughput in tokens/s.
    """

    index: list[int]
    feasible: bool
    reason: str | None
    reason_code: str | None
    overshoot: float | None
    plans: int
    """Plans that were tried here."""
    feasible_plans: int
    parallelism: Parallelism
    attention_dp: int
    replicas: int
    chips: int
    batch_size: int
    serving: Serving
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
    provenance: Provenance
    usd_per_hour: float | None
    usd_per_million_output_tokens: float | None
    joules_per_token: float | None
    engines: list[Engine] | None = None
    """Those that start the plan; null in results stored before."""


class SweepTable(Record):
    """All points of a sweep, the last axis running fastest; ``best`` is the index of one."""

    axes: list[SweepAxis]
    points: list[SweepPoint]
    best: list[int]
