"""The load: how many requests are in flight, how long they are, and in which number formats."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationInfo, field_validator, model_validator

from llm_simulator.planner.specs.calibration import Engine
from llm_simulator.planner.specs.dtypes import CacheDtype, Dtype
from llm_simulator.planner.specs.expert_load import LARGEST_EXPERT_COUNT, ExpertLoad
from llm_simulator.planner.specs.speculation import Speculation
from llm_simulator.planner.specs.traffic import MAX_PROMPT_STEPS, MAX_REQUESTS, TrafficSpec
from llm_simulator.planner.specs.validation import (
    ByteCount,
    Duration,
    Fraction,
    Milliseconds,
    PositiveInt,
    Spec,
    renamed,
)
from llm_simulator.units import GIGA, MILLI

UNIT_NAMES = {
    "runtime_memory_gb": ("runtime_memory", GIGA),
    "step_overhead_ms": ("step_overhead", MILLI),
    "pool_handover_ms": ("pool_handover", MILLI),
}


class WorkloadSpec(Spec):
    """A closed loop of ``batch_size`` requests over the whole deployment.

    Formats left out follow the model's published weights and the chip's matrix units.
    """

    batch_size: int = Field(gt=0, le=1_000_000, strict=True)
    """Requests in flight at any time (the concurrency)."""
    input_seq_length: int = Field(gt=0, le=10_000_000, strict=True)
    output_seq_length: int = Field(gt=0, le=10_000_000, strict=True)
    engine: Engine | None = None
    """Serving engine; left out, what all measured engines have in common."""
    engine_version: str | None = Field(None, max_length=100)
    weight_dtype: Dtype | None = None
    """Format to take the weights in instead, as checkpoints of that format are published."""
    attention_weight_dtype: Dtype | None = None
    """The same for attention alone, linear attention included."""
    expert_weight_dtype: Dtype | None = None
    """The same for the routed experts alone."""
    activation_dtype: Dtype | None = None
    kv_cache_dtype: CacheDtype | None = None
    expert_load: ExpertLoad = "uniform"
    """How evenly the routed experts are visited."""
    redundant_experts: int = Field(0, ge=0, le=LARGEST_EXPERT_COUNT, strict=True)
    """Extra copies of the most visited experts, dealt out so that ranks are evenly loaded."""
    speculative: Speculation | None = None
    """Speculative decoding; without it every decode step yields one token per request."""
    prefix_cache_hit_rate: float = Field(0.0, ge=0, lt=1)
    """Share of each prompt whose keys and values are already cached: attended to, not computed."""
    images_per_request: int = Field(0, ge=0, le=10_000, strict=True)
    """Images of each prompt, whose tokens ``input_seq_length`` counts beside those of the text."""
    image_tokens: PositiveInt | None = None
    """Tokens of one image; left out, the model's own for 1024 x 1024 pixels."""
    audio_seconds_per_request: float = Field(0.0, ge=0, le=1e6)
    """Seconds of sound of each prompt, whose tokens ``input_seq_length`` counts too."""
    encoder_data_parallel: bool = False
    """Whether each tensor rank holds whole encoders and encodes images of its own (vLLM:
    ``--mm-encoder-tp-mode data``, SGLang: ``--mm-enable-dp-encoder``), not a share of each."""
    max_ttft_ms: Milliseconds | None = None
    max_tpot_ms: Milliseconds | None = None
    max_e2e_latency_ms: Milliseconds | None = None
    """From a request's arrival to its last token."""
    max_batched_tokens: PositiveInt
    """Prompt tokens an engine takes into one step (chunked prefill)."""
    max_num_seqs: PositiveInt | None = None
    """Requests that a rank runs at once (vLLM: ``--max-num-seqs``, TensorRT-LLM:
    ``max_batch_size``): the others wait for a place, and the logits of as many are part of its
    buffers. Left out, all that are there run, and buffers are the engine's default."""
    memory_utilization: Fraction | None = None
    """The engine's share of memory in its own meaning: ``gpu-memory-utilization`` of vLLM (and
    without an engine), ``mem_fraction_static`` of SGLang, ``free_gpu_memory_fraction`` of
    TensorRT-LLM; left out, the engine's default."""
    runtime_memory: ByteCount | None = None
    """Captured graphs, communication buffers and the runtime itself, per chip; left out, what the
    engine's logs show."""
    step_overhead: Duration
    """Scheduling and sampling of one engine step that the chips wait for."""
    receive_interval: int = Field(1, gt=0, le=1000, strict=True)
    """Decode steps after which an engine looks at new requests (SGLang:
    ``--scheduler-recv-interval``)."""
    prefill_utilization: Fraction
    """Disaggregated serving: share of its rate that a prefill pool is loaded with at most."""
    decode_utilization: Fraction
    """Disaggregated serving: share of a decode pool's places that are filled in the mean."""
    overlap_kv_transfer: bool
    """Disaggregated serving: whether a layer's cache is sent while the next layers compute."""
    pool_handover: Duration
    """Disaggregated serving: routing and handing a prompt over, beside sending its cache."""
    two_batch_overlap: bool = False
    """Whether each step is split in two halves, one of which computes while the other sends."""
    traffic: TrafficSpec | None = None
    """When given, single requests are simulated for the plans that are shown; ``batch_size`` is
    then what the engines run at once at most."""

    @field_validator("traffic")
    @classmethod
    def _can_be_simulated(
        cls, traffic: TrafficSpec | None, info: ValidationInfo
    ) -> TrafficSpec | None:
        if traffic is not None and info.data.get("speculative") is not None:
            raise ValueError("single requests can't be simulated with speculative decoding yet")
        if traffic is not None and info.data.get("prefix_cache_hit_rate"):
            raise ValueError("give prefix_cache_hit_rate here, in traffic, to simulate it")
        needed = ("batch_size", "input_seq_length", "max_batched_tokens")
        if traffic is not None and all(name in info.data for name in needed):
            _check_effort(traffic, *(info.data[name] for name in needed))
        return traffic

    @model_validator(mode="before")
    @classmethod
    def _read_unit_names(cls, data: Any) -> Any:
        return renamed(data, UNIT_NAMES) if isinstance(data, Mapping) else data


def _check_effort(traffic: TrafficSpec, concurrency: int, prompt: int, budget: int) -> None:
    """Raises ValueError where a simulation would take minutes."""
    requests = traffic.total_requests(concurrency)
    if requests > MAX_REQUESTS:
        raise ValueError(
            f"{requests} requests (batch_size times requests_per_slot) are too many to simulate; "
            f"at most {MAX_REQUESTS}"
        )
    steps = traffic.prompt_tokens(concurrency, prompt) // budget
    if steps > MAX_PROMPT_STEPS:
        raise ValueError(
            f"{steps} steps for prompts are too many to simulate, at most {MAX_PROMPT_STEPS}; "
            "raise max_batched_tokens or lower the number of requests"
        )
