"""What a serving engine reaches of a chip's figures, and how far its predictions can be trusted."""

from typing import Annotated, Literal, get_args

import numpy as np
from pydantic import AfterValidator, Field

from llm_simulator.planner.specs.measured_points import POINTS
from llm_simulator.planner.specs.uncertainty import Correlation
from llm_simulator.planner.specs.validation import Spec
from llm_simulator.units import Count

MOST = 1e6
"""Largest factor."""
Factor = Annotated[float, Field(gt=0, le=MOST)]
Engine = Literal["vllm", "sglang", "trtllm"]
ENGINES: tuple[str, ...] = get_args(Engine)
Provenance = Literal["calibrated", "transferred", "first_principles"]


Interval = tuple[Count, Count]


class EngineFactors(Spec):
    """How kernels and host of an engine perform; one number each, over what a chip or load states.

    Shares multiply ``ChipSpec.compute_efficiency``, ``memory_efficiency`` and ``link_efficiency``
    (the product is at most 1); starts multiply ``ChipSpec.kernel_latency`` or a link's latency.
    """

    gemm_compute: Factor
    gemm_memory: Factor
    expert_compute: Factor
    expert_memory: Factor
    attention_compute: Factor
    attention_memory: Factor
    elementwise_memory: Factor
    link_bandwidth: Factor
    gemm_start: Factor
    narrow_start: Factor
    """Added to the start of a product whose operands are narrower than bf16: it is quantised."""
    expert_start: Factor
    attention_start: Factor
    elementwise_start: Factor
    message_start: Factor
    step_overhead: Factor
    """Over ``WorkloadSpec.step_overhead``: what the chips wait for in each step."""
    request_overhead: Factor
    """Seconds of host work per step and request of a rank: sampling, detokenising, scheduling."""
    first_token_overhead: Factor
    """Seconds between a request's arrival and its place in the queue, and back to the user."""
    prompt_token_overhead: Factor
    """Seconds of host work per prompt token: tokenising, copying."""
    admission_steps: Factor
    """Decode steps that pass before a waiting prompt is taken in."""
    balance_steps: Factor
    """Decode steps that a prompt waits further where ranks of attention share their steps, so that
    prompts of several ranks go together (TensorRT-LLM: ``attention_dp_config``)."""
    prompt_steps: Factor
    """Over the time of a prompt's own steps."""
    queueing: Factor
    """Over the time that prompts of others are in the way in the steady state."""
    opening_burst: Factor
    """Share of a benchmark's mean that the wait of its opening burst makes up."""
    slot_wait: Factor
    """Over the time until the next request ends: engines that run one request less than offered."""
    pool_decode: Factor = 1.0
    """Over the time of a step of instances that only decode."""


FACTORS = tuple(EngineFactors.model_fields)
LOOP_FACTORS = tuple(name for name in FACTORS if name != "pool_decode")
"""Those that aggregated runs show."""

FEATURE_COUNT = 1 + len(POINTS)
"""Bumps of ``serving.correction``."""


def _has_all(row: tuple[float, ...]) -> tuple[float, ...]:
    if row and len(row) != FEATURE_COUNT:
        raise ValueError(
            f"{len(row)} coefficients; a correction has {FEATURE_COUNT} or none: calibrate again"
        )
    return row


Offset = Annotated[float, Field(ge=-20, le=20)]
Coefficients = Annotated[tuple[Offset, ...], AfterValidator(_has_all)]
"""A correction: one coefficient per feature, or none."""


class Calibration(Spec):
    """The factors in force for one model, chip and engine, and the error they were fitted with."""

    factors: EngineFactors
    tpot_correction: Coefficients = ()
    """Coefficients over the bumps of ``serving.correction`` of log(measured / predicted)."""
    ttft_correction: Coefficients = ()
    tpot_interval: tuple[Factor, Factor]
    """Measured over predicted: the 10 % and the 90 % quantile of held-out runs."""
    ttft_interval: tuple[Factor, Factor]
    tpot_interval_unmeasured: tuple[Factor, Factor]
    """The same of serving in pools; without any runs on pools that of cases never measured."""
    ttft_interval_unmeasured: tuple[Factor, Factor]
    tpot_interval_far: tuple[Factor, Factor]
    """The same without any calibration: for loads and plans far from what was measured."""
    ttft_interval_far: tuple[Factor, Factor]
    provenance: Provenance
    basis: str
    """One sentence: fitted on what, with which error."""
    pool_basis: str | None = None
    """The same of serving in pools."""
    correlation: Correlation = Correlation()
    """How the errors of two plans of the case go together."""

    def intervals(self, nearness: Count, *, pooled: bool = False) -> tuple[Interval, Interval]:
        """The 10 % and the 90 % quantile of TTFT and of TPOT, measured over predicted.

        Calibrated where ``nearness`` is 1, first principles where it is 0. ``pooled`` is serving in
        pools.
        """
        ttft = self.ttft_interval_unmeasured if pooled else self.ttft_interval
        tpot = self.tpot_interval_unmeasured if pooled else self.tpot_interval
        return (
            _between(self.ttft_interval_far, ttft, nearness),
            _between(self.tpot_interval_far, tpot, nearness),
        )


def _between(far: tuple[float, float], near: tuple[float, float], nearness: Count) -> Interval:
    low, high = (f ** (1 - nearness) * n**nearness for f, n in zip(far, near, strict=True))
    return low, high


def wider(interval: Interval, reach: float) -> Interval:
    """The interval whose logarithm reaches ``reach`` times as far from its middle, within what a
    factor may be.

    >>> [round(float(end), 6) for end in wider((0.5, 2.0), 2.0)]
    [0.25, 4.0]
    """
    low, high = (np.log(end) for end in interval)
    middle, half, most = (low + high) / 2, (high - low) / 2 * reach, np.log(MOST)
    return np.exp(np.maximum(middle - half, -most)), np.exp(np.minimum(middle + half, most))
