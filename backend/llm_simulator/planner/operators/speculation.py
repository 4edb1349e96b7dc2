"""Speculative decoding: what drafting costs and how many tokens a verifying step yields."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import AnyWork, Message, Product
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.drafting import prediction_layer
from llm_simulator.planner.specs.formats import UNQUANTISED
from llm_simulator.planner.specs.speculation import Speculation
from llm_simulator.units import Count


def verified_tokens(speculation: Speculation | None) -> int:
    """Tokens per decoding request that a step computes: the last one and all drafted after it."""
    return 1 if speculation is None else speculation.draft_tokens + 1


def accepted_tokens(speculation: Speculation | None) -> float:
    r"""Expected output tokens per request and step; 1 without speculation.

    .. math:: \sum_{i=0}^{\gamma} a^i = \frac{1 - a^{\gamma + 1}}{1 - a}

    Drafted token i counts if it and all before it were right; the model adds one of its own.
    Source: Leviathan et al., Fast Inference from Transformers via Speculative Decoding,
    arXiv 2211.17192, equation 1.

    >>> accepted_tokens(Speculation(draft_tokens=3, acceptance_rate=0.5))
    1.875
    >>> accepted_tokens(Speculation(draft_tokens=3, acceptance_rate=1))
    4.0
    """
    if speculation is None:
        return 1.0
    drafted = np.arange(verified_tokens(speculation))
    return float(np.sum(speculation.acceptance_rate**drafted))


def drafting(deployment: Deployment) -> Deployment | None:
    """The deployment of what drafts, in place of the model; None where none or only its cost is
    known."""
    speculation = deployment.workload.speculative
    if speculation is None:
        return None
    is_layer = speculation.method == "mtp"
    draft = prediction_layer(deployment.model) if is_layer else speculation.draft_model
    if draft is None:
        return None
    formats = deployment.draft_formats or deployment.formats
    return replace(deployment, model=draft, formats=formats)


@dataclass(frozen=True)
class DraftPass:
    """One kind of pass over a draft network, done ``repeats`` times in a step."""

    context: Context
    repeats: Count
    joins: bool
    """Whether hidden state and embedding are projected together first."""


def draft_passes(context: Context) -> Iterator[DraftPass]:
    """The passes that draft tokens for the next step; the first takes in the step's prompts too."""
    speculation = context.deployment.workload.speculative
    if speculation is None:
        return
    draft, weight = _draft_context(context, speculation)
    again = speculation.draft_tokens
    if np.any(context.step.prompts > 0):
        yield DraftPass(draft, weight, speculation.method == "mtp")
        again -= 1
    without = replace(draft.step, prompts=np.zeros_like(context.step.prompts))
    yield DraftPass(replace(draft, step=without), again * weight, speculation.method == "mtp")


def _draft_context(context: Context, speculation: Speculation) -> tuple[Context, Count]:
    """One pass, a token per request, and how often it runs per step (on the last stage)."""
    step = replace(context.step, tokens_per_request=1)
    draft = drafting(context.deployment)
    if draft is None or speculation.draft_cost is not None:
        return replace(context, step=step), speculation.draft_cost or 0.0
    plans = replace(context.plans, pp=np.ones_like(context.plans.pp))
    return Context(draft, plans, step), context.layers.last


def projection_work(draft: Context) -> Product:
    """Hidden state and embedding of the next token, side by side, projected to one hidden state.

    On every rank, unquantised: see ``joining_weights``.
    """
    hidden = draft.model.hidden_size
    return linear(
        draft,
        "draft",
        rows=draft.tokens,
        columns=float(hidden),
        inner=2.0 * hidden,
        repeats=1.0,
        matrix_format=UNQUANTISED,
    )


def as_draft(work: AnyWork, repeats: Count) -> AnyWork:
    """An operator of the draft network, ``repeats`` times."""
    return replace(work, operator="draft", repeats=work.repeats * repeats)


def as_draft_message(message: Message, repeats: Count) -> Message:
    """A message of the draft network, ``repeats`` times."""
    return replace(message, operator="draft", repeats=message.repeats * repeats)
