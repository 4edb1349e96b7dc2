"""The whole work of a step: every operator of every layer, and every message."""

from collections.abc import Iterator

from llm_simulator.operators.attention import attention_work
from llm_simulator.operators.context import Context
from llm_simulator.operators.elementwise import elementwise_work
from llm_simulator.operators.feed_forward import feed_forward_work
from llm_simulator.operators.speculation import as_draft, draft_passes, projection_work
from llm_simulator.operators.tables import table_work
from llm_simulator.operators.work import Work


def step_work(context: Context) -> Iterator[Work]:
    """Every computation of the step on one rank of one stage, drafting included."""
    yield from _network_work(context)
    for draft in draft_passes(context):
        if draft.joins:
            yield as_draft(projection_work(draft.context), draft.repeats)
        for work in _network_work(draft.context):
            yield as_draft(work, draft.repeats)


def _network_work(context: Context) -> Iterator[Work]:
    yield from table_work(context)
    yield from elementwise_work(context)
    yield from attention_work(context)
    yield from feed_forward_work(context)
