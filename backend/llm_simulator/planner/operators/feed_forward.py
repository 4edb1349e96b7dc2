"""Feed-forward layers: dense, and mixtures of experts with expected loads."""

from collections.abc import Iterator

import numpy as np

from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.expert_load import busiest_distinct, distinct_experts
from llm_simulator.planner.operators.linear import linear
from llm_simulator.planner.operators.work import AnyWork, Product, Tile
from llm_simulator.planner.specs.formats import UNQUANTISED
from llm_simulator.planner.specs.modules import Module
from llm_simulator.units import Count


def feed_forward_work(context: Context) -> Iterator[AnyWork]:
    """Dense layers and what every token passes of mixture layers; ``routed_experts`` are apart."""
    model = context.model
    if model.num_dense_layers:
        width = model.mean_intermediate_size / context.plans.tp
        names = ("mlp_up", "mlp_down")
        yield from _two_products(context, Module.DENSE_MLP, names, width, context.layers.dense)
    if model.num_experts:
        yield _router(context)
        if model.moe_latent_size is not None:
            yield from _latent_projections(context, model.moe_latent_size)
        if model.shared_expert_width:
            shared = model.shared_expert_width / context.plans.tp
            names = ("shared_expert", "shared_expert")
            yield from _two_products(
                context, Module.SHARED_EXPERT, names, shared, context.layers.moe
            )


def _two_products(
    context: Context, module: Module, names: tuple[str, str], width: Count, repeats: Count
) -> Iterator[AnyWork]:
    """Gate and up in one product, or up alone, then down."""
    hidden, up = context.model.hidden_size, context.model.up_matrices * width
    for name, columns, inner in ((names[0], up, hidden), (names[1], hidden, width)):
        yield linear(
            context,
            name,
            rows=context.tokens,
            columns=columns,
            inner=inner,
            repeats=repeats,
            matrix_format=context.format_of(module),
        )


def _latent_projections(context: Context, width: int) -> Iterator[AnyWork]:
    """Tokens to the experts' narrower width and their sum back, whole on every tensor rank."""
    hidden = context.model.hidden_size
    for columns, inner in ((width, hidden), (hidden, width)):
        yield linear(
            context,
            "shared_expert",
            rows=context.tokens,
            columns=float(columns),
            inner=inner,
            repeats=context.layers.moe,
            matrix_format=UNQUANTISED,
        )


def _router(context: Context) -> Product:
    return linear(
        context,
        "router",
        rows=context.tokens,
        columns=float(context.model.num_experts),
        inner=context.model.hidden_size,
        repeats=context.layers.moe,
        matrix_format=UNQUANTISED,
    )


EXPERT_TILE_ROWS = 16
"""Rows of the smallest tile of a grouped product (vllm-project/vllm, fused_moe, BLOCK_SIZE_M)."""


def expert_tile(context: Context) -> Tile:
    """Output tile of the experts' products, lower than others: few tokens reach each expert."""
    tile = context.tile
    return Tile(min(tile.rows, EXPERT_TILE_ROWS), tile.columns)


def routed_experts(context: Context) -> Iterator[AnyWork]:
    """Grouped products over the experts of one rank that have any token."""
    model, plans = context.model, context.plans
    everywhere = distinct_experts(context.group_tokens, context.experts, model.num_experts_per_tok)
    active = busiest_distinct(everywhere, context.experts.experts, plans.ep)
    rows = context.rank_assignments / np.maximum(active, 1e-9)
    width = model.moe_intermediate_size / plans.moe_tp
    shapes = (
        ("expert_up", model.up_matrices * width, model.expert_input_size),
        ("expert_down", model.expert_input_size, width),
    )
    for name, columns, inner in shapes:
        yield linear(
            context,
            name,
            rows=rows,
            columns=columns,
            inner=inner,
            groups=active,
            repeats=context.layers.moe,
            matrix_format=context.format_of(Module.ROUTED_EXPERTS),
            tile=expert_tile(context),
        )
