"""Experts that vLLM keeps padded, against what it logged."""

import numpy as np
import pytest

from llm_simulator.planner.costs.engine_memory import GIB
from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.costs.padded_experts import MARLIN, TILES, padded_expert_weights
from llm_simulator.planner.specs.parameters import expert_weights
from tests.deployments import CATALOGUE, catalogued, plan

GPT_OSS = CATALOGUE.models["gpt-oss-120b"].spec


@pytest.mark.parametrize(
    ("model", "chip", "degrees", "logged"),
    [
        ("gpt-oss-120b", "h100-sxm", {}, 64.38),  # vllm#33155, 0.14.1.
        ("gpt-oss-20b", "h100-sxm", {"tp": 2, "moe_tp": 2}, 7.01),  # llm-d-planner, 0.19.
        ("gpt-oss-20b", "a100-sxm", {}, 13.72),  # myoceane.fr/index.php/ai-vllm-a100-gemma-4, 0.19.
    ],
)
def test_the_weights_of_gpt_oss_are_those_that_vllm_logged(model, chip, degrees, logged):
    deployed = catalogued(model, chip, engine="vllm")
    weights = resident_memory(deployed, plan(**degrees)).weights[0] / GIB
    assert weights == pytest.approx(logged, rel=0.035)


def test_marlin_by_hand():
    """vllm#23278: 65.97 GiB of gpt-oss-120b on an H100 whose vLLM 0.10.1 had no Triton kernels."""
    padded = padded_expert_weights(GPT_OSS, 1, MARLIN)
    assert padded == 3 * 3072 * 2944
    published = resident_memory(catalogued("gpt-oss-120b"), plan()).weights[0]
    more = 36 * 128 * (padded - expert_weights(GPT_OSS)) * 4.25 / 8
    assert (published + more) / GIB == pytest.approx(65.97, rel=0.005)


@pytest.mark.parametrize("family", TILES)
def test_sides_of_whole_tiles_stay_and_a_table_equals_its_rows(family):
    tiles, whole = (
        TILES[family],
        GPT_OSS.model_copy(update={"hidden_size": 4096, "moe_intermediate_size": 2048}),
    )
    degrees = np.array([1, 2, 4, 8])
    np.testing.assert_array_equal(
        padded_expert_weights(whole, degrees, tiles), expert_weights(whole, degrees)
    )
    rows = np.array([padded_expert_weights(GPT_OSS, one, tiles) for one in degrees])
    np.testing.assert_array_equal(padded_expert_weights(GPT_OSS, degrees, tiles), rows)
    assert np.all(rows > expert_weights(GPT_OSS, degrees))


def test_other_formats_and_engines_keep_experts_as_published():
    plans = plan(tp=2, moe_tp=2)
    plain = resident_memory(catalogued("gpt-oss-20b"), plans).weights
    assert resident_memory(catalogued("gpt-oss-20b", engine="trtllm"), plans).weights == plain
    formats = {"expert_weight_dtype": "bf16"}
    plain = resident_memory(catalogued("gpt-oss-20b", **formats), plans).weights
    vllm = catalogued("gpt-oss-20b", engine="vllm", **formats)
    assert resident_memory(vllm, plans).weights == plain
