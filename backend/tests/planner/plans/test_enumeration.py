"""The enumeration is exactly the set of legal plans."""

import itertools

import numpy as np
import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.plans.engines import degrees_of, started_by_any
from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.plans.legality import legal, rules
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.calibration import ENGINES
from tests.deployments import CATALOGUE, catalogued, plan


def _keys(plans):
    return [tuple(row.values()) for row in plans.rows()]


def _by_brute_force(deployed, chips):
    """Every combination of degrees up to ``chips``, filtered by the rules alone."""
    degrees = range(1, chips + 1)
    experts = degrees if deployed.model.num_experts else [1]
    shares = degrees if deployed.workload.engine else [1]
    combinations = np.array(
        [
            (dp, tp, pp, ep, sp, moe_tp, dcp)
            for dp, tp, pp, sp in itertools.product(degrees, repeat=4)
            if dp * tp * pp * sp <= chips
            for ep, moe_tp in itertools.product(experts, repeat=2)
            for dcp in shares
        ]
    )
    names = ("dp", "tp", "pp", "ep", "sp", "moe_tp", "dcp")
    plans = PlanTable(**dict(zip(names, combinations.T, strict=True)))
    started = started_by_any(deployed, degrees_of(plans))
    return plans[np.flatnonzero(legal(plans, deployed, chips) & started)]


@pytest.mark.parametrize("name", list(CATALOGUE.models))
@pytest.mark.parametrize("chips", [1, 8, 12])
def test_enumeration_equals_brute_force(name, chips):
    deployed = catalogued(name)
    found = _keys(enumerate_plans(deployed, chips))
    assert len(found) == len(set(found))
    assert set(found) == set(_keys(_by_brute_force(deployed, chips)))


@pytest.mark.parametrize("name", ["deepseek-v3", "deepseek-v3.2", "qwen3-235b-a22b"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_named_engine_has_its_own_plans(name, engine):
    deployed = catalogued(name, engine=engine)
    found = _keys(enumerate_plans(deployed, 8))
    assert len(found) == len(set(found))
    assert set(found) == set(_keys(_by_brute_force(deployed, 8)))


def test_the_cache_is_shared_out_where_the_named_engine_does_it_or_dcp_is_named():
    def found(model, allowed=None, **load):
        return {*enumerate_plans(catalogued(model, **load), 8, allowed).dcp.tolist()}

    assert found("deepseek-v3") == {1}
    assert found("deepseek-v3", engine="vllm") == {1, 2, 4, 8}
    assert found("deepseek-v3", engine="vllm", engine_version="0.10.1") == {1}
    assert found("deepseek-v3", engine="trtllm") == {1}
    assert found("deepseek-v3", {"dcp": [2, 3]}) == {2}
    # Four key-value heads on eight ranks are there twice; eight are there once.
    assert found("qwen3-235b-a22b", engine="vllm") == {1, 2}
    assert found("llama-3.1-70b", engine="vllm") == {1}
    assert found("gpt-oss-120b", engine="vllm") == {1}


def test_plans_of_one_shard_follow_each_other_in_an_order_that_repeats_itself():
    deployed = catalogued("deepseek-v3")
    first, second = (enumerate_plans(deployed, 64, unsupported=True) for _ in range(2))
    names = ("tp", "dcp", "sp", "attention_dp", "ep", "moe_tp", "pp", "replicas")
    rows = list(zip(*(getattr(first, name).tolist() for name in names), strict=True))
    assert rows == sorted(set(rows))
    assert _keys(first) == _keys(second)


@pytest.mark.parametrize("degree", ["dp", "tp", "pp", "ep", "sp", "moe_tp"])
def test_allowed_degrees_narrow_the_search_to_exactly_those_plans(degree):
    deployed = catalogued("deepseek-v3")
    for unsupported in (False, True):
        every = enumerate_plans(deployed, 32, unsupported=unsupported)
        wanted = every[np.flatnonzero(np.isin(getattr(every, degree), [2, 4]))]
        found = enumerate_plans(deployed, 32, {degree: [4, 2]}, unsupported=unsupported)
        assert _keys(found) == _keys(wanted)


def test_plans_that_no_engine_starts_are_left_out_unless_asked_for():
    deployed = catalogued("deepseek-v3")
    offered, every = (enumerate_plans(deployed, 16, unsupported=u) for u in (False, True))
    assert set(offered.sp.tolist()) == {1}
    assert _keys(every[np.flatnonzero(every.sp == 1)]) == _keys(offered)
    assert every.sp.max() == 16


def test_experts_of_shared_ranks_and_of_replicas_are_told_apart():
    shared = plan(dp=8, tp=1, ep=8)
    assert (shared.attention_dp[0], shared.replicas[0]) == (8, 1)
    copies = plan(dp=8, tp=2, ep=8)
    assert (copies.attention_dp[0], copies.replicas[0], copies.chips[0]) == (4, 2, 16)


@pytest.mark.parametrize(
    ("degrees", "broken"),
    [
        ({"tp": 3}, "tp"),
        ({"pp": 62}, "pp"),
        ({"dp": 5, "ep": 5}, "ep"),
        ({"dp": 2, "ep": 4}, "dp"),
        ({"tp": 8, "moe_tp": 8, "dcp": 3}, "dcp"),
        ({"dcp": 2}, "dcp"),
        ({"dp": 65}, "chips"),
    ],
)
def test_a_broken_rule_names_its_degree(degrees, broken):
    assert broken in {
        r.degree for r in rules(plan(**degrees), catalogued("deepseek-v3"), 64) if not r.holds[0]
    }


def test_key_value_heads_are_replicated_when_tp_exceeds_them():
    deployed = catalogued("qwen3-235b-a22b")
    assert deployed.model.num_key_value_heads == 4
    assert 16 in enumerate_plans(deployed, 16).tp


def test_a_search_too_large_to_lay_out_is_refused_with_the_way_out():
    with pytest.raises(InvalidInput, match=r"search_constraints\.allowed"):
        enumerate_plans(catalogued("gpt-oss-120b"), 100_000)
