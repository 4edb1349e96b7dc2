"""The engine's schedule written down plainly: every running request is touched in every step.

Slow on purpose: no counters, no heap, no skipped steps. It follows the rules that
``llm_simulator.planner.serving.simulation.engine`` states, and nothing else of that module.
"""

from dataclasses import dataclass, field
from math import inf

from llm_simulator.planner.serving.simulation.engine import Engine
from llm_simulator.planner.serving.simulation.requests import Requests
from llm_simulator.planner.serving.simulation.step_law import StepLaw


@dataclass
class Request:
    """One request on its way."""

    arrival: float
    prompt: int
    output: int
    computed: int
    tokens: list[float] = field(default_factory=list)
    """When each of its tokens came."""
    admission: float = inf

    @property
    def decodes(self) -> bool:
        return self.computed == self.prompt

    @property
    def blocks(self) -> int:
        return -(-(self.prompt + self.output) // 16)

    @property
    def context(self) -> int:
        """Tokens that the next decode step attends to."""
        return self.prompt + len(self.tokens)


def reference(engine: Engine, law: StepLaw, requests: Requests) -> list[Request]:
    """The requests with all their times."""
    everybody = [
        Request(float(arrival), int(prompt), int(output), computed=int(cached))
        for arrival, prompt, output, cached in zip(
            requests.arrival, requests.prompt, requests.output, requests.cached, strict=True
        )
    ]
    waiting, running, now = list(everybody), [], 0.0
    while waiting or running:
        decoding = [request for request in running if request.decodes]
        chunks = []
        left = engine.token_budget - len(decoding)
        for request in running:
            if not request.decodes and left > 0:
                chunks.append((request, min(left, request.prompt - request.computed)))
                left -= chunks[-1][1]
        while left > 0 and waiting and _may_enter(engine, running, waiting[0], now):
            request = waiting.pop(0)
            request.admission = now
            running.append(request)
            chunks.append((request, min(left, request.prompt - request.computed)))
            left -= chunks[-1][1]
        if not running:
            now = waiting[0].arrival
            continue
        seconds, lag = _step_time(law, decoding, chunks)
        now += seconds
        for request in decoding:
            request.tokens.append(max(now, request.tokens[0]))
        for request, chunk in chunks:
            request.computed += chunk
            if request.decodes:
                request.tokens.append(now + lag)
        for request in [r for r in running if len(r.tokens) == r.output]:
            running.remove(request)
            successor = next((r for r in waiting if r.arrival == inf), None)
            if successor is not None:
                successor.arrival = now
    return everybody


def _may_enter(engine: Engine, running: list[Request], request: Request, now: float) -> bool:
    reserved = sum(r.blocks for r in running)
    return (
        request.arrival <= now
        and len(running) < engine.places
        and reserved + request.blocks <= engine.cache_blocks
    )


def _step_time(
    law: StepLaw, decoding: list[Request], chunks: list[tuple[Request, int]]
) -> tuple[float, float]:
    count, context = len(decoding), sum(request.context for request in decoding)
    if not chunks:
        return law.decode[count] + law.decode_per_context[count] * context, 0.0
    tokens = sum(chunk for _, chunk in chunks)
    pairs = sum(sum(request.computed + i + 1 for i in range(chunk)) for request, chunk in chunks)
    time, per_context, lag, lag_per_context = law.mixed(count, tokens, pairs)
    return time + per_context * context, lag + lag_per_context * context
