"""What goes over the vocabulary: token embedding, output head and the choice of a token."""

from collections.abc import Iterator

from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, AnyWork, Work
from llm_simulator.planner.specs.modules import Module

SAMPLING_BYTES = 2.0 + 4 + 4 + 4 + 4
"""Bytes moved per logit: bf16 read, fp32 written, read and written by the softmax, read to draw."""


def table_work(context: Context) -> Iterator[AnyWork]:
    """Embedding of every token, logits of the last token of each sequence, and its successor."""
    model, plans = context.model, context.plans
    yield Work(
        operator="embedding",
        flops=context.tokens * 0.0,
        bytes=2 * context.tokens * model.hidden_size * ACTIVATION_BYTES,
        unit="bf16",
        repeats=context.layers.first,
    )
    yield linear(
        context,
        "lm_head",
        rows=context.step.sequences(plans.sp),
        columns=model.vocab_size / plans.tp,
        inner=model.hidden_size,
        repeats=context.layers.last,
        matrix_format=context.format_of(Module.HEAD),
    )
    yield _sampling(context)


def _sampling(context: Context) -> Work:
    """The next token out of the gathered logits, over the whole vocabulary on every tensor rank.

    Three kernels: conversion to fp32, softmax with temperature, drawing.
    """
    logits = context.step.sequences(context.plans.sp) * float(context.model.vocab_size)
    return Work(
        operator="sampling",
        flops=5.0 * logits,
        bytes=logits * SAMPLING_BYTES,
        unit="bf16",
        kernels=3,
        repeats=context.layers.last,
    )
