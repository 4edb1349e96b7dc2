"""The shapes of a result, as they are stored and sent; milliseconds, GB and tokens per second."""

from typing import Literal, NotRequired, TypedDict

from llm_simulator.evaluation.intervals import Certainty
from llm_simulator.evaluation.sweep_table import SweepTable


class OperatorLatency(TypedDict):
    """One operator's share of a phase; the kinds add up to ``time_ms``."""

    name: str
    time_ms: float
    compute_ms: float
    memory_ms: float
    communication_ms: float
    overhead_ms: float
    waiting_ms: float


class PhaseLatency(TypedDict):
    """A phase; operators and kinds each add up to ``total_ms``."""

    total_ms: float
    compute_ms: float
    memory_ms: float
    communication_ms: float
    overhead_ms: float
    waiting_ms: float
    operators: list[OperatorLatency]


class Latency(TypedDict):
    """``prefill`` adds up to TTFT, ``decode`` to TPOT."""

    prefill: PhaseLatency
    decode: PhaseLatency


class MemoryPart(TypedDict):
    """One kind of resident data on the fullest chip."""

    name: str
    gb: float


class MemoryUse(TypedDict):
    """Memory of the fullest chip; parts add up to ``total_gb``."""

    total_gb: float
    capacity_gb: float
    usable_gb: float
    parts: list[MemoryPart]


class Percentiles(TypedDict):
    """A latency over all simulated requests."""

    mean_ms: float
    p50_ms: float
    p90_ms: float
    p99_ms: float


class Simulated(TypedDict):
    """What single users see under the load's traffic; tokens and requests per second."""

    ttft: Percentiles
    tpot: Percentiles | None
    """Over requests' means; None when no request has a second token."""
    inter_token: Percentiles | None
    """Over single gaps between tokens."""
    end_to_end: Percentiles
    throughput: float
    request_rate: float
    share_within_limits: float
    goodput: float
    """Requests per second within the limits."""
    requests: int
    rejected: int
    overloaded: bool
    cache_tokens: int


class MissedLimit(TypedDict):
    """One limit that an infeasible plan misses; GB for ``memory``, otherwise ms."""

    code: str
    needed: float
    available: float


class PoolResult(TypedDict):
    """One pool of a disaggregated deployment."""

    parallelism: dict[str, int]
    """The plan of one instance."""
    instances: int
    chips_per_instance: int
    chips: int
    batch: int
    """Prompts that a step of a prefill instance takes in; requests that one decodes at once."""
    rate: float
    """Requests per second of one instance, busy all the time."""
    time_ms: float
    """A prompt's prefill without waiting; a token's decode step."""
    utilization: float
    """Share of the pool's rate that the deployment asks for, 0 to 1."""
    memory: MemoryUse


class Pools(TypedDict):
    """Both pools of a disaggregated deployment; their chips add up to the plan's."""

    prefill: PoolResult
    decode: PoolResult


class PlanResult(Certainty):
    """One plan's figures with their intervals.

    ``rank`` and ``score`` are None for an infeasible plan.

    Of a disaggregated deployment ``parallelism``, ``attention_dp``, ``replicas`` and ``memory`` are
    those of one decode instance, all other figures those of the whole.
    """

    rank: int | None
    parallelism: dict[str, int]
    attention_dp: int
    replicas: int
    chips: int
    is_feasible: bool
    infeasible_reason: str | None
    reason_code: str | None
    missed_limits: list[MissedLimit]
    """Empty for a feasible plan; the first one is the ``reason_code``."""
    throughput: float
    tps_per_chip: float
    ttft: float
    tpot: float
    mfu: float
    mbu: float
    score: float | None
    latency: Latency | None
    memory: MemoryUse
    serving: Literal["aggregated", "disaggregated"]
    pools: NotRequired[Pools]
    """Of disaggregated serving only."""
    kv_transfer_ms: NotRequired[float]
    """The part of TTFT in which a prompt's cache is on its way between the pools."""
    simulated: Simulated | None
    """Where the load has traffic: for the feasible plans that rank first."""


class SearchStats(TypedDict):
    """Every plan accounted for: feasible and infeasible add up to evaluated."""

    total_plans: int
    evaluated_plans: int
    feasible_plans: int
    infeasible_plans: int
    infeasible_reasons: dict[str, int]
    seconds: float


class EvaluationResult(TypedDict):
    """What an evaluation found."""

    top_k_plans: list[PlanResult]
    infeasible_plans: list[PlanResult]
    search_stats: SearchStats
    warnings: list[str]
    sweep: NotRequired[SweepTable]
    """Of a sweep: all its points. The plans are those of the best one, the statistics of all."""
