"""The load: how many requests are in flight, how long they are, and in which number formats."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from llm_simulator.specs.dtypes import CACHE_BYTES, Dtype
from llm_simulator.specs.traffic import MAX_PROMPT_STEPS, MAX_REQUESTS, TrafficSpec
from llm_simulator.specs.validation import (
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
}


class WorkloadSpec(Spec):
    """A closed loop of ``batch_size`` requests over the whole deployment.

    Formats left out follow the model's published weights and the chip's matrix units.
    """

    batch_size: int = Field(gt=0, le=1_000_000, strict=True)
    """Requests in flight at any time (the concurrency)."""
    input_seq_length: int = Field(gt=0, le=10_000_000, strict=True)
    output_seq_length: int = Field(gt=0, le=10_000_000, strict=True)
    weight_dtype: Dtype | None = None
    expert_weight_dtype: Dtype | None = None
    activation_dtype: Dtype | None = None
    kv_cache_dtype: Dtype | None = None
    max_ttft_ms: Milliseconds | None = None
    max_tpot_ms: Milliseconds | None = None
    max_batched_tokens: PositiveInt
    """Prompt tokens an engine takes into one step (chunked prefill)."""
    memory_utilization: Fraction
    """Share of the memory that the engine may fill."""
    runtime_memory: ByteCount
    """Captured graphs, communication buffers and the runtime itself, per chip."""
    step_overhead: Duration
    """Scheduling and sampling of one engine step that the chips wait for."""
    traffic: TrafficSpec | None = None
    """When given, single requests are simulated for the plans that are shown; ``batch_size`` is
    then what the engines run at once at most."""

    @field_validator("traffic")
    @classmethod
    def _can_be_simulated(
        cls, traffic: TrafficSpec | None, info: ValidationInfo
    ) -> TrafficSpec | None:
        needed = ("batch_size", "input_seq_length", "max_batched_tokens")
        if traffic is not None and all(name in info.data for name in needed):
            _check_effort(traffic, *(info.data[name] for name in needed))
        return traffic

    @model_validator(mode="before")
    @classmethod
    def _read_unit_names(cls, data: Any) -> Any:
        return renamed(data, UNIT_NAMES) if isinstance(data, Mapping) else data

    @model_validator(mode="after")
    def _cache_format_is_known(self) -> Self:
        if self.kv_cache_dtype is not None and self.kv_cache_dtype not in CACHE_BYTES:
            known = ", ".join(CACHE_BYTES)
            raise ValueError(f"kv_cache_dtype {self.kv_cache_dtype} is not costed; known: {known}")
        return self


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


class Formats(Spec):
    """The number formats of a deployment, all decided."""

    weight: Dtype
    expert_weight: Dtype
    activation: Dtype
    kv_cache: Dtype
