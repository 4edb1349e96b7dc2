"""The whole work of a step: every operator of every layer, and every message.

Two parts, by what they depend on: the *backbone* is the same for all ranks of a tensor and sequence
group, whatever is done with the experts; the *routed* part is that of the experts.
"""

from collections.abc import Callable, Iterator

from llm_simulator.planner.operators.attention import attention_work
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.elementwise import elementwise_work, mixture_passes
from llm_simulator.planner.operators.encoder import encoder_work
from llm_simulator.planner.operators.feed_forward import feed_forward_work, routed_experts
from llm_simulator.planner.operators.layer_inputs import layer_input_work
from llm_simulator.planner.operators.speculation import as_draft, draft_passes, projection_work
from llm_simulator.planner.operators.tables import table_work
from llm_simulator.planner.operators.work import AnyWork, Product, Work


def step_work(context: Context) -> Iterator[Work]:
    """Every computation of the step on one rank of one stage, drafting included."""
    for work in all_work(context):
        yield work.work if isinstance(work, Product) else work


def all_work(context: Context) -> Iterator[AnyWork]:
    """The same, products by their sizes."""
    yield from backbone_work(context)
    yield from routed_work(context)


def backbone_work(context: Context) -> Iterator[AnyWork]:
    """The work that depends on tp, sp and the step only."""
    yield from encoder_work(context)
    yield from _with_drafts(context, _backbone)
    for draft in draft_passes(context):
        if draft.joins:
            yield as_draft(projection_work(draft.context), draft.repeats)


def routed_work(context: Context) -> Iterator[AnyWork]:
    """The work of routed experts: it also depends on attention_dp, ep and moe_tp."""
    if context.model.num_experts:
        yield from _with_drafts(context, _routed)


def _with_drafts(
    context: Context, network_work: Callable[[Context], Iterator[AnyWork]]
) -> Iterator[AnyWork]:
    yield from network_work(context)
    for draft in draft_passes(context):
        for work in network_work(draft.context):
            yield as_draft(work, draft.repeats)


def _backbone(context: Context) -> Iterator[AnyWork]:
    yield from table_work(context)
    yield from elementwise_work(context)
    yield from attention_work(context)
    yield from feed_forward_work(context)
    yield from layer_input_work(context)


def _routed(context: Context) -> Iterator[AnyWork]:
    if not context.model.num_experts:
        return
    yield mixture_passes(context)
    yield from routed_experts(context)
