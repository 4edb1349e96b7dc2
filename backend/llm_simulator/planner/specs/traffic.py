"""How requests reach the deployment, for a simulation of the single requests."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from llm_simulator.planner.specs.validation import PositiveInt, Spec

MAX_REQUESTS = 200_000
"""Requests of one simulation at most: some seconds of work per plan."""
MAX_PROMPT_STEPS = 5_000_000
"""Engine steps that take in prompts, per simulation at most; only these can't be skipped."""
DEFAULT_REQUESTS = 2_000
"""Requests of an open loop: twenty of them lie beyond the 99th percentile."""
DEFAULT_REQUESTS_PER_SLOT = 10
"""Requests that each slot of a closed-loop benchmark serves: what public benchmark runs use."""


class Arrivals(StrEnum):
    """When requests arrive."""

    CLOSED_LOOP = "closed_loop"
    """All slots start at once; a finished request is replaced at once until the last."""
    POISSON = "poisson"
    BURSTY = "bursty"
    """Independent gamma-distributed gaps."""
    TRACE = "trace"


_APPLIES: dict[str, tuple[Arrivals, ...]] = {
    "request_rate": (Arrivals.POISSON, Arrivals.BURSTY),
    "burstiness": (Arrivals.BURSTY,),
    "trace": (Arrivals.TRACE,),
    "requests": (Arrivals.POISSON, Arrivals.BURSTY),
    "requests_per_slot": (Arrivals.CLOSED_LOOP,),
}
_NEEDED = ("request_rate", "burstiness", "trace")

Arrival = Annotated[float, Field(ge=0, le=1e9)]
TraceRow = tuple[Arrival, PositiveInt, PositiveInt]
"""Arrival in seconds, prompt tokens, output tokens."""


class TrafficSpec(Spec):
    """Arrivals, lengths and cached prefixes of the requests to simulate."""

    arrivals: Arrivals = Arrivals.CLOSED_LOOP
    request_rate: float | None = Field(None, gt=0, le=1e9, validate_default=True)
    """Requests per second over the whole deployment; poisson and bursty only."""
    burstiness: float | None = Field(None, gt=0, le=100, validate_default=True)
    """Standard deviation of the gaps between arrivals over their mean; bursty only."""
    trace: tuple[TraceRow, ...] | None = Field(None, max_length=MAX_REQUESTS, validate_default=True)
    """Rows of arrival in seconds, prompt tokens and output tokens; trace only."""
    requests: int | None = Field(None, gt=0, le=MAX_REQUESTS, strict=True)
    """Requests that arrive at the deployment; poisson and bursty only; default 2000."""
    requests_per_slot: int | None = Field(None, gt=0, le=MAX_REQUESTS, strict=True)
    """Requests that each slot serves; closed loop only; default 10."""
    length_spread: float = Field(0.0, ge=0, lt=1)
    """Prompts and outputs are drawn evenly from (1 - spread) to 1.0 of their lengths."""
    prefix_cache_hit_rate: float = Field(0.0, ge=0, le=1)
    """Share of each prompt's tokens found in the cache; the last one is always computed."""
    seed: int = Field(0, ge=0, lt=2**32, strict=True)

    @field_validator(*_APPLIES)
    @classmethod
    def _fits_the_arrivals(cls, value: Any, info: ValidationInfo) -> Any:
        arrivals = info.data.get("arrivals")
        field = info.field_name or ""
        if arrivals is None:
            return value
        applies = arrivals in _APPLIES[field]
        if value in (None, ()) and applies and field in _NEEDED:
            raise ValueError(f"is needed for {arrivals} arrivals")
        if value is not None and not applies:
            wanted = " or ".join(_APPLIES[field])
            raise ValueError(f"does not go with {arrivals} arrivals, only with {wanted}; leave out")
        return value

    @field_validator("length_spread")
    @classmethod
    def _a_trace_has_its_own_lengths(cls, spread: float, info: ValidationInfo) -> float:
        if spread and info.data.get("arrivals") is Arrivals.TRACE:
            raise ValueError("does not go with a trace, which has its own lengths; leave out")
        return spread

    def total_requests(self, concurrency: int) -> int:
        """Requests that the deployment serves with ``concurrency`` in flight.

        >>> TrafficSpec().total_requests(64)
        640
        """
        if self.trace is not None:
            return len(self.trace)
        if self.arrivals is Arrivals.CLOSED_LOOP:
            return concurrency * (self.requests_per_slot or DEFAULT_REQUESTS_PER_SLOT)
        return self.requests or DEFAULT_REQUESTS

    def prompt_tokens(self, concurrency: int, length: int) -> int:
        """Prompt tokens of all requests, where ``length`` is a prompt's own length."""
        if self.trace is not None:
            return sum(prompt for _, prompt, _ in self.trace)
        return self.total_requests(concurrency) * length
