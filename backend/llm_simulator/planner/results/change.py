"""What of a request, or of a plan, can be changed so that the plan keeps all its limits."""

from typing import Literal

from llm_simulator.planner.results.plan import Parallelism
from llm_simulator.planner.results.record import Record

ChangeKind = Literal[
    "concurrency",
    "input_length",
    "output_length",
    "chips",
    "degrees",
    "memory",
    "weight_dtype",
    "kv_cache_dtype",
    "limit",
]


class Change(Record):
    """The nearest change of one kind after which all limits are kept, found by evaluating it; or
    that there is none."""

    kind: ChangeKind
    works: bool
    sentence: str
    field: str
    """Of the request, or of the plan."""
    before: int | float | str
    after: int | float | str | None
    parallelism: Parallelism | None = None
    """The plan, where that is what changes."""
    chips: int | None = None
    batch_size: int | None = None
    throughput: float | None = None
    ttft: float | None = None
    tpot: float | None = None
    memory_gb: float | None = None
    calibration_of: str | None = None
    """The format of the given calibration, where the change keeps it in another one."""
