"""One engine step: what its ranks have to process."""

import math
from dataclasses import dataclass, replace

import numpy as np

from llm_simulator.units import Count, IntArray


@dataclass(frozen=True)
class Step:
    """A micro-batch of one data-parallel rank on one pipeline stage; columns of shape [P], or
    [T, P] of several ``beside`` each other.

    Prompts come in equal chunks: ``chunk`` tokens each, a prompt has ``chunks`` of them.
    """

    prompts: Count
    """Prompt chunks processed in this step."""
    prompt_length: int
    chunks: int
    decoding: Count
    """Requests that get their next token in this step."""
    context: float
    """Tokens each of them attends to, in the mean."""
    tokens_per_request: int = 1
    """Tokens of each of them computed at once: more than one verifies drafted tokens."""
    cached: int = 0
    """Tokens of each prompt whose keys and values are there already: read, not computed."""

    def __getitem__(self, rows: IntArray) -> "Step":
        """The step of those ``rows``."""
        prompts, decoding = np.asarray(self.prompts), np.asarray(self.decoding)
        return replace(self, prompts=prompts[..., rows], decoding=decoding[..., rows])

    @property
    def chunk(self) -> float:
        """Tokens of one chunk."""
        return (self.prompt_length - self.cached) / self.chunks

    def prompt_tokens(self, sp: Count) -> Count:
        """Prompt tokens computed on one of ``sp`` sequence-parallel ranks."""
        return self.prompts * self.chunk / sp

    def decode_rows(self, sp: Count) -> Count:
        """Tokens of decoding requests on one rank; the busiest one counts."""
        return np.ceil(self.decoding / sp) * self.tokens_per_request

    def tokens(self, sp: Count) -> Count:
        """Tokens that linear layers process on one rank."""
        return self.prompt_tokens(sp) + self.decode_rows(sp)

    def sequences(self, sp: Count) -> Count:
        """Rows of the output head: those of decoding requests, one per finished prompt."""
        return self.decode_rows(sp) + self.prompts / self.chunks / sp

    def prompt_pairs(self, window: int | None = None) -> Count:
        """Query-key pairs of the chunks, a mean over the chunks of a prompt."""
        computed = causal_pairs(self.prompt_length, window) - causal_pairs(self.cached, window)
        return self.prompts * computed / self.chunks

    def prompt_reach(self, window: int | None = None, shares: Count = 1) -> Count:
        """Tokens whose keys the chunks read, a mean over the chunks of a prompt.

        A chunk reads itself and what lies before it, of which at most a window; and of that one of
        ``shares``, where ranks have a share each.
        """
        return self.prompts * (self.chunk + self._before_chunk(window) / shares)

    def prompt_context(self) -> Count:
        """Tokens that lie before the chunks, a mean over the chunks of a prompt."""
        return self.prompts * self._before_chunk()

    def _before_chunk(self, window: int | None = None) -> float:
        """Tokens before a chunk that it reads, a mean over the chunks of a prompt."""
        bound = self.prompt_length if window is None else min(window, self.prompt_length)
        # The first chunks have less than a window before them, the others a whole one.
        short = min(max(math.ceil((bound - self.cached) / self.chunk), 0), self.chunks)
        before = short * self.cached + self.chunk * short * (short - 1) / 2
        before += (self.chunks - short) * bound
        return before / self.chunks

    def decode_context(self, window: int | None = None) -> float:
        """Tokens one decoding request attends to."""
        return self.context if window is None else min(self.context, float(window))

    def decode_pairs(self, window: int | None = None) -> Count:
        """Query-key pairs of the decoding requests."""
        return self.decoding * self.tokens_per_request * self.decode_context(window)

    def decode_reach(self, window: int | None = None) -> Count:
        """Tokens whose keys the decoding requests read, once for all queries of a request."""
        return self.decoding * self.decode_context(window)


def causal_pairs(length: int, window: int | None = None) -> float:
    r"""Query-key pairs of a prompt whose tokens attend to themselves and those before.

    .. math:: \sum_{i=1}^{L} \min(i, w)

    >>> causal_pairs(4), causal_pairs(4, window=2), causal_pairs(0)
    (10.0, 7.0, 0.0)
    """
    reach = length if window is None else min(window, length)
    return length * reach - reach * (reach - 1) / 2


def beside(*steps: Step) -> Step:
    """Steps of the same plans that differ in their requests only, as rows [T, P]."""
    return replace(
        steps[0],
        prompts=np.stack([step.prompts for step in steps]),
        decoding=np.stack([step.decoding for step in steps]),
    )


def halved(step: Step) -> Step:
    """Half of the prompts and of the requests of a step."""
    return replace(step, prompts=step.prompts / 2, decoding=step.decoding / 2)
