"""How many layers of each kind the slowest pipeline stage runs."""

from dataclasses import dataclass

import numpy as np

from llm_simulator.plans.table import PlanTable
from llm_simulator.specs.model import ModelSpec
from llm_simulator.units import Count


@dataclass(frozen=True)
class StageLayers:
    """Layers on the largest stage; columns of shape [P]."""

    every: Count
    moe: Count
    dense: Count
    sliding: Count
    """Of ``every``, those that attend to a window only."""
    linear: Count
    """Of ``every``, those with linear attention: a constant state instead of a cache."""
    full: Count
    share_of_model: Count
    """Part of what is done once per token (embedding, head) that falls on a stage."""

    @property
    def softmax(self) -> Count:
        """Layers that attend to cached tokens, all of them or a window."""
        return self.every - self.linear


def stage_layers(model: ModelSpec, plans: PlanTable) -> StageLayers:
    """Layers of the largest stage: ceil(layers / pp), mixture layers first as the costlier kind."""
    every = np.ceil(model.num_hidden_layers / plans.pp)
    interleaved = np.ceil(every / model.interleave_moe_layer_step)
    moe = np.minimum(interleaved, model.num_moe_layers)
    sliding = every * (model.num_sliding_window_layers / model.num_hidden_layers)
    linear = every * (model.num_linear_attention_layers / model.num_hidden_layers)
    return StageLayers(
        every=every,
        moe=moe,
        dense=every - moe,
        sliding=sliding,
        linear=linear,
        full=every - sliding - linear,
        # Engines give the stage with the head fewer layers, so the head is shared evenly.
        share_of_model=1.0 / plans.pp,
    )
