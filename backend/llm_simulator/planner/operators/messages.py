"""What ranks send each other in one step."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from llm_simulator.planner.operators.cache import cached_bytes, state_bytes
from llm_simulator.planner.operators.cache_messages import cache_messages
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.encoder import encoder_messages
from llm_simulator.planner.operators.speculation import as_draft_message, draft_passes
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, Message, Relay
from llm_simulator.planner.specs.model import ModelSpec, latent_attention, sparse_attention
from llm_simulator.planner.specs.modules import Module
from llm_simulator.units import Bytes, Count, IntArray


def step_messages(context: Context) -> Iterator[Message]:
    """All communication of the step on one stage, drafting included."""
    yield from backbone_messages(context)
    yield from routed_messages(context)
    yield pipeline_message(context)


def backbone_messages(context: Context) -> Iterator[Message]:
    """What ranks of a tensor and a sequence group send each other."""
    yield from encoder_messages(context)
    yield from _with_drafts(context, _tensor_messages)
    yield from _with_drafts(context, _sequence_messages)
    if context.plans.has_dcp:
        yield from _with_drafts(context, cache_messages)


def routed_messages(context: Context) -> Iterator[Message]:
    """What goes to the experts and back."""
    if context.model.num_experts:
        yield from _with_drafts(context, _expert_messages)


def pipeline_message(context: Context) -> Message:
    """Hidden states on their way to the next stage."""
    name, hidden = "pipeline_transfer", _hidden_states(context)
    return Message(name, "send", "pipeline", hidden, repeats=context.layers.handed_on)


def _with_drafts(
    context: Context, messages: Callable[[Context], Iterator[Message]]
) -> Iterator[Message]:
    yield from messages(context)
    for draft in draft_passes(context):
        for message in messages(draft.context):
            yield as_draft_message(message, draft.repeats)


def _hidden_states(context: Context) -> Bytes:
    return context.tokens * context.model.hidden_size * ACTIVATION_BYTES


def is_alone(ranks: IntArray) -> bool:
    """Whether no plan has a group of so many ranks to send anything in."""
    return bool(ranks.max(initial=1) == 1)


def shares_experts(context: Context) -> Count:
    """1 where tokens of several ranks meet at the experts, 0 where each rank has its own."""
    return np.minimum(context.plans.sp * context.plans.attention_dp - 1, 1)


def _tensor_messages(context: Context) -> Iterator[Message]:
    """One reduction after each part of every layer: attention, a state, a feed-forward part.

    Where experts are shared the last one is split around dispatch and combine (a gather and a
    scatter), which costs the same; so most layers have exactly two.
    """
    if is_alone(context.plans.tp):
        return
    layers = context.layers
    hidden = _hidden_states(context)
    reductions = context.model.parts_per_layer * layers.every + layers.first
    yield Message("all_reduce", "all_reduce", "tensor", hidden, repeats=reductions)
    logits = context.step.sequences(context.plans.sp) * context.model.vocab_size / context.plans.tp
    gathered = logits * ACTIVATION_BYTES
    yield Message("all_reduce", "all_gather", "tensor", gathered, repeats=layers.last)


def _sequence_messages(context: Context) -> Iterator[Message]:
    """What a prompt attends to, to all its ranks; queries and partial results of decoding.

    A linear layer gathers the states that the ranks' parts of a prompt leave (LASP-2, arXiv
    2502.07563); when decoding, a request's whole state lies on one rank.
    """
    model, plans, layers = context.model, context.plans, context.layers
    if is_alone(plans.sp):
        return
    name = "sequence_exchange"
    reach = context.step.prompt_reach() / plans.sp
    prompt = reach * cached_bytes(model, context.cache_bytes, plans.tp)
    any_prompt = np.minimum(np.ceil(context.step.prompts), 1)
    yield Message(name, "all_gather", "sequence", prompt, repeats=layers.softmax * any_prompt)
    if model.num_linear_attention_layers:
        states = context.step.prompts * state_bytes(model, plans.tp)
        yield Message(name, "all_gather", "sequence", states, repeats=layers.linear * any_prompt)
    rows = context.step.decode_rows(plans.sp)
    any_decoding = np.minimum(rows, 1)
    for size in _decode_bytes(context):
        yield Message(
            name, "all_gather", "sequence", rows * size, repeats=layers.softmax * any_decoding
        )


def _decode_bytes(context: Context) -> Iterator[Bytes]:
    """Bytes per request of a query and of a partial attention result on one rank.

    Sparse attention first exchanges index queries (fp8) and each rank's candidates (a score and a
    position of 4 bytes each).
    """
    model = context.model
    heads = model.num_attention_heads / context.plans.tp
    if model.attention == "mla":
        mla = latent_attention(model)
        yield heads * mla.cache_width * ACTIVATION_BYTES
        yield heads * mla.kv_lora_rank * ACTIVATION_BYTES
    else:
        yield heads * model.head_dim * ACTIVATION_BYTES
        yield heads * model.value_head_dim * ACTIVATION_BYTES
    indexer = sparse_attention(model)
    if indexer is not None:
        yield float(indexer.width) * indexer.share
        yield 8.0 * indexer.index_topk * indexer.share


def distinct_ranks(ranks: Count, choices: float) -> Count:
    r"""Expected number of ranks that a token with ``choices`` experts reaches.

    .. math:: n\,\bigl(1 - (1 - 1/n)^k\bigr)

    >>> float(distinct_ranks(1, 8))
    1.0
    """
    return ranks * (1 - (1 - 1 / np.asarray(ranks, dtype=float)) ** choices)


def distinct_servers(servers: Count, model: ModelSpec) -> Count:
    r"""Expected number of servers that a token's experts lie on, groups of experts one after the
    other on them.

    A token visits :math:`v = g\,(1 - (1 - 1/g)^k)` of the g groups that it may choose from. Of m
    servers, each with r = G/m of all groups, one is missed with the probability that v draws
    without replacement pass it by,

    .. math:: \prod_{i < v} 1 - \frac{r}{G - i}

    and where there are more servers than groups, experts lie on those of the g groups alone.

    References: group-limited gating, DeepSeek-V2, arXiv 2405.04434, section 2.2.2.
    """
    groups, kept = model.n_group, model.topk_group
    choices = float(model.num_experts_per_tok)
    if groups == kept:
        return distinct_ranks(servers, choices)
    count = np.asarray(servers, dtype=float)
    visited = distinct_ranks(kept, choices)
    missed: Count = np.ones_like(count)
    for drawn in range(math.ceil(visited)):
        share = min(visited - drawn, 1.0)
        missed = missed * np.maximum(1 - share * groups / count / (groups - drawn), 0.0)
    candidates = np.maximum(count * kept / groups, 1.0)
    spread = distinct_ranks(candidates, choices)
    return np.where(count > groups, spread, count * (1 - missed))


def _relay(context: Context, one: Bytes) -> Relay:
    """Prompts cross once to each server of their experts; ``one`` is all tokens' bytes once.

    Steps that only decode send each copy by itself.
    """

    def across(servers: Count) -> Bytes:
        reached = distinct_servers(servers, context.model)
        return one * np.minimum(reached * context.unit_imbalance(servers), servers)

    return Relay(np.minimum(np.ceil(context.step.prompts), 1), across)


def _expert_messages(context: Context) -> Iterator[Message]:
    """Dispatch to and combine from the ranks of the chosen experts, where tokens of several ranks
    meet at one set of experts; otherwise every rank already has all it needs.

    Each tensor rank sends its share of the tokens; ranks that split an expert then gather what
    each of them received (as much as it sent, since moe_tp * ep = tp * sp * attention_dp). The
    busiest rank receives more than the mean, at most every token once.
    """
    plans, model = context.plans, context.model
    shared = shares_experts(context)
    if not model.num_experts or not np.any(shared):
        return
    targets = distinct_ranks(plans.ep, model.num_experts_per_tok)
    targets = np.minimum(targets * context.rank_imbalance, plans.ep)
    one = context.tokens / plans.tp * model.expert_input_size
    sent = one * targets
    dispatch_bytes = context.format_of(Module.ROUTED_EXPERTS).activation_bytes
    repeats = context.layers.moe * shared
    name = "dispatch_combine"
    for element in (dispatch_bytes, ACTIVATION_BYTES):
        relay = _relay(context, one * element)
        yield Message(name, "all_to_all", "expert", sent * element, repeats=repeats, relay=relay)
        if not is_alone(plans.moe_tp):
            yield Message(name, "all_gather", "expert_tensor", sent * element, repeats=repeats)
