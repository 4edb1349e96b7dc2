"""The work of vision and audio encoders on the prompts that bring images or sound.

A tower runs on the first pipeline stage of an engine; like embedding and head, its work is dealt to
the stages by their share of the model, so that a prompt passes it once on its way through all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, AnyWork, Message, Product, Work
from llm_simulator.planner.specs.encoder import EncoderSpec, Matrix
from llm_simulator.planner.specs.formats import UNQUANTISED
from llm_simulator.planner.specs.media import Media, media
from llm_simulator.units import Count

NAME = "encoder"


@dataclass(frozen=True)
class _Passes:
    """Passes of a tower in one step; columns of shape [P].

    Images lie evenly among the prompt's tokens, so a step has as many as its share of them: less
    than one is a whole image in some of the steps.
    """

    context: Context
    brought: Media
    items: Count
    """Images in the step, a mean over the steps."""

    @property
    def repeats(self) -> Count:
        """Passes per step; on the first stage."""
        return self.context.layers.first * np.minimum(self.items, 1.0)

    @property
    def dealt(self) -> bool:
        """Whether tensor ranks encode images of their own, not a share of each."""
        return self.context.deployment.workload.encoder_data_parallel

    @property
    def tp(self) -> Count:
        """Ranks that a tower is split over."""
        return np.ones_like(self.context.plans.tp) if self.dealt else self.context.plans.tp

    @property
    def images(self) -> Count:
        """Images of one pass on the busiest rank."""
        images = np.maximum(self.items, 1.0)
        return np.ceil(images / self.context.plans.tp) if self.dealt else images

    @property
    def positions(self) -> Count:
        """Positions of one pass on a rank."""
        return self.images * self.brought.positions

    @property
    def tokens(self) -> Count:
        """Tokens that one pass gives on a rank."""
        return self.images * self.brought.tokens


def _passes(context: Context) -> Iterator[_Passes]:
    workload = context.deployment.workload
    # Sequence ranks don't share a tower's work: each encodes what its part of a prompt needs.
    in_step = context.step.prompt_tokens(1) / workload.input_seq_length
    for brought in media(context.model, workload):
        yield _Passes(context, brought, in_step * brought.items)


def encoder_work(context: Context) -> Iterator[AnyWork]:
    """Stem, layers and projector of every encoder that the load's prompts need."""
    for passes in _passes(context):
        encoder = passes.brought.encoder
        for matrix in encoder.stem:
            yield _product(passes, matrix, passes.positions, 1)
        yield from _layers(passes, encoder)
        for matrix in encoder.projector:
            yield _product(passes, matrix, passes.tokens, encoder.num_projectors)


def _product(passes: _Passes, matrix: Matrix, rows: Count, repeats: int) -> Product:
    """A matrix before or behind the layers, its columns split by tensor rank."""
    return linear(
        passes.context,
        NAME,
        rows=rows * matrix.rows,
        columns=matrix.columns / passes.tp,
        inner=float(matrix.inner),
        repeats=repeats * passes.repeats,
        matrix_format=UNQUANTISED,
    )


def _layers(passes: _Passes, encoder: EncoderSpec) -> Iterator[AnyWork]:
    tp, hidden = passes.tp, encoder.hidden_size
    width, inner = encoder.width / tp, encoder.intermediate_size / tp
    shapes = (
        (3 * width, hidden),
        (hidden, width),
        (encoder.mlp_columns / tp, hidden),
        (hidden, inner),
    )
    for columns, inner_size in shapes:
        yield linear(
            passes.context,
            NAME,
            rows=passes.positions,
            columns=columns,
            inner=inner_size,
            repeats=encoder.num_hidden_layers * passes.repeats,
            matrix_format=UNQUANTISED,
        )
    whole = passes.brought.positions
    span = min(whole, encoder.attention_span or whole)
    windowed = encoder.num_window_layers
    yield _attention(passes, span, encoder.num_hidden_layers - windowed)
    yield _attention(passes, min(span, encoder.window_size or span), windowed)
    yield _norms(passes, encoder)


def _attention(passes: _Passes, span: float, layers: int) -> Work:
    r"""Scores and weighted values of positions that each attend to ``span`` of them.

    .. math:: F = 4\,n\,s\,w, \quad B = 4\,n\,w\,b
    """
    width = passes.brought.encoder.width / passes.tp
    elements = passes.positions * width
    return Work(
        operator=NAME,
        flops=4.0 * elements * span,
        bytes=4.0 * elements * ACTIVATION_BYTES,
        unit="bf16",
        repeats=layers * passes.repeats,
    )


def _norms(passes: _Passes, encoder: EncoderSpec) -> Work:
    """Two norms with residuals, rotation of queries and keys, and the activation: four kernels."""
    tp = passes.tp
    columns = encoder.mlp_columns + encoder.intermediate_size
    elements = 8.0 * encoder.hidden_size + (4 * encoder.width + columns) / tp
    return Work(
        operator=NAME,
        flops=10.0 * passes.positions * encoder.hidden_size,
        bytes=passes.positions * elements * ACTIVATION_BYTES,
        unit="bf16",
        kernels=4,
        repeats=encoder.num_hidden_layers * passes.repeats,
    )


def encoder_messages(context: Context) -> Iterator[Message]:
    """Reductions over the tensor ranks that a tower is split over: two a layer, one at its end.

    Ranks with images of their own gather each other's tokens instead.
    """
    for passes in _passes(context):
        encoder = passes.brought.encoder
        tokens = passes.tokens * context.model.hidden_size * ACTIVATION_BYTES
        projectors = encoder.num_projectors * passes.repeats
        if passes.dealt:
            yield Message(NAME, "all_gather", "tensor", tokens, repeats=projectors)
            continue
        hidden = passes.positions * encoder.hidden_size * ACTIVATION_BYTES
        layers = 2 * encoder.num_hidden_layers * passes.repeats
        yield Message(NAME, "all_reduce", "tensor", hidden, repeats=layers)
        yield Message(NAME, "all_reduce", "tensor", tokens, repeats=projectors)
