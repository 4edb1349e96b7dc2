r"""One engine's schedule, with constant work per event instead of work per request and step.

The rules, those of today's engines with chunked prefill:

1. A step gives every decoding request its next token. What they leave of the token budget goes to
   prompts, first come first served; a prompt may take several steps and share steps with others.
2. A request enters when a place is free and the cache has room for all its tokens, which stay
   reserved until it ends; nobody is preempted. The first in the queue holds up all others.
3. The first token comes at the end of the prompt's last step, or the law's ``lag`` after it where
   pipeline stages have still to be passed; no later token comes before it.

Decoding requests advance together: their number, their summed context and the step index at which
each will end (a heap) say all. A stretch of k steps in which nobody comes or goes takes

.. math:: k\,(a + b\,C) + b\,n\,k\,(k-1)/2

seconds, with n requests decoding and their contexts growing by one per step; the first step after
an arrival is the root of this.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from heapq import heappop, heappush
from itertools import chain
from math import ceil, inf, sqrt
from typing import TypeVar

from llm_simulator.planner.serving.simulation.requests import Requests
from llm_simulator.planner.serving.simulation.step_law import StepLaw
from llm_simulator.units import IntArray

BLOCK = 16
"""Tokens of one block of cache; a request fills whole blocks (vLLM's default block size)."""
TokenCount = TypeVar("TokenCount", int, IntArray)
_ID_BITS = 20
"""Bits for the index of a request below the step index at which it ends."""
_ID_MASK = 2**_ID_BITS - 1


@dataclass(frozen=True)
class Engine:
    """What one data-parallel rank can hold."""

    places: int
    """Requests at once."""
    token_budget: int
    """Tokens of one step: one per decoding request, the rest for prompts."""
    cache_blocks: int

    def __post_init__(self) -> None:
        if self.places > self.token_budget:
            raise ValueError(f"{self.places} places need as many tokens per step")


@dataclass(frozen=True)
class Timeline:
    """What happened, in seconds from the start; sequences of shape [N] by request."""

    arrival: Sequence[float]
    admission: Sequence[float]
    first_token: Sequence[float]
    finish: Sequence[float]
    stretch_gaps: Sequence[int]
    """Gaps between tokens of a request, summed over the requests; by stretch of steps."""
    stretch_mean: Sequence[float]
    """Seconds of a gap in the mean of its stretch."""

    @classmethod
    def together(cls, parts: Sequence["Timeline"]) -> "Timeline":
        """What happened on several ranks, one after the other."""
        columns = ([getattr(part, field.name) for part in parts] for field in fields(cls))
        return cls(*(list(chain.from_iterable(column)) for column in columns))


def blocks(tokens: TokenCount) -> TokenCount:
    """Blocks of cache that hold ``tokens``; a number or a column.

    >>> [blocks(tokens) for tokens in (1, 16, 17)]
    [1, 1, 2]
    """
    return -(-tokens // BLOCK)


def simulate(engine: Engine, law: StepLaw, requests: Requests) -> Timeline:
    """The timeline of ``requests``, each of which must fit into the engine's cache."""
    return _Run(engine, law, requests).timeline()


class _Run:
    """The state of a simulation between two steps."""

    def __init__(self, engine: Engine, law: StepLaw, requests: Requests) -> None:
        count = len(requests)
        self.engine, self.law = engine, law
        self.arrival: list[float] = requests.arrival.tolist()
        self.prompt: list[int] = requests.prompt.tolist()
        self.cached: list[int] = requests.cached.tolist()
        self.output: list[int] = requests.output.tolist()
        self.blocks: list[int] = blocks(requests.total).tolist()
        self.admission, self.first_token, self.finish = ([0.0] * count for _ in range(3))
        self.gaps: list[int] = []
        self.gap_mean: list[float] = []
        self.now, self.step = 0.0, 0
        self.head = 0
        """The first request in the queue, or the next to arrive."""
        self.successor = self.arrival.index(inf) if inf in self.arrival else count
        """The next request to take a finished one's place (closed loop)."""
        self.partial = -1
        """The request whose prompt is partly done, -1 for none; ``done`` of its tokens are."""
        self.done = 0
        self.running, self.decoding, self.context = 0, 0, 0
        self.free = engine.cache_blocks
        self.ends: list[int] = []

    def timeline(self) -> Timeline:
        """Runs until every request is served."""
        count = len(self.arrival)
        while self.head < count or self.decoding or self.partial >= 0:
            tokens, pairs, ready = self._take_prompts()
            if tokens:
                self._mixed_step(tokens, pairs, ready)
            elif self.decoding:
                self._decode_stretch()
            else:
                self.now = self.arrival[self.head]
        return Timeline(
            arrival=self.arrival,
            admission=self.admission,
            first_token=self.first_token,
            finish=self.finish,
            stretch_gaps=self.gaps,
            stretch_mean=self.gap_mean,
        )

    def _take_prompts(self) -> tuple[int, int, list[int]]:
        """Prompt tokens and query-key pairs of the next step, and the prompts it completes."""
        budget = left = self.engine.token_budget - self.decoding
        pairs, ready = 0, []
        while left > 0 and (self.partial >= 0 or self._admits()):
            request, done = self.partial, self.done
            todo = self.prompt[request] - done
            chunk = todo if todo < left else left
            pairs += chunk * done + chunk * (chunk + 1) // 2
            left -= chunk
            if chunk == todo:
                ready.append(request)
                self.partial = -1
            else:
                self.done = done + chunk
        return budget - left, pairs, ready

    def _admits(self) -> bool:
        """Whether the first in the queue enters, to be the partial prompt."""
        head = self.head
        if (
            head == len(self.arrival)
            or self.arrival[head] > self.now
            or self.running == self.engine.places
            or self.blocks[head] > self.free
        ):
            return False
        self.admission[head] = self.now
        self.free -= self.blocks[head]
        self.running += 1
        self.partial, self.done = head, self.cached[head]
        self.head = head + 1
        return True

    def _mixed_step(self, tokens: int, pairs: int, ready: list[int]) -> None:
        """One step with prompts."""
        decoding, context = self.decoding, self.context
        time, per_context, lag, lag_per_context = self.law.mixed(decoding, tokens, pairs)
        seconds = time + per_context * context
        self._advance(1, seconds)
        first_token = self.now + lag + lag_per_context * context
        for request in ready:
            self.first_token[request] = first_token
            if self.output[request] == 1:
                self._leave(request)
            else:
                self.decoding += 1
                self.context += self.prompt[request] + 1
                end = self.step + self.output[request] - 1
                heappush(self.ends, end << _ID_BITS | request)

    def _decode_stretch(self) -> None:
        """Steps without prompts until somebody ends, or comes and can enter."""
        decoding = self.decoding
        per_context = self.law.decode_per_context[decoding]
        first = self.law.decode[decoding] + per_context * self.context
        growth = per_context * decoding
        steps = (self.ends[0] >> _ID_BITS) - self.step
        if steps > 1:
            wait = self._wait()
            if wait < steps * (first + growth * steps):
                steps = min(steps, steps_until(wait, first=first, growth=growth))
        self._advance(steps, steps * first + growth * (steps * (steps - 1) / 2))

    def _wait(self) -> float:
        """Seconds until somebody arrives who can enter at once; infinite if only an end helps."""
        head = self.head
        if (
            head == len(self.arrival)
            or self.running == self.engine.places
            or self.blocks[head] > self.free
        ):
            return inf
        return self.arrival[head] - self.now

    def _advance(self, steps: int, seconds: float) -> None:
        """All decoding requests get ``steps`` tokens in ``seconds``; who is done leaves."""
        decoding = self.decoding
        self.now += seconds
        self.step += steps
        self.context += steps * decoding
        if decoding:
            self.gaps.append(steps * decoding)
            self.gap_mean.append(seconds / steps)
            ends = self.ends
            while ends and ends[0] >> _ID_BITS == self.step:
                request = heappop(ends) & _ID_MASK
                self.decoding -= 1
                self.context -= self.prompt[request] + self.output[request]
                self._leave(request)

    def _leave(self, request: int) -> None:
        """The request ends and, in a closed loop, the next one takes its place."""
        # With pipeline stages, a first token can lag behind the step of the last.
        self.finish[request] = max(self.now, self.first_token[request])
        self.free += self.blocks[request]
        self.running -= 1
        if self.successor < len(self.arrival):
            self.arrival[self.successor] = self.now
            self.successor += 1


def steps_until(wait: float, *, first: float, growth: float) -> int:
    r"""Steps, at least one, after which ``wait`` seconds have passed.

    The smallest k with :math:`k f + g\,k\,(k-1)/2 \ge w`, for steps that take ``first`` seconds
    and ``growth`` more each.

    >>> [steps_until(w, first=1.0, growth=0.0) for w in (0.0, 2.0, 2.5)]
    [1, 2, 3]
    >>> steps_until(6.5, first=1.0, growth=1.0)
    4
    """
    linear = first - growth / 2
    return max(ceil(2 * wait / (linear + sqrt(linear * linear + 2 * growth * wait))), 1)
