"""One engine step: what its ranks have to process."""

from dataclasses import dataclass

import numpy as np

from llm_simulator.units import Count


@dataclass(frozen=True)
class Step:
    """A micro-batch of one data-parallel rank on one pipeline stage; columns of shape [P].

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

    @property
    def chunk(self) -> float:
        """Tokens of one chunk."""
        return self.prompt_length / self.chunks

    def prompt_tokens(self, sp: Count) -> Count:
        """Prompt tokens on one of ``sp`` sequence-parallel ranks."""
        return self.prompts * self.chunk / sp

    def tokens(self, sp: Count) -> Count:
        """Tokens that linear layers process on one rank; the busiest one counts."""
        return self.prompt_tokens(sp) + np.ceil(self.decoding / sp)

    def sequences(self, sp: Count) -> Count:
        """Rows of the output head: one per decoding request, one per finished prompt."""
        return np.ceil(self.decoding / sp) + self.prompts / self.chunks / sp

    def prompt_pairs(self, window: int | None = None) -> Count:
        r"""Query-key pairs of the chunks, a mean over the chunks of a prompt.

        Causal: :math:`\sum_{i=1}^{L} \min(i, w)` for a prompt of L tokens and window w.
        """
        length = self.prompt_length
        reach = length if window is None else min(window, length)
        pairs = length * reach - reach * (reach - 1) / 2
        return self.prompts * pairs / self.chunks

    def prompt_reach(self) -> Count:
        """Tokens whose keys the chunks read, a mean over the chunks of a prompt."""
        return self.prompts * self.chunk * (self.chunks + 1) / 2

    def decode_context(self, window: int | None = None) -> float:
        """Tokens one decoding request attends to."""
        return self.context if window is None else min(self.context, float(window))
