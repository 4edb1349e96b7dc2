"""Plans that engines are known to start, or to refuse; each with where it is said."""

import pytest

from llm_simulator.planner.plans.engines import engines_asked, refusals, refused_by_all
from llm_simulator.planner.specs.calibration import ENGINES
from tests.deployments import catalogued, plan

ALL = [*ENGINES]


def engines_of(deployed, **degrees):
    refused = refusals(deployed, plan(**degrees))
    return [engine for engine in ENGINES if engine not in refused]


@pytest.mark.parametrize(
    ("degrees", "engines"),
    [
        ({"tp": 8, "moe_tp": 8}, ALL),
        ({"tp": 8, "ep": 8}, ALL),
        ({"tp": 8, "pp": 2, "ep": 8}, ALL),
        # Servers of their own behind a router.
        ({"dp": 2, "tp": 4, "moe_tp": 4}, ALL),
        # Attention on 8 ranks, each with requests of its own, experts over all of them: vLLM's
        # -dp 8 -ep, SGLang's --tp 8 --attn-dp-size 8 --ep 8, TensorRT-LLM's enable_attention_dp.
        ({"dp": 8, "ep": 8}, ALL),
        # vLLM without -ep: a slice of each expert on each of the tp * dp ranks.
        ({"dp": 8, "moe_tp": 8}, ALL),
        # SGLang's --tp 8 --attn-dp-size 2: TensorRT-LLM has 8 such ranks or none.
        ({"dp": 2, "tp": 4, "ep": 8}, ["vllm", "sglang"]),
        # SGLang's --tp 8 --ep 4, TensorRT-LLM's moe_expert_parallel_size 4: vLLM has no ep size.
        ({"tp": 8, "ep": 4, "moe_tp": 2}, ["sglang", "trtllm"]),
        ({"dp": 2, "tp": 4, "ep": 4, "moe_tp": 2}, ["sglang"]),
        ({"tp": 4, "sp": 2, "moe_tp": 8}, []),
        # vLLM's -tp 8 -dcp 8, SGLang's --tp 8 --dcp-size 8; Helix is another layout.
        ({"tp": 8, "moe_tp": 8, "dcp": 8}, ["vllm", "sglang"]),
        ({"dp": 2, "tp": 4, "ep": 8, "dcp": 2}, ["vllm", "sglang"]),
    ],
)
def test_an_engine_starts_what_its_options_can_say(degrees, engines):
    assert engines_of(catalogued("deepseek-v3"), **degrees) == engines


def test_copies_of_experts_need_expert_parallelism_in_vllm():
    """vLLM 0.33, config/parallel.py: enable_eplb needs enable_expert_parallel."""
    copied = catalogued("deepseek-v3", redundant_experts=32)
    assert engines_of(copied, dp=72, ep=72) == ALL
    assert engines_of(copied, tp=8, moe_tp=8) == ["sglang", "trtllm"]


@pytest.mark.parametrize(
    ("engine", "version", "degrees", "starts"),
    [
        # sgl-project/sglang#3359: dp is tp; #4390 for another one.
        ("sglang", "0.4.4", {"dp": 2, "tp": 4, "ep": 8}, False),
        ("sglang", "v0.4.5.post1", {"dp": 2, "tp": 4, "ep": 8}, True),
        ("sglang", "0.4.4", {"dp": 8, "ep": 8}, True),
        # sgl-project/sglang#8590: an ep between 1 and tp.
        ("sglang", "0.4.10.post2", {"tp": 8, "ep": 4, "moe_tp": 2}, False),
        ("sglang", "0.5.0rc1", {"tp": 8, "ep": 4, "moe_tp": 2}, True),
        ("vllm", "0.8.5", {"dp": 8, "ep": 8}, False),
        ("vllm", "0.9.0", {"dp": 8, "ep": 8}, True),
        ("vllm", "0.8.5", {"dp": 2, "tp": 4, "ep": 4}, True),
        ("trtllm", "0.16.0", {"dp": 8, "ep": 8}, False),
        ("trtllm", "1.3.0rc5", {"dp": 8, "ep": 8}, True),
        # A version without a number is taken to be the newest.
        ("sglang", "nightly-dev", {"tp": 8, "ep": 4, "moe_tp": 2}, True),
    ],
)
def test_rules_are_those_of_the_version(engine, version, degrees, starts):
    deployed = catalogued("deepseek-v3", engine=engine, engine_version=version)
    assert (engine in engines_of(deployed, **degrees)) is starts


