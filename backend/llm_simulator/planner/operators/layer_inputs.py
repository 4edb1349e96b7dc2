"""What stands beside attention and feed-forward parts in Gemma 4 E2B and E4B and in Gemma 3n."""

from collections.abc import Iterator

from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, AnyWork, Work
from llm_simulator.planner.specs.formats import UNQUANTISED


def layer_input_work(context: Context) -> Iterator[AnyWork]:
    """The lookup and the projection of all layers' inputs, then a gate and a projection per layer;
    Gemma 3n's residual streams and the narrow path beside its attention.

    References: ``Gemma4TextModel`` and ``Gemma3nTextModel`` in the transformers library.
    """
    yield from _streams(context)
    model = context.model
    width = float(model.hidden_size_per_layer_input)
    if not width:
        return
    once, layers = context.layers.first, context.layers.every
    whole = width * model.num_hidden_layers
    yield Work(
        operator="embedding",
        flops=context.tokens * 0.0,
        bytes=2 * context.tokens * whole * ACTIVATION_BYTES,
        unit="bf16",
        repeats=once,
    )
    for columns, inner, repeats in (
        (whole, model.hidden_size, once),
        (width, model.hidden_size, layers),
        (model.hidden_size, width, layers),
    ):
        yield linear(
            context,
            "mlp_up",
            rows=context.tokens,
            columns=columns,
            inner=inner,
            repeats=repeats,
            matrix_format=UNQUANTISED,
        )


def _streams(context: Context) -> Iterator[AnyWork]:
    """Half of the stream projections before the first layer, half behind the last one, and the
    narrow path of every layer."""
    hidden, rank = context.model.hidden_size, context.model.laurel_rank
    square = context.model.num_stream_projections * hidden / 2
    for columns, inner, repeats in (
        (square, hidden, context.layers.first),
        (square, hidden, context.layers.last),
        (rank, hidden, context.layers.every),
        (hidden, rank, context.layers.every),
    ):
        if columns and inner:
            yield linear(
                context,
                "mlp_up",
                rows=context.tokens,
                columns=float(columns),
                inner=inner,
                repeats=repeats,
                matrix_format=UNQUANTISED,
            )
