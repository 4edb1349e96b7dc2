"""One plan's figures, as found, stored and sent; milliseconds, GB (1e9 bytes), tokens per second.

A field with a default was not there in some older version of what is stored.
"""

from typing import Literal

from pydantic import Field

from llm_simulator.planner.results.record import Record
from llm_simulator.planner.specs.calibration import Engine, Provenance


class Parallelism(Record):
    """The degrees of a parallel plan."""

    dp: int
    tp: int
    pp: int
    ep: int
    sp: int
    moe_tp: int
    dcp: int = 1
    """Of the tp ranks, those that share out each request's cache."""


class OperatorTime(Record):
    """One operator's share of a phase; the five parts add up to ``time_ms``."""

    name: str
    time_ms: float
    compute_ms: float
    memory_ms: float
    communication_ms: float
    overhead_ms: float
    waiting_ms: float


class PhaseLatency(Record):
    """A phase's time by cause and by operator; both add up to ``total_ms``."""

    total_ms: float
    compute_ms: float
    memory_ms: float
    communication_ms: float
    overhead_ms: float
    waiting_ms: float
    operators: list[OperatorTime]


class Latency(Record):
    """Both serving phases: prefill totals the TTFT, decode the TPOT."""

    prefill: PhaseLatency
    decode: PhaseLatency


class MemoryPart(Record):
    """One use of a chip's memory: weights, kv_cache, activations or runtime."""

    name: str
    gb: float


class CacheSpace(Record):
    """What an engine gives the cache of one data-parallel rank, as it logs it when it starts."""

    gb: float
    """On the fullest chip."""
    tokens: int
    """``concurrency`` times the length of a request: vLLM's "GPU KV cache size"."""
    request_tokens: int
    """Tokens of one request of the load at its full length."""
    concurrency: float
    """Requests of that length at once: vLLM's "Maximum concurrency"."""
    largest_context: int
    """Tokens of the longest single request, at most what the model takes."""


class Memory(Record):
    """What a plan keeps on its fullest chip, against what the chip has."""

    total_gb: float
    capacity_gb: float
    usable_gb: float
    """What all parts together may take: what is beside the cache, and the cache's room."""
    parts: list[MemoryPart]
    cache: CacheSpace | None = None
    """Null where nothing is left for a cache."""


class Pool(Record):
    """One pool of a disaggregated deployment: equal instances of one plan."""

    parallelism: Parallelism
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
    memory: Memory


class Pools(Record):
    """The pool that takes in prompts and the pool that decodes."""

    prefill: Pool
    decode: Pool


class Percentiles(Record):
    """A latency over all simulated requests."""

    mean_ms: float
    p50_ms: float
    p90_ms: float
    p99_ms: float


class Simulated(Record):
    """What single users see under the load's traffic, request by request. ``inter_token`` is over
    single gaps between tokens, ``tpot`` over requests' means; both are null without second tokens.
    Rates are per second, ``goodput`` of requests within the limits; ``rejected`` requests are
    longer than the cache."""

    ttft: Percentiles
    tpot: Percentiles | None
    inter_token: Percentiles | None
    end_to_end: Percentiles
    throughput: float
    request_rate: float
    share_within_limits: float
    goodput: float
    requests: int
    rejected: int
    overloaded: bool
    cache_tokens: int


Serving = Literal["aggregated", "disaggregated"]


class Certainty(Record):
    """80 % intervals of a plan's figures (ms, tokens/s), and what they rest on, in a word and in a
    sentence. Null in results that were stored before there were intervals."""

    ttft_low: float | None = None
    ttft_high: float | None = None
    tpot_low: float | None = None
    tpot_high: float | None = None
    throughput_low: float | None = None
    throughput_high: float | None = None
    provenance: Provenance | None = None
    basis: str | None = None


class Assumption(Record):
    """A figure that cost or energy rests on, by the request's field that changes it."""

    field: str
    value: float
    source: str


class BreakEven(Record):
    """The plan, which runs all day, beside a service that is paid per token."""

    api_usd_per_request: float
    own_usd_per_day: float
    requests_per_day: float
    """From here on the plan's own chips are cheaper."""
    input_tokens_per_day: float
    output_tokens_per_day: float
    share_of_capacity: float
    """Of what the plan serves in a day; above 1 the service is cheaper whatever the use."""
    hours_at_full_load: float
    """Of a day, in which so many requests are served; above 24 they never are."""


