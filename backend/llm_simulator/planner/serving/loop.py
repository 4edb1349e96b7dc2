"""TTFT and TPOT of a closed loop out of the times of its steps; every formula is elementwise."""

from dataclasses import dataclass
from math import inf

import numpy as np

from llm_simulator.planner.serving.queueing import closed_loop_response_time
from llm_simulator.planner.specs.calibration import EngineFactors
from llm_simulator.units import Count, Seconds


@dataclass(frozen=True)
class Loop:
    """Requests of one data-parallel rank and the steps they take; figures or columns."""

    requests: Count
    stages: Count
    chunks: Count
    """Steps of one prompt on a stage."""
    prompts: Count
    """Prompt chunks that join one mixed step."""
    decodes_beside: Count
    """1 where a mixed step also decodes, 0 where prompts have it to themselves."""
    prompt_tokens: Count
    output_tokens: Count
    output_steps: Count
    """Steps that produce a request's output."""
    tokens_per_step: Count
    """Tokens that one decode step yields per request."""
    receive_interval: Count
    """Decode steps after which the engine looks at new requests."""
    balanced: Count
    """1 where ranks share their steps, so that a prompt may wait for those of other ranks."""


@dataclass(frozen=True)
class StepTimes:
    """Seconds of the slowest stage's decode step and mixed step, and of all stages one after the
    other; and of the host in each round of steps."""

    decode: Seconds
    mixed: Seconds
    decode_through: Seconds
    mixed_through: Seconds
    host: Seconds


@dataclass(frozen=True)
class Phases:
    """The parts TTFT and TPOT are made of; seconds, columns of shape [P]."""

    decode_steps: Seconds
    """Time per token of the decode steps alone: a round of all micro-batches in flight."""
    interference: Seconds
    """Time per token that prompts of other requests take."""
    token_overhead: Seconds
    """Time per token that the chips wait for the host."""
    prefill_steps: Seconds
    """Time of a prompt's own steps through the pipeline."""
    admission: Seconds
    """Time until the engine takes in a waiting prompt."""
    queueing: Seconds
    """Time a prompt waits for other prompts."""
    prompt_overhead: Seconds
    """Time of the host on the way to the first token."""

    @property
    def tpot(self) -> Seconds:
        """Time per output token after the first."""
        return self.decode_steps + self.interference + self.token_overhead

    @property
    def ttft(self) -> Seconds:
        """Time to first token."""
        return self.prefill_steps + self.admission + self.queueing + self.prompt_overhead


def host_time(step_overhead: Seconds, requests: Count, factors: EngineFactors) -> Seconds:
    """Seconds that the chips wait for the host in each round of steps."""
    return step_overhead * factors.step_overhead + factors.request_overhead * requests


def micro_batches(stages: Count, requests: Count) -> Count:
    """Micro-batches in flight: one per stage, if there are requests enough."""
    return np.minimum(stages, np.maximum(requests, 1))


def fills_pipeline(batches: Count, step: Seconds, through: Seconds) -> Count:
    """1 where micro-batches queue at the slowest stage, 0 where one meets no other on its way."""
    return np.where(batches * np.asarray(step) >= through, 1.0, 0.0)


def round_time(batches: Count, step: Seconds, through: Seconds) -> Seconds:
    """Seconds until a micro-batch has its next step: the slowest stage serves all the others
    first, and none passes the stages faster than ``through``.

    >>> [float(round_time(batches, step=1.0, through=2.5)) for batches in (1, 4)]
    [2.5, 4.0]
    """
    return np.maximum(batches * step, through)


def phases(loop: Loop, times: StepTimes, factors: EngineFactors) -> Phases:
    """TTFT and TPOT in parts, before any correction."""
    steps = mixed_steps_per_round(loop)
    batches = micro_batches(loop.stages, loop.requests)
    decode_round = round_time(batches, times.decode, times.decode_through)
    hidden = np.minimum(steps, batches) * times.decode * loop.decodes_beside
    decode_steps = decode_round / loop.tokens_per_step
    interference = (steps * times.mixed - hidden) / loop.tokens_per_step
    token_overhead = times.host / loop.tokens_per_step
    prefill_steps = times.mixed_through + (loop.chunks - 1) * times.mixed
    host = loop.chunks * times.host
    generating = (loop.output_tokens - 1) * (decode_steps + interference + token_overhead)
    demand = times.mixed * loop.chunks / loop.prompts
    alone = prefill_steps + host
    response = closed_loop_response_time(
        alone=alone,
        demand=demand,
        elsewhere=generating,
        # Those that share its steps are not ahead of a prompt.
        population=np.maximum(loop.requests - loop.prompts + 1, 1),
    )
    return Phases(
        decode_steps=decode_steps,
        interference=interference,
        token_overhead=token_overhead,
        prefill_steps=factors.prompt_steps * prefill_steps,
        admission=steps_before_admission(loop, factors) * (decode_round + times.host),
        # Requests are not served faster than their prompts' steps follow each other.
        queueing=np.maximum(
            factors.queueing * np.maximum(response - alone, 0.0),
            loop.requests * demand - generating - alone,
        ),
        prompt_overhead=factors.prompt_steps * host
        + factors.first_token_overhead
        + factors.prompt_token_overhead * loop.prompt_tokens,
    )


def steps_before_admission(loop: Loop, factors: EngineFactors, most: float = inf) -> Count:
    """Decode steps that pass before a waiting prompt is taken in: half an interval in the mean.

    ``most`` bounds those that are due to neither the interval nor other ranks.
    """
    between_looks = (loop.receive_interval - 1) / 2
    other_ranks = factors.balance_steps * loop.balanced
    own = np.minimum(factors.admission_steps, most)
    return own + between_looks + other_ranks


def mixed_steps_per_round(loop: Loop) -> Count:
    """Mixed steps that prompts of others add to one round of decode steps."""
    others = loop.requests - 1
    return others * loop.chunks / loop.prompts / loop.output_steps


def opening_burst(loop: Loop, times: StepTimes) -> Seconds:
    """Mean wait of requests that arrive at once and are served in turn: half of all the others.

    >>> loop = Loop(5, 1, 1, 1, 1, 100, 10, 10, 1, 1, 0)
    >>> opening_burst(loop, StepTimes(0.0, 1.0, decode_through=0.0, mixed_through=1.0, host=0.0))
    2.0
    """
    return (loop.requests - 1) / 2 * times.mixed * loop.chunks / loop.prompts
