"""Legal means that an engine starts it: worked examples from engines' sources and issues."""

import pytest

from llm_simulator.planner.plans.legality import rules
from llm_simulator.planner.specs.dtypes import Dtype
from tests.deployments import catalogued, plan

QWEN3_NEXT = "qwen3-next-80b-a3b"


def broken(deployed, **degrees):
    """The rules that a plan breaks: degrees and reasons."""
    found = rules(plan(**degrees), deployed, 100_000)
    return "; ".join(f"{rule.degree} {rule.reason}" for rule in found if not rule.holds[0])


@pytest.mark.parametrize(
    ("model", "degrees", "part"),
    [
        # 1536 / 8 = 192 (vllm-project/vllm#17569).
        ("qwen3-235b-a22b", {"tp": 8, "moe_tp": 8}, "the experts' width 1536"),
        # 18432 / 32 = 576 and 2048 / 32 = 64 (sgl-project/sglang#3345).
        ("deepseek-v3", {"tp": 32, "moe_tp": 32}, "the feed-forward width 18432"),
        ("deepseek-v3", {"tp": 32, "moe_tp": 32}, "the experts' width 2048"),
        # The shared expert, 512 / 8 = 64 (vllm-project/vllm#52915).
        (QWEN3_NEXT, {"tp": 8, "ep": 8}, "the shared expert's width 512"),
    ],
)
def test_no_rank_gets_a_part_of_an_fp8_block(model, degrees, part):
    deployed = catalogued(model, weight_dtype=Dtype.FP8_BLOCK)
    assert f"a multiple of 128 of {part}" in broken(deployed, **degrees)


@pytest.mark.parametrize(
    ("model", "degrees"),
    [
        ("qwen3-235b-a22b", {"tp": 4, "moe_tp": 4}),
        ("qwen3-235b-a22b", {"tp": 8, "ep": 8}),
        ("deepseek-v3", {"tp": 16, "moe_tp": 16}),
        ("deepseek-v3", {"dp": 32, "ep": 32}),
        (QWEN3_NEXT, {"tp": 4, "moe_tp": 4}),
    ],
)
def test_whole_fp8_blocks_are_legal(model, degrees):
    assert not broken(catalogued(model, weight_dtype=Dtype.FP8_BLOCK), **degrees)


def test_other_formats_may_be_cut_anywhere():
    for dtype in (Dtype.BF16, Dtype.FP8):
        deployed = catalogued("qwen3-235b-a22b", weight_dtype=dtype)
        assert not broken(deployed, tp=8, moe_tp=8)


def test_a_rank_gets_whole_groups_of_int4_weights():
    # 28672 / 16 = 1792 is 14 groups of 128; 13824 / 8 = 1728 is 13.5 (vLLM 0.33, auto_awq.py).
    assert not broken(catalogued("llama-3.1-70b", weight_dtype=Dtype.INT4), tp=16)
    wide = {"intermediate_size": 13824}
    deployed = catalogued("llama-3.1-70b", weight_dtype=Dtype.INT4, model_changes=wide)
    assert "13824" in broken(deployed, tp=8)


def test_redundant_experts_make_slots_of_their_own():
    """288 slots on 72 ranks (sgl-project/sglang#6017); the 256 experts alone don't divide."""
    assert "256 experts" in broken(catalogued("deepseek-v3"), dp=72, ep=72)
    copied = catalogued("deepseek-v3", redundant_experts=32)
    assert not broken(copied, dp=72, ep=72)
    assert "32 copies" in broken(copied, dp=64, ep=64)


@pytest.mark.parametrize(
    ("engine", "degrees", "starts"),
    [
        # --data-parallel-size 16 --enable-expert-parallel (vLLM 0.33, fused_moe/config.py).
        ("vllm", {"dp": 16, "ep": 16}, True),
        ("vllm", {"tp": 8, "dp": 2, "ep": 16}, True),
        ("vllm", {"tp": 8, "ep": 2, "moe_tp": 4}, False),
        ("vllm", {"sp": 2, "ep": 2}, False),
        # --tp-size 8 --ep-size 2; --tp-size 16 --dp-size 2 --enable-dp-attention.
        ("sglang", {"tp": 8, "ep": 2, "moe_tp": 4}, True),
        ("sglang", {"tp": 8, "dp": 2, "ep": 16}, True),
        ("sglang", {"sp": 2, "ep": 2}, False),
        # moe_tensor_parallel_size 4 * moe_expert_parallel_size 2; enable_attention_dp.
        ("trtllm", {"tp": 8, "ep": 2, "moe_tp": 4}, True),
        ("trtllm", {"dp": 8, "ep": 8}, True),
        ("trtllm", {"tp": 4, "dp": 2, "ep": 8}, False),
        ("trtllm", {"sp": 2, "ep": 2}, False),
    ],
)
def test_an_engine_is_offered_what_its_options_can_say(engine, degrees, starts):
    assert bool(broken(catalogued("deepseek-v3", engine=engine), **degrees)) is not starts


def test_vllm_shares_context_of_sparse_latent_attention():
    """Prefill and decode context parallelism together (vLLM 0.33, pcp_manager.py)."""
    assert not broken(catalogued("deepseek-v3.2", engine="vllm"), sp=2, ep=2)
    assert broken(catalogued("deepseek-v3.2", engine="sglang"), sp=2, ep=2)
