"""What an explanation holds, as found and sent: milliseconds, GB (1e9 bytes), FLOP, bytes."""

from typing import Literal

from pydantic import Field

from llm_simulator.planner.costs.roofline import KernelKind
from llm_simulator.planner.operators.work import GroupName, Pattern
from llm_simulator.planner.results.change import Change
from llm_simulator.planner.results.plan import (
    AnyPlan,
    MemoryPart,
    MissedLimit,
    Sensitivity,
)
from llm_simulator.planner.results.record import Record
from llm_simulator.planner.specs.warning import EvaluationWarning

PhaseName = Literal["prefill", "decode"]
OperatorKind = KernelKind | Literal["message", "other"]
StageName = Literal["only", "first", "middle", "last"]
Part = Literal["all", "prefill", "decode"]
"""The pool, or all chips of an aggregated plan."""
Cause = Literal["compute", "memory", "communication", "overhead", "waiting"]


class ExplainedOperator(Record):
    """One operator of a phase, as its chips do it one after the other; times add up to the phase's.

    What waits or is a host's has no work.
    """

    name: str
    kind: OperatorKind
    cause: Cause
    """What most of its time is charged to."""
    time_ms: float
    compute_ms: float
    memory_ms: float
    communication_ms: float
    overhead_ms: float
    waiting_ms: float
    flops: float = 0.0
    bytes: float = 0.0
    """Memory read and written."""
    intensity: float | None = None
    """FLOP per byte; null without bytes."""
    unit: str | None = None
    """The matrix unit that does most of it, a key of the chip's ``peak_flops``."""
    compute_reach: float | None = None
    """FLOP/s while it runs over the unit's peak, before steps are scaled as calibrated."""
    memory_reach: float | None = None
    """Bytes/s while it runs over the data sheet's, likewise."""
    wire_bytes: float = 0.0
    """Sent by one chip."""


class Ceilings(Record):
    """The data sheet's roofline."""

    chip: str
    peak_flops: dict[str, float]
    memory_bandwidth: float


class ExplainedStep(Record):
    """The engine step that a phase repeats: what one data-parallel rank has in it."""

    prompts: float
    """Prompt chunks, a mean."""
    chunks_per_prompt: int
    prompt_tokens: float
    """Computed in it, cached ones left out."""
    decoding: float
    tokens_per_request: int
    """More than one verifies drafted tokens."""
    context: float
    """Tokens that each decoding request attends to."""
    time_ms: float
    """On the slowest stage."""
    through_ms: float
    """On all stages, one after the other."""


class ExplainedPhase(Record):
    """A phase by operator: the TTFT or the TPOT, where each of it comes from."""

    phase: PhaseName
    total_ms: float
    compute_ms: float
    memory_ms: float
    communication_ms: float
    overhead_ms: float
    waiting_ms: float
    flops: float
    bytes: float
    correction: float
    """Measured over predicted, as calibrated; it is within every time."""
    ceilings: Ceilings
    step: ExplainedStep
    operators: list[ExplainedOperator]


class TierBytes(Record):
    """One tier of a message: how many sub-groups meet there, and what a rank sends over it."""

    tier: str
    members: float
    bytes: float


class MessageTraffic(Record):
    """One message of a phase."""

    phase: PhaseName
    operator: str
    pattern: Pattern
    group: GroupName | Literal["pools"]
    ranks: int
    size: float
    """Bytes that a rank contributes each time."""
    times: float
    """How often it is sent within the phase."""
    time_ms: float
    """As far as nothing hides it."""
    bytes: float
    """Put on the wire by one rank, all times and tiers."""
    tiers: list[TierBytes]


class TierTraffic(Record):
    """One tier's links in a phase: what one chip's port carries."""

    phase: PhaseName
    tier: str
    bandwidth: float
    """Bytes per second of the data sheet, one direction."""
    reached_bandwidth: float
    """What messages reach of it."""
    latency_us: float
    bytes: float
    """Per chip."""
    bytes_of_all_chips: float
    busy_ms: float
    """Time that the bytes take at the bandwidth reached."""


class Traffic(Record):
    """What goes over links, message by message and in sum."""

    messages: list[MessageTraffic]
    tiers: list[TierTraffic]


class Span(Record):
    """A bar of a schedule."""

    name: str
    lane: str
    cause: Cause
    start_ms: float
    end_ms: float
    index: int | None = None
    """The micro-batch or chunk."""


class Schedule(Record):
    """Who does what when: bars on lanes. Its length is a figure of the result."""

    name: Literal["request", "decode_round", "prefill_layer", "decode_layer"]
    figure: Literal["ttft", "tpot", "layer"]
    """``ttft``: it ends at the TTFT; ``tpot``: it ends after as many tokens as a step yields."""
    length_ms: float
    lanes: list[str]
    spans: list[Span]
    left_out: int = 0
    """Micro-batches or chunks that aren't drawn, from the middle."""
    layer: str | None = None
    """The kind of layer."""
    layers: float | None = None
    """Layers of this kind on the slowest stage."""


class RankMap(Record):
    """Ranks on chips, column by column, in the order of their chips. Of equal instances or replicas
    the first are listed."""

    part: Part
    ranks: int
    """In all."""
    pod: list[int]
    rack: list[int]
    board: list[int]
    chip: list[int]
    instance: list[int]
    """Of a pool, or the replica."""
    dp: list[int]
    tp: list[int]
    pp: list[int]
    sp: list[int]
    ep: list[int]
    moe_tp: list[int]
    dcp: list[int]
    """Among the tensor ranks that share out the same keys and values."""


class GroupReach(Record):
    """How far apart the ranks of a group sit."""

    part: Part
    group: GroupName
    ranks: int
    stride: int
    members: dict[str, float]
    """How many sub-groups meet on each tier that is crossed."""


class StageMemory(Record):
    """A chip of one stage, in GB."""

    stage: StageName
    layers: float
    weights: list[MemoryPart]
    kv_cache_gb: float
    activations_gb: float
    runtime_gb: float
    total_gb: float
    room_gb: float
    """What the engine gives the cache; negative for none."""


class ContextRoom(Record):
    """What fits at one length of requests."""

    tokens: int
    request_gb: float
    """Cache of one request on the fullest chip."""
    requests: int
    """In flight in the whole deployment."""


class ExplainedMemory(Record):
    """The memory of a plan's chips by stage, part and token."""

    part: Part
    stages: list[StageMemory]
    requests_per_rank: float
    request_tokens: int
    request_gb: float
    token_bytes: float
    """By which a request's cache grows per token at its full length, on the fullest chip."""
    contexts: list[ContextRoom]
    """The concurrency that each length leaves, up to the longest request that fits."""


class Capacity(Record):
    """What the plan takes at most, all else as asked; null where nothing is taken."""

    largest_concurrency: int | None
    """That fits into memory."""
    largest_concurrency_within_limits: int | None
    largest_context: int | None
    """Tokens of the longest request, if one alone is on each rank."""
    largest_context_at_concurrency: int | None
    """Tokens of every request, if all in flight are as long."""


class Explanation(Record):
    """One plan explained. All sums are figures of ``plan``."""

    plan: AnyPlan
    limits: list[MissedLimit]
    """Every limit in force, kept or missed."""
    phases: list[ExplainedPhase]
    traffic: Traffic
    schedules: list[Schedule]
    ranks: list[RankMap]
    groups: list[GroupReach]
    memory: list[ExplainedMemory]
    capacity: Capacity
    changes: list[Change] = Field(default_factory=list)
    """Empty where all limits are kept."""
    sensitivity: Sensitivity | None = None
    warnings: list[EvaluationWarning]
