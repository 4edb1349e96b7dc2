"""Tasks as the API shows them."""

from typing import Any

from llm_simulator.planner.results.plan import InfeasiblePlan, Plan
from llm_simulator.planner.results.result import Findings, SearchStats
from llm_simulator.planner.specs.search import Objective, Risk, ServingMode
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.schemas.labels import StoredTags
from llm_simulator.schemas.record import Moment, Record
from llm_simulator.schemas.states import SearchMode, TaskState


class EvaluationProgress(Record):
    """How many evaluations are done, of how many."""

    done: int
    total: int


class BestSoFar(Record):
    """The best plan so far, its chips, concurrency and score; a pair of pools shows no degrees.

    ``value`` is the score under the ``objective``, higher is better: throughput, rate, tokens per
    USD or joule as they are, times and chips as 1 / s and 1 / chips.
    """

    parallelism: dict[str, int]
    chips: int
    batch_size: int
    value: float
    objective: Objective | None = None
    risk: Risk | None = None
    """Whether the score is expected or holds with 80 %. Both are null in older databases."""


class LiveFigures(Record):
    """How a running task gets on; all None before its first chunk is done."""

    evaluations: EvaluationProgress | None = None
    rate: float | None = None
    """Evaluations per second."""
    seconds_left: float | None = None
    best_so_far: BestSoFar | None = None


class RunningTask(Record):
    """A pending or running task."""

    task_id: str
    experiment_name: str
    status: TaskState
    progress: float
    message: str
    created_at: Moment


class Asked(Record):
    """What a task was asked, in short; a sweep leaves open what each of its points has."""

    chip: str | None
    decode_chip: str | None
    chips: int | None
    """How many may be used."""
    input_tokens: int | None
    output_tokens: int | None
    least_concurrency: int | None
    most_concurrency: int | None
    """Both None where each plan is tried at those that suit it."""
    request_rate: float | None
    """Requests per second that arrive, where an open loop is simulated."""
    max_ttft_ms: float | None
    max_tpot_ms: float | None
    max_e2e_latency_ms: float | None
    limit_percentile: str | None
    min_request_rate: float | None
    engine: str | None
    serving: ServingMode
    objective: Objective
    """What ``best_score`` is the score of."""
    risk: Risk
    sweep: list[str]
    """The fields that are varied."""
    hypothetical: bool
    """Whether hypothetical chips are tried."""


class TaskSummary(LiveFigures, RunningTask):
    """A task in a list."""

    experiment_id: int
    error: str | None
    search_mode: SearchMode
    started_at: Moment | None
    completed_at: Moment | None
    search_stats: SearchStats | None
    priority: int
    model_name: str
    asked: Asked | None
    best_score: float | None
    tags: StoredTags
    pinned: bool


class TaskStatus(TaskSummary):
    """A single task."""

    manual_parallelism: dict[str, Any] | None
    search_constraints: dict[str, Any] | None


class TaskList(Record):
    """One page of tasks. ``total`` is how many there were when the first page was asked for;
    ``next_cursor`` leads to the next page and is null on the last."""

    tasks: list[TaskSummary]
    total: int
    next_cursor: str | None


class RunningTasks(Record):
    """All pending and running tasks, oldest first."""

    tasks: list[RunningTask]


class TaskResults(Findings):
    """A task's ranked plans, the infeasible ones with their reason, and what was asked."""

    task_id: str
    status: TaskState
    experiment_name: str
    top_k_plans: list[Plan]
    infeasible_plans: list[InfeasiblePlan]
    search_stats: SearchStats | None
    warnings: list[EvaluationWarning]
    request: dict[str, Any]
    partial: bool = False
    """Whether the plans are the best so far of a task that has not ended."""
