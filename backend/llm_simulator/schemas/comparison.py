"""Results of any tasks beside each other."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from llm_simulator.planner.results.plan import Assumption, Latency, Parallelism, Pools
from llm_simulator.schemas.batch import TaskId
from llm_simulator.schemas.lists import LARGEST_ID
from llm_simulator.schemas.record import Record


class ResultId(BaseModel):
    """A feasible plan of a task."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    task_id: TaskId
    rank: Annotated[int, Field(ge=1, le=LARGEST_ID)] = 1


class ComparisonRequest(BaseModel):
    """What to compare; differences are against the first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    results: Annotated[list[ResultId], Field(min_length=2, max_length=50)]


class Better(StrEnum):
    """Which direction is the better one."""

    HIGHER = "higher"
    LOWER = "lower"


class ComparedResult(Record):
    """One column of the comparison: a plan, and under which load on which chips it was asked for.

    ``dominated_by`` are the positions of results that are no worse in throughput per chip, TTFT,
    TPOT and chips, and better in one of them. ``prices`` are what its cost rests on, by chip.
    """

    task_id: str
    rank: int
    experiment_name: str
    model_name: str
    chip_name: str
    decode_chip_name: str | None
    """Of the decode pool, where it is another chip."""
    parallelism: Parallelism
    pools: Pools | None
    replicas: int
    chips: int
    batch_size: int | None
    """Requests in flight over the whole deployment; null in results stored before."""
    input_seq_length: int | None
    output_seq_length: int | None
    latency: Latency | None
    prices: list[Assumption]
    dominated: bool
    dominated_by: list[int]


class ComparedMetric(Record):
    """One row: a value for each result, its difference from the first, its multiple of the first,
    and its 80 % interval; null where there is none."""

    name: str
    unit: str
    better: Better
    values: list[float | None]
    differences: list[float | None]
    ratios: list[float | None]
    intervals: list[tuple[float, float] | None]


class DifferingInput(Record):
    """A field of the requests that is not the same in all; null where a request has none."""

    field: str
    values: list[Any]


class Comparison(Record):
    """Results side by side: columns, rows, and where their inputs differ."""

    results: list[ComparedResult]
    metrics: list[ComparedMetric]
    inputs: list[DifferingInput]
    inputs_left_out: int
