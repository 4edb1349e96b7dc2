"""The shapes of a result, as they are stored and sent; milliseconds, GB and tokens per second."""

from typing import Literal, NotRequired, TypedDict

from llm_simulator.planner.results.intervals import Certainty
from llm_simulator.planner.results.sweep_table import SweepTable


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


class Assumption(TypedDict):
    """A figure that cost or energy rests on, by the request's field that changes it."""

    field: str
    value: float
    source: str


class Economics(TypedDict):
    """What a plan costs and draws at full load, all the time; None where it can't be known."""

    usd_per_hour: float | None
    usd_per_million_output_tokens: float | None
    usd_per_million_tokens: float | None
    """Of all tokens, in and out, cached ones included."""
    watts: float | None
    """With hosts and cooling."""
    joules_per_token: float | None
    """Per output token, with hosts and cooling."""
    missing: list[str]
    """What to give for the figures that are None."""
    assumptions: list[Assumption]


class Effect(TypedDict):
    """By how many percent a plan's figures change when one figure of the hardware grows by 1 %."""

    figure: str
    """The request's field it stands in; ``hardware.peak_flops`` is all matrix units together."""
    value: float | None
    unit: str
    throughput: float
    ttft: float
    tpot: float


class Bottleneck(TypedDict):
    """The figure with the largest effect."""

    figure: str
    effect: float
    sentence: str


class Bottlenecks(TypedDict):
    """What each of the figures that users see depends on most."""

    throughput: Bottleneck
    ttft: Bottleneck
    tpot: Bottleneck


class MemoryHeadroom(TypedDict):
    """What memory capacity decides: how many requests fit; of pools that of the decode pool."""

    usable_gb: float
    headroom_gb: float
    max_batch_size: int
    """Requests in flight that the plan has room for."""
    max_batch_size_with_one_percent_more: int


class Sensitivity(TypedDict):
    """What a plan's figures depend on."""

    effects: list[Effect]
    bottleneck: Bottlenecks
    memory: MemoryHeadroom


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
    batch_size: int
    """Requests in flight, at which the plan does best."""
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
    economics: Economics
    simulated: Simulated | None
    """Where the load has traffic: for the feasible plans that rank first."""
    sensitivity: NotRequired[Sensitivity | None]
    """Of the plan that ranks first."""


class TradeOffPool(TypedDict):
    """One pool of a point: the plan of an instance, how many of them, their batch per rank."""

    parallelism: dict[str, int]
    instances: int
    batch: int


class TradeOff(TypedDict):
    """A deployment that no other beats under all objectives; latencies in ms."""

    parallelism: dict[str, int] | None
    """None for a disaggregated deployment: its pools say it."""
    serving: Literal["aggregated", "disaggregated"]
    chips: int
    batch_size: int
    scores: list[float]
    """Under each objective, higher is better."""
    throughput: float | None
    tps_per_chip: float | None
    request_rate: float | None
    ttft: float | None
    tpot: float | None
    usd_per_million_output_tokens: float | None
    joules_per_token: float | None
    pools: NotRequired[dict[str, TradeOffPool]]


class TradeOffs(TypedDict):
    """The Pareto front over some objectives, the best under the first one first."""

    objectives: list[str]
    points: list[TradeOff]


class SearchStats(TypedDict):
    """Every plan accounted for: feasible and infeasible add up to evaluated, pruned to total."""

    total_plans: int
    evaluated_plans: int
    feasible_plans: int
    infeasible_plans: int
    infeasible_reasons: dict[str, int]
    pruned_plans: int
    """Plans that a bound shows can't be among those shown; not evaluated."""
    pruned_reasons: dict[str, int]
    illegal_plans: int | None
    """Combinations of degrees that are no plans; None where they aren't counted."""
    illegal_reasons: dict[str, int]
    evaluations: int
    """Plans at concurrencies that were answered."""
    seconds: float


class EvaluationResult(TypedDict):
    """What an evaluation found."""

    top_k_plans: list[PlanResult]
    infeasible_plans: list[PlanResult]
    best_of_serving: list[PlanResult]
    """Where both are tried: the best aggregated and the best disaggregated deployment."""
    trade_offs: TradeOffs | None
    """Where several objectives were given: what no other deployment beats in all of them."""
    search_stats: SearchStats
    warnings: list[str]
    sweep: NotRequired[SweepTable]
    """Of a sweep: all its points. The plans are those of the best one, the statistics of all."""
