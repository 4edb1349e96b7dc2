"""Combinations that are no plans are counted by the rule they break; all add up."""

from itertools import product

import pytest

from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.plans.illegal import illegal_plans
from llm_simulator.planner.specs.calibration import ENGINES
from llm_simulator.planner.specs.dtypes import Dtype
from tests.deployments import catalogued


@pytest.mark.parametrize("name", ["deepseek-v3", "deepseek-v3.2", "llama-3.1-70b", "gpt-oss-20b"])
@pytest.mark.parametrize(
    "load", [{}, {"weight_dtype": Dtype.FP8_BLOCK}, *({"engine": engine} for engine in ENGINES)]
)
@pytest.mark.parametrize("allowed", [{}, {"tp": [1, 2, 3, 8], "pp": [1, 5], "ep": [1, 3, 8]}])
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
    for tp, sp, adp in product(may("tp"), may("sp"), attention_dp):
        group = tp * sp * adp
        spreads = [ep for ep in may("ep") if group % ep == 0] if model.num_experts else [1]
        stagings = sum(chips // (group * pp) for pp in may("pp")) if group <= chips else 0
        combinations += len(spreads) * stagings
    illegal = illegal_plans(deployed, chips, allowed)
    assert illegal is not None
    assert sum(illegal.values()) + len(enumerate_plans(deployed, chips, allowed)) == combinations


def test_three_ranks_of_tensor_parallelism_split_no_heads():
    deployed = catalogued("llama-3.1-70b")
    assert illegal_plans(deployed, 3) == {"heads": 1}
    assert (illegal_plans(deployed, 81) or {})["layers"] == 1


def test_degrees_that_follow_from_others_are_not_counted():
    assert illegal_plans(catalogued("deepseek-v3"), 8, {"moe_tp": [1]}) is None