class Economics(Record):
    """What a plan costs and draws at full load: energy per output token, all with hosts and
    cooling but ``chip_watts``, the mean that one chip draws by itself, as its sensor shows. What
    can't be known is null, and ``missing`` says what to give."""

    usd_per_hour: float | None
    usd_per_million_output_tokens: float | None
    usd_per_million_tokens: float | None
    watts: float | None
    chip_watts: float | None = None
    joules_per_token: float | None
    missing: list[str]
    assumptions: list[Assumption]
    break_even: BreakEven | None = None
    """Where ``economics`` has what a service asks per token, and the plan's cost is known."""


class Effect(Record):
    """By how many percent a plan's figures change when one figure of the hardware, named by the
    request's field, grows by 1 %. ``hardware.peak_flops`` is all matrix units together."""

    figure: str
    value: float | None
    unit: str
    throughput: float
    ttft: float
    tpot: float


class Bottleneck(Record):
    """The figure with the largest effect."""

    figure: str
    effect: float
    sentence: str


class Bottlenecks(Record):
    """What each of the figures that users see depends on most."""

    throughput: Bottleneck
    ttft: Bottleneck
    tpot: Bottleneck


class MemoryHeadroom(Record):
    """What memory capacity decides: how many requests fit; of pools that of the decode pool."""

    usable_gb: float
    headroom_gb: float
    max_batch_size: int
    max_batch_size_with_one_percent_more: int


class Sensitivity(Record):
    """What a plan's figures depend on."""

    effects: list[Effect]
    bottleneck: Bottlenecks
    memory: MemoryHeadroom


class MissedLimit(Record):
    """One limit that a plan misses: GB per chip for ``memory``, chips for ``chips``, requests per
    second for ``min_request_rate``, otherwise milliseconds."""

    code: str
    needed: float
    available: float


class LimitProbability(Record):
    """A limit on TTFT, TPOT, E2E latency (ms) or the rate (requests/s), and how probable it is that
    it holds."""

    code: str
    limit: float
    probability: float


class Refusal(Record):
    """Why an engine doesn't start a plan: it doesn't run on the chip (``chip``), has no code for
    the model (``model``), or the first of its rules that the plan breaks."""

    engine: Engine
    code: str
    field: str
    """The degree to change, ``hardware`` or ``model``."""
    reason: str


class Placed(Certainty):
    """What every plan has, feasible or not."""

    parallelism: Parallelism
    attention_dp: int
    replicas: int
    chips: int
    batch_size: int | None = None
    """Requests in flight, at which the plan does best."""
    folded: int | None = None
    """Plans that differ in the number of replicas alone and are no better, which it stands for:
    feasible ones for a feasible plan. Null where each stands for itself, and for pools."""
    engines: list[Engine] | None = None
    """Those that start it, of pools those that start both; null in results stored before."""
    refused_by: list[Refusal] = Field(default_factory=list)
    """The other known engines."""
    serving: Serving = "aggregated"
    pools: Pools | None = None
    """Of disaggregated serving, like ``kv_transfer_ms``."""
    kv_transfer_ms: float | None = None
    """The part of TTFT in which a prompt's cache is on its way between the pools."""
    economics: Economics | None = None
    missed_limits: list[MissedLimit] = Field(default_factory=list)
    """Empty for a feasible plan; the first one is an infeasible one's ``reason_code``."""
    limits: list[LimitProbability] = Field(default_factory=list)
    """The limits in force, each with the probability that the plan keeps it."""
    simulated: Simulated | None = None
    """Where the load has traffic: for the feasible plans that rank first."""


class Plan(Placed):
    """A feasible plan with its rank and predicted figures.

    Of disaggregated serving, ``parallelism`` and ``memory`` are those of a decode instance.
    """

    rank: int
    is_feasible: Literal[True]
    infeasible_reason: None
    reason_code: None = None
    throughput: float
    tps_per_chip: float
    ttft: float
    tpot: float
    e2e_latency: float | None = None
    """From a request's arrival to its last token, ms; null in results stored before."""
    mfu: float
    mbu: float
    score: float
    beaten_by_first: float | None = None
    """The probability that the plan ranked first is better under the objective; null for that."""
    latency: Latency
    memory: Memory
    sensitivity: Sensitivity | None = None
    """Of the plan that ranks first."""


class InfeasiblePlan(Placed):
    """A plan that does not fit or misses a limit, with the reason; figures where computed."""

    rank: None = None
    score: None = None
    is_feasible: Literal[False]
    infeasible_reason: str
    reason_code: str
    throughput: float | None = None
    tps_per_chip: float | None = None
    ttft: float | None = None
    tpot: float | None = None
    e2e_latency: float | None = None
    mfu: float | None = None
    mbu: float | None = None
    latency: Latency | None = None
    """Left out of lists."""
    memory: Memory | None = None


AnyPlan = Plan | InfeasiblePlan
