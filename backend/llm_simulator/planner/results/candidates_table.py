"""The table of hypothetical chips: the best plan of each, and what it takes for one to win."""

from typing import Literal

from llm_simulator.planner.results.plan import Parallelism
from llm_simulator.planner.results.record import Record

CandidateFigure = Literal[
    "memory_bandwidth", "peak_flops", "link_bandwidth", "memory_capacity", "price"
]


class CandidateRow(Record):
    """A chip and its best plan; where none is feasible, why.

    Figures in bytes/s, FLOP/s (bf16) and bytes, times in ms, throughput in output tokens/s.
    """

    number: int
    """Its place in the list or the grid, whose last figure runs fastest."""
    name: str | None
    memory_bandwidth: float
    peak_flops: float
    link_bandwidth: float | None
    memory_capacity: float
    usd_per_chip_hour: float | None
    feasible: bool
    reason_code: Literal["memory", "limits"] | None
    """Without a plan: none fits into memory, or none that fits keeps the limits."""
    parallelism: Parallelism | None = None
    chips: int | None = None
    batch_size: int | None = None
    score: float | None = None
    throughput: float | None = None
    tps_per_chip: float | None = None
    ttft: float | None = None
    tpot: float | None = None
    usd_per_million_output_tokens: float | None = None
    wins_below: float | None = None
    """USD per chip-hour at which an output token costs what it does on the base chip."""
    leads_below: float | None = None
    """The same of the cheapest of all other candidates."""


class FigureWorth(Record):
    """What it is worth to raise one figure of the base chip alone, plans chosen anew: percent of
    the score. Null where no plan is feasible before or after."""

    figure: CandidateFigure
    value: float
    ten_percent: float | None
    doubled: float | None


class CandidatesTable(Record):
    """Hypothetical chips, each with its best plan. Of many, ``rows`` has the front, the best and
    some of the others, evenly spread."""

    figures: list[CandidateFigure]
    """Those that differ between candidates."""
    total: int
    feasible: int
    rows: list[CandidateRow]
    base: CandidateRow | None
    """The chip whose figures are moved; null as long as it is not evaluated."""
    best: int | None
    """The number of the candidate with the highest score."""
    cheapest: int | None
    """The number of the one whose output tokens cost least."""
    front: list[int]
    """Numbers of those that no other beats in both of ``front_by``."""
    front_by: list[Literal["tps_per_chip", "usd_per_million_output_tokens", "tpot"]]
    worth: list[FigureWorth]
    """The figure that is worth most first: that with most to gain where it is doubled."""
    worth_sentence: str | None
