"""How many layers of each kind a pipeline stage runs.

What a step costs is linear in four numbers of a stage: its layers, its mixture layers, and whether
it is the first and the last one. Operators only ever multiply and add these, so the same code runs
with those of all stages together, of several stages as rows, or with their unit vectors.
"""

from dataclasses import dataclass, fields

import numpy as np

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.units import Array, Count, IntArray

LAYER_COUNTS = 4
"""Numbers of a stage that the cost of a step is linear in."""
STAGES = 3
"""Rows of ``pipeline`` that are one stage each: the first, the largest between, the last."""

LayerCounts = tuple[Array, Array, Array, Array]
"""Layers, mixture layers, 1 for the first stage, 1 for the last."""


@dataclass(frozen=True)
class StageLayers:
    """Layers of all stages together, of several stages as rows [S, P], or unit vectors [4, 1]."""

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
    first: Count
    """1 where tokens come in: embedding and encoders."""
    last: Count
    """1 where the next token is chosen: head and drafting."""
    handed_on: Count
    """Times that hidden states go on to a next stage."""

    def __getitem__(self, places: tuple[IntArray | slice, IntArray | slice]) -> "StageLayers":
        """The layers at rows and plans, for columns of shape [S, P]."""
        columns = ((field.name, getattr(self, field.name)) for field in fields(self))
        return StageLayers(**{name: np.asarray(column)[places] for name, column in columns})


def all_layers(model: ModelSpec, plans: PlanTable) -> StageLayers:
    """The layers of all stages together: what every token passes."""
    counts = np.array([model.num_hidden_layers, model.num_moe_layers, 1.0, 1.0])
    return _of_kinds(model, *counts, handed_on=plans.pp - 1)


def pipeline(model: ModelSpec, plans: PlanTable) -> StageLayers:
    """The first stage, the largest between, the last, and all together, as rows [4, P].

    One row, all together, where no plan has stages: ``times[:STAGES]`` of what each row takes are
    always those of the stages, and ``times[-1]`` that of all.
    """
    stages = plans.pp[None]
    handed_on = stages - 1
    if plans.has_stages:
        handed_on = np.concatenate([np.minimum(stages - 1, 1)] * 2 + [0 * stages, stages - 1])
    return _of_kinds(model, *layer_counts(model, plans), handed_on=handed_on)


def stage_of_each(model: ModelSpec, plans: PlanTable, stage: IntArray) -> StageLayers:
    """The layers of one ``stage`` of each plan, a row of ``pipeline``; columns of shape [P]."""
    return pipeline(model, plans)[stage, np.arange(len(plans))]


def slowest(times: Array) -> IntArray:
    """The slowest stage of each plan, by what the rows of ``pipeline`` take."""
    return np.argmax(times[:STAGES], axis=0)


def layer_counts(model: ModelSpec, plans: PlanTable) -> LayerCounts:
    r"""The four counts of each row of ``pipeline``; columns of shape [4, P] or [1, P].

    Of L layers, the :math:`L \bmod pp` left over go to the stages before the last one, its
    neighbour first: the last, which has the head, runs :math:`\lfloor L/pp \rfloor`, the largest
    :math:`\lceil L/pp \rceil`.

    References: vLLM 0.33, distributed/utils.py, get_pp_indices.
    """
    total, stages = model.num_hidden_layers, plans.pp
    if not plans.has_stages:
        every, moe, first, last = np.empty((4, 1, len(plans)))
        every[:], moe[:], first[:], last[:] = total, model.num_moe_layers, 1, 1
        return every, moe, first, last
    few, most = total // stages, -(-total // stages)
    is_alone, has_middle = stages == 1, stages > 2
    first = np.where(total % stages == stages - 1, most, few)
    # The first stage stands for those between where there are none.
    middle = np.where(has_middle, most, first)
    every = np.stack([first, middle, few, np.full(len(plans), total)])
    none, all_dense = 0 * stages, np.full(len(plans), model.first_k_dense_replace)
    dense = np.stack([all_dense, np.where(has_middle, 0, all_dense), none, all_dense])
    counts = (
        every,
        _mixtures(model, every, dense),
        np.stack([none + 1, ~has_middle, is_alone, none + 1]),
        np.stack([is_alone, is_alone, none + 1, none + 1]),
    )
    every, moe, is_first, is_last = (count.astype(float) for count in counts)
    return every, moe, is_first, is_last


def per_layer(model: ModelSpec, axes: int = 1) -> StageLayers:
    """The unit vectors of ``layer_counts``: with them, repetitions say how often per each count.

    Shape [4, 1], with a 1 for each of the other ``axes``.
    """
    units = np.eye(LAYER_COUNTS).reshape(LAYER_COUNTS, LAYER_COUNTS, *(1,) * axes)
    return _of_kinds(model, *units, handed_on=0.0)


def _mixtures(model: ModelSpec, layers: IntArray, dense: IntArray) -> Array:
    """Mixtures among ``layers`` of which the first are ``dense``, then the costlier kind first."""
    fed_forward = layers * model.num_fed_forward_layers / model.num_hidden_layers
    behind = np.maximum(fed_forward - dense, 0.0)
    interleaved = np.minimum(np.ceil(behind / model.interleave_moe_layer_step), behind)
    return np.minimum(interleaved, model.num_moe_layers)


def _of_kinds(
    model: ModelSpec, every: Count, moe: Count, first: Count, last: Count, *, handed_on: Count
) -> StageLayers:
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
        first=first,
        last=last,
        handed_on=handed_on,
    )
