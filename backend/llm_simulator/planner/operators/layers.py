"""How many layers of each kind the slowest pipeline stage runs.

What a step costs is linear in three numbers of the stage: its layers, its mixture layers, and its
share of what is done once per token. Operators only ever multiply and add layer counts, so the
same code runs with the numbers of each plan or with their unit vectors (``per_layer``).
"""

from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.units import Count

LAYER_COUNTS = 3
"""Numbers of a stage that the cost of a step is linear in."""


@dataclass(frozen=True)
class StageLayers:
    """Layers on the largest stage; columns of shape [P], or unit vectors of shape [3, 1]."""

    every: Count
    moe: Count
    dense: Count
    sliding: Count
    """Of ``every``, those that attend to a window only."""
    softmax: Count
    """Layers that attend to cached tokens, all of them or a window."""
    linear: Count
    """Layers with a constant state instead of a cache."""
    full: Count
    share_of_model: Count
    """Part of what is done once per token (embedding, head) that falls on a stage."""


def stage_layers(model: ModelSpec, plans: PlanTable) -> StageLayers:
    """Layers of the largest stage: ceil(layers / pp), mixture layers first as the costlier kind."""
    return _of_kinds(model, *layer_counts(model, plans))


def layer_counts(model: ModelSpec, plans: PlanTable) -> tuple[Count, Count, Count]:
    """Layers, mixture layers, and share of what is done once per token, of the largest stage."""
    every = np.ceil(model.num_hidden_layers / plans.pp)
    fed_forward = every * (model.num_fed_forward_layers / model.num_hidden_layers)
    interleaved = np.ceil(fed_forward / model.interleave_moe_layer_step)
    moe = np.minimum(interleaved, model.num_moe_layers)
    # Engines give the stage with the head fewer layers, so the head is shared evenly.
    return every, moe, 1.0 / plans.pp


def per_layer(model: ModelSpec) -> StageLayers:
    """The unit vectors of ``layer_counts``: with them, repetitions say how often per each count."""
    return _of_kinds(model, *np.eye(LAYER_COUNTS)[:, :, None])


def _of_kinds(model: ModelSpec, every: Count, moe: Count, share_of_model: Count) -> StageLayers:
    layers = model.num_hidden_layers
    sliding = every * (model.num_sliding_window_layers / layers)
    softmax = every * (model.num_softmax_layers / layers)
    return StageLayers(
        every=every,
        moe=moe,
        dense=every * (model.num_fed_forward_layers / layers) - moe,
        sliding=sliding,
        softmax=softmax,
        linear=every * (model.num_linear_attention_layers / layers),
        full=softmax - sliding,
        share_of_model=share_of_model,
    )