@pytest.mark.parametrize(
    ("model", "engine", "version", "starts"),
    [
        ("deepseek-v3", "vllm", "0.10.1", False),
        ("deepseek-v3", "vllm", "0.11.0", True),
        ("deepseek-v3", "sglang", "0.5.17", False),
        ("deepseek-v3", "sglang", "0.5.18", True),
        # 0.33, kv_cache_interface.py: sliding windows are asserted not to be.
        ("gpt-oss-120b", "vllm", "0.33.0", False),
        ("qwen3-235b-a22b", "vllm", "0.33.0", True),
        ("qwen3-235b-a22b", "sglang", "0.5.23", False),
        ("deepseek-v3.2", "vllm", "0.33.0", True),
        ("deepseek-v3.2", "sglang", "0.5.23", False),
    ],
)
def test_a_cache_is_shared_out_by_engines_that_do_so(model, engine, version, starts):
    deployed = catalogued(model, engine=engine, engine_version=version)
    degrees = {"tp": 16, "moe_tp": 16, "dcp": 2}
    assert (engine in engines_of(deployed, **degrees)) is starts


def test_ranks_that_share_prompts_share_out_the_cache_already():
    sparse = catalogued("deepseek-v3.2")
    assert engines_of(sparse, tp=2, sp=2, ep=4) == ["vllm"]
    assert engines_of(sparse, tp=2, sp=2, ep=4, dcp=2) == []


def test_a_version_is_that_of_the_named_engine_alone():
    deployed = catalogued("deepseek-v3", engine="vllm", engine_version="0.4.0")
    assert engines_of(deployed, tp=8, ep=4, moe_tp=2) == ["sglang", "trtllm"]


@pytest.mark.parametrize(
    ("engine", "version", "copies"),
    [
        ("vllm", "0.9.1", False),
        ("vllm", "0.9.2", True),
        ("sglang", "0.4.5", False),
        ("sglang", "0.4.6", True),
        ("trtllm", "0.19.0", False),
        ("trtllm", "0.20.0", True),
    ],
)
def test_copies_of_experts_came_with_the_load_balancers(engine, version, copies):
    load = {"engine": engine, "engine_version": version}
    assert engine in engines_of(catalogued("deepseek-v3", **load), tp=8, ep=8)
    copied = catalogued("deepseek-v3", redundant_experts=32, **load)
    assert (engine in engines_of(copied, tp=8, ep=8)) is copies


def test_vllm_shares_a_prompt_from_0_33_on():
    """0.24 refuses prefill context parallelism (vllm-project/vllm#47846)."""
    sparse = catalogued("deepseek-v3.2")
    assert engines_of(sparse, sp=2, ep=2) == ["vllm"]
    old = catalogued("deepseek-v3.2", engine="vllm", engine_version="0.24.0")
    assert engines_of(old, sp=2, ep=2) == []


def test_a_plan_that_no_engine_starts_is_told_in_a_sentence():
    sentence = refused_by_all((catalogued("llama-3.1-70b"), plan(tp=4, sp=2)))
    assert sentence is not None
    assert all(name in sentence for name in ("vLLM", "SGLang", "TensorRT-LLM", "sp must be 1"))
    assert refused_by_all((catalogued("llama-3.1-70b"), plan(tp=8))) is None


def test_pools_need_one_engine_for_both():
    """vLLM has no ep size; TensorRT-LLM runs on NVIDIA alone, SGLang not on Gaudi."""
    nvidia, amd = (catalogued("deepseek-v3", chip) for chip in ("h200-sxm", "mi300x"))
    mixed, whole = plan(tp=8, ep=4, moe_tp=2), plan(tp=8, ep=8)
    assert refused_by_all((nvidia, mixed), (amd, whole)) is None
    gaudi = catalogued("deepseek-v3", "gaudi-3")
    sentence = refused_by_all((nvidia, mixed), (gaudi, whole))
    assert sentence is not None
    assert "moe_tp must be 1 beside ep" in sentence
    assert "SGLang runs on GPUs" in sentence


def test_an_engine_starts_on_the_chips_it_runs_on():
    load = {"tp": 8}
    assert engines_of(catalogued("llama-3.1-70b", "mi300x"), **load) == ["vllm", "sglang"]
    assert engines_of(catalogued("llama-3.1-70b", "gaudi-3"), **load) == ["vllm"]
    assert engines_of(catalogued("llama-3.1-70b", "b200-sxm"), **load) == ALL
    assert engines_asked(catalogued("llama-3.1-70b", "gaudi-3")) == ("vllm",)
