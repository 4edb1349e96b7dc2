"""Combinations that are no plans are counted by the rule they break; all add up."""

from itertools import product

import numpy as np
import pytest

from llm_simulator.planner.plans.engines import degrees_of, started_by
from llm_simulator.planner.plans.enumeration import enumerate_plans, tried_dcp
from llm_simulator.planner.plans.illegal import illegal_plans
from llm_simulator.planner.specs.calibration import ENGINES
from llm_simulator.planner.specs.dtypes import Dtype
from tests.deployments import catalogued


@pytest.mark.parametrize(
    "name", ["deepseek-v3", "deepseek-v3.2", "llama-3.1-70b", "gpt-oss-20b", "qwen3-235b-a22b"]
)
@pytest.mark.parametrize(
    "load", [{}, {"weight_dtype": Dtype.FP8_BLOCK}, *({"engine": engine} for engine in ENGINES)]
)
@pytest.mark.parametrize(
    "allowed",
    [{}, {"tp": [1, 2, 3, 8], "pp": [1, 5], "ep": [1, 3, 8]}, {"dcp": [1, 2, 3, 8], "sp": [1, 2]}],
)
def test_legal_and_illegal_are_all_combinations(name, load, allowed):
    deployed, chips = catalogued(name, **load), 24
    model = deployed.model
    if not model.num_experts:
        allowed = {key: value for key, value in allowed.items() if key != "ep"}
    combinations = 0
    numbers = range(1, chips + 1)

    def may(degree):
        return [n for n in numbers if n in allowed.get(degree, numbers)]

    attention_dp = numbers if model.num_experts else [1]
    tried = tried_dcp(deployed, chips, allowed.get("dcp")).tolist()
    for tp, sp, adp in product(may("tp"), may("sp"), attention_dp):
        group = tp * sp * adp
        spreads = [ep for ep in may("ep") if group % ep == 0] if model.num_experts else [1]
        stagings = sum(chips // (group * pp) for pp in may("pp")) if group <= chips else 0
        shares = [dcp for dcp in tried if tp % dcp == 0]
        combinations += len(spreads) * stagings * len(shares)
    for unsupported in (False, True):
        illegal = illegal_plans(deployed, chips, allowed, unsupported=unsupported)
        plans = enumerate_plans(deployed, chips, allowed, unsupported=unsupported)
        assert illegal is not None
        assert sum(illegal.reasons.values()) + len(plans) == combinations
    every = enumerate_plans(deployed, chips, allowed, unsupported=True)
    degrees = degrees_of(every)
    for engine, refused in illegal.refused.items():
        if deployed.workload.engine is None:
            started = started_by(engine, deployed, degrees)
            assert sum(refused.values()) == np.count_nonzero(~started)


def test_shares_of_a_cache_are_counted_by_the_rule_they_break():
    """TP2 of eight key-value heads has no copy to share out, that of one latent has."""
    dense = illegal_plans(catalogued("llama-3.1-70b", engine="vllm"), 2, {"sp": [1]})
    assert dense is not None
    assert (dense.reasons, dense.refused) == ({"cache_copies": 1}, {"vllm": {}})
    latent = catalogued("deepseek-v3", engine="trtllm")
    asked = {"sp": [1], "dcp": [2], "tp": [2], "pp": [1], "ep": [2]}
    named = illegal_plans(latent, 2, asked)
    assert named is not None
    assert named.reasons == {"dcp": 1}


def test_plans_that_an_engine_does_not_start_are_counted_by_its_rules():
    """Llama on 2 chips: TP1 once or twice, TP2, PP2, and SP2, which no engine has."""
    illegal = illegal_plans(catalogued("llama-3.1-70b"), 2)
    assert illegal is not None
    assert illegal.reasons == {"no_engine": 1}
    assert illegal.refused == {engine: {"sp": 1} for engine in ENGINES}
    named = illegal_plans(catalogued("llama-3.1-70b", engine="vllm"), 2)
    assert named is not None
    # Two ranks have no copies of Llama's eight key-value heads to share out by dcp.
    assert named.reasons == {"sp": 1, "cache_copies": 1}
    assert named.refused == {"vllm": {"sp": 1}}


def test_three_ranks_of_tensor_parallelism_split_no_heads():
    deployed = catalogued("llama-3.1-70b")
    few, many = (illegal_plans(deployed, chips, {"sp": [1]}) for chips in (3, 81))
    assert few is not None
    assert few.reasons == {"heads": 1}
    assert many is not None
    assert many.reasons["layers"] == 1


def test_degrees_that_follow_from_others_are_not_counted():
    assert illegal_plans(catalogued("deepseek-v3"), 8, {"moe_tp": [1]}) is None
