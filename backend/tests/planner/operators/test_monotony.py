"""More to do is never less work, for every model of the catalogue."""

from itertools import pairwise

import numpy as np
import pytest

from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.operators.messages import step_messages
from tests.deployments import CATALOGUE, catalogued, decode_context, prompt_context
from tests.planner.operators.totals import total_flops

GROWING = [1, 2, 3, 7, 8, 63, 64, 65, 129, 1000]


def asked(context):
    """FLOPs, padded ones too, bytes and bytes sent of a step."""
    works, messages = list(step_work(context)), list(step_messages(context))
    padded = [work.flops if work.padded_flops is None else work.padded_flops for work in works]
    flops = sum(float(np.sum(w.flops * w.repeats)) for w in works)
    moved = sum(float(np.sum(w.bytes * w.repeats)) for w in works)
    tiles = sum(float(np.sum(p * w.repeats)) for p, w in zip(padded, works, strict=True))
    sent = sum(float(np.sum(m.size * m.repeats)) for m in messages)
    return np.array([flops, tiles, moved, sent])


def grows(steps):
    return all(np.all(more >= less * (1 - 1e-9)) for less, more in pairwise(steps))


@pytest.mark.parametrize("model", CATALOGUE.models)
@pytest.mark.parametrize("degrees", [{}, {"tp": 4, "ep": 4}, {"dp": 8, "ep": 8}])
def test_more_requests_and_longer_contexts_are_more_work(model, degrees):
    deployed = catalogued(model, "h200-sxm")
    if not deployed.model.num_experts:
        degrees = degrees | {"ep": 1}
    more = [decode_context(deployed, requests=n, context=1e3, **degrees) for n in GROWING]
    longer = [decode_context(deployed, requests=64, context=10.0 * n, **degrees) for n in GROWING]
    assert grows([asked(context) for context in more])
    assert grows([asked(context) for context in longer])


@pytest.mark.parametrize("model", CATALOGUE.models)
def test_longer_prompts_are_more_work(model):
    deployed = catalogued(model, "h200-sxm")
    assert grows([asked(prompt_context(deployed, length=7 * n)) for n in GROWING])


def test_the_first_layers_are_dense_and_the_others_mixtures():
    """DeepSeek-V3: 3 dense layers 18,432 wide, 58 mixtures with one shared expert."""
    context = decode_context(catalogued("deepseek-v3", "h200-sxm"), requests=1, context=1)
    assert total_flops(context, "mlp_down") == 3 * 2 * 7168 * 18432
    assert total_flops(context, "router") == 58 * 2 * 7168 * 256
