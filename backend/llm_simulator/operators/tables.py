"""The two tables over the vocabulary: token embedding and output head."""

from collections.abc import Iterator

from llm_simulator.operators.context import Context
from llm_simulator.operators.linear import linear
from llm_simulator.operators.work import ACTIVATION_BYTES, Work


def table_work(context: Context) -> Iterator[Work]:
    """Embedding of every token, and logits of the last token of each sequence."""
    model, plans = context.model, context.plans
    share = context.layers.share_of_model
    yield Work(
        operator="embedding",
        flops=context.tokens * 0.0,
        bytes=2 * context.tokens * model.hidden_size * ACTIVATION_BYTES,
        unit="bf16",
        repeats=share,
    )
    yield linear(
        context,
        "lm_head",
        rows=context.step.sequences(plans.sp),
        columns=model.vocab_size / plans.tp,
        inner=model.hidden_size,
        repeats=share,
        matrix_format=context.full_format,
    )
