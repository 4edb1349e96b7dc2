"""Layers of pipeline stages by hand."""

import numpy as np
import pytest

from llm_simulator.planner.operators.layers import all_layers, pipeline, slowest
from llm_simulator.planner.plans.table import PlanTable
from tests.deployments import CATALOGUE, plan


def rows(model, pp, *kinds):
    layers = pipeline(CATALOGUE.models[model].spec, plan(pp=pp))
    return [np.asarray(getattr(layers, kind))[:, 0].tolist() for kind in kinds]


@pytest.mark.parametrize(
    ("pp", "layers"),
    [
        # DeepSeek-V3 has 61: vLLM gives 30 + 31, reversed by its rule to 31 + 30.
        (2, [31, 31, 30, 61]),
        (3, [20, 21, 20, 61]),
        (4, [15, 16, 15, 61]),
        (5, [12, 13, 12, 61]),
        # Nine left over for ten stages: all but the last have one more.
        (10, [6, 7, 6, 61]),
        (13, [4, 5, 4, 61]),
        (31, [2, 2, 1, 61]),
        (61, [1, 1, 1, 61]),
    ],
)
def test_layers_left_over_go_to_the_stages_before_the_last(pp, layers):
    assert rows("deepseek-v3", pp, "every") == [layers]


def test_the_first_dense_layers_are_on_the_first_stage():
    """61 layers, the first 3 of them dense."""
    assert rows("deepseek-v3", 2, "moe", "dense") == [[28, 28, 30, 58], [3, 3, 0, 3]]
    assert rows("deepseek-v3", 4, "moe", "dense") == [[12, 16, 15, 58], [3, 0, 0, 3]]
    assert rows("deepseek-v3", 61, "moe", "dense") == [[0, 1, 1, 58], [1, 0, 0, 3]]


def test_every_second_layer_a_mixture_stays_so_on_a_stage():
    """Llama 4 Maverick: 24 mixtures in 48 layers."""
    assert rows("llama-4-maverick", 4, "every", "moe") == [[12, 12, 12, 48], [6, 6, 6, 24]]


def test_embedding_head_and_hops_are_where_they_happen():
    found = rows("llama-3.1-70b", 4, "first", "last", "handed_on")
    assert found == [[1, 0, 0, 1], [0, 0, 1, 1], [1, 1, 0, 3]]
    # With two stages the first stands for those between.
    found = rows("llama-3.1-70b", 2, "first", "last", "handed_on")
    assert found == [[1, 1, 0, 1], [0, 0, 1, 1], [1, 1, 0, 1]]


def test_a_plan_without_stages_has_one_row_alone_or_among_others():
    model = CATALOGUE.models["deepseek-v3"].spec
    alone, whole = pipeline(model, plan()), all_layers(model, plan())
    degrees = {name: np.ones(2, dtype=int) for name in ("dp", "tp", "ep", "sp", "moe_tp", "dcp")}
    among = pipeline(model, PlanTable(**degrees, pp=np.array([1, 4])))
    for kind in ("every", "moe", "dense", "softmax", "full", "first", "last", "handed_on"):
        one = float(np.ravel(getattr(whole, kind))[0])
        assert np.asarray(getattr(alone, kind)).tolist() == [[one]]
        assert np.asarray(getattr(among, kind))[:, 0].tolist() == [one] * 4


def test_the_slowest_stage_is_never_all_of_them_together():
    times = np.array([[1.0, 3.0], [2.0, 1.0], [2.0, 2.0], [9.0, 9.0]])
    assert slowest(times).tolist() == [1, 0]
    assert slowest(times[3:]).tolist() == [0, 0]
