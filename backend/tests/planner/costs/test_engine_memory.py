"""Memory as engines log it when they start: figures of public logs, in GiB as there."""

import numpy as np
import pytest

from llm_simulator.planner.costs.engine_memory import GIB, memory_rules, memory_share
from llm_simulator.planner.costs.memory import Held, cache_memory, resident_memory
from llm_simulator.planner.results.memory_use import memory_use
from llm_simulator.planner.specs.speculation import Speculation
from tests.deployments import CATALOGUE, catalogued, plan

CARDS = {"c2c": CATALOGUE.topologies["pcie-4"].spec.links["c2c"]}
"""PCIe instead of NVLink."""


def cache_of(deployed, tokens=8192, **degrees):
    """What the engine gives the cache, as it says so."""
    plans = plan(**degrees)
    found = memory_use(deployed, plans, resident_memory(deployed, plans), 0, tokens).cache
    assert found is not None
    return found


PEAKS = [
    # model, degrees, GiB of activations in 1,024 places and 8,192 tokens
    ("llama-3.1-8b", {}, 1.89),
    ("llama-3.1-8b", {"tp": 4}, 1.89),
    ("qwen2.5-7b", {}, 2.21),
    ("qwen3-8b", {}, 2.21),
    ("qwen2.5-72b", {"tp": 2}, 2.29),
    ("llama-3.1-70b", {"tp": 2}, 1.96),
    ("mistral-small-24b", {}, 2.03),
    ("qwen1.5-moe-a2.7b", {}, 2.47),
    ("qwen3-30b-a3b", {}, 2.68),
    ("mixtral-8x7b", {"tp": 2, "moe_tp": 2}, 1.21),
    ("deepseek-v2-lite", {}, 1.93),
    ("gpt-oss-20b", {"tp": 2, "moe_tp": 2}, 2.87),
]


@pytest.mark.parametrize(("model", "degrees", "logged"), PEAKS)
def test_activation_peaks_of_vllm_on_h100(model, degrees, logged):
    """llm-d-incubation/llm-d-planner, accuracy/accuracy_report.md: vLLM 0.19.

    The cache has 75 GiB less weights and peak, so that 0.25 GiB are a third of a percent.
    """
    deployed = catalogued(model, engine="vllm", engine_version="0.19.0")
    found = resident_memory(deployed, plan(**degrees)).activations[0] / GIB
    assert found == pytest.approx(logged, abs=0.25)


@pytest.mark.parametrize(
    ("model", "degrees", "share", "tokens"),
    [
        ("llama-3.1-8b", {}, 0.95, 476_016),
        ("qwen2.5-7b", {}, 0.95, 1_096_000),
        ("qwen2.5-7b", {"kv_cache_dtype": "fp8"}, 0.95, 2_192_000),
    ],
)
def test_the_cache_of_vllm_0_19_on_h100(model, degrees, share, tokens):
    """The same report: "GPU KV cache size" within 1 %."""
    version = {"engine": "vllm", "engine_version": "0.19.0", "memory_utilization": share}
    assert cache_of(catalogued(model, **version, **degrees)).tokens == pytest.approx(
        tokens, rel=0.01
    )


def test_llama_on_one_h100():
    """vllm#10511, 2024: 53.29 GiB of cache, 436,000 tokens; what vLLM takes today is near."""
    today = cache_of(catalogued("llama-3.1-8b", engine="vllm"))
    then = cache_of(catalogued("llama-3.1-8b", engine="vllm", engine_version="0.6.4"))
    for cache in (today, then):
        assert cache.gb * 1e9 / GIB == pytest.approx(53.29, rel=0.03)
        assert cache.concurrency == pytest.approx(53.29, rel=0.03)
    assert today.largest_context == 131_072


def test_a_model_on_two_cards_without_links_of_their_own():
    """vllm#13061: DeepSeek-R1-Distill-Qwen-14B on 2 RTX 4090 at 0.98, 81,536 tokens."""
    for version, budget in ((None, 8192), ("0.7.2", 2048)):
        deployed = catalogued(
            "qwen2.5-14b",
            "rtx-4090",
            topology_changes={"links": CARDS},
            engine="vllm",
            engine_version=version,
            memory_utilization=0.98,
            max_batched_tokens=budget,
        )
        assert cache_of(deployed, tp=2).tokens == pytest.approx(81_536, rel=0.03)


def test_a_prompt_of_20000_tokens_at_once_on_a_small_card():
    """vllm#10517: Llama-3.1-8B on an RTX 3090, 3.81 GiB of cache, 1.56 requests of 20,000."""
    deployed = catalogued(
        "llama-3.1-8b",
        "rtx-3090",
        engine="vllm",
        engine_version="0.6.4",
        max_batched_tokens=20_000,
        chip_changes={"memory_capacity": 25.3e9},
    )
    cache = cache_of(deployed, tokens=20_000)
    assert cache.gb * 1e9 / GIB == pytest.approx(3.81, rel=0.03)
    assert cache.concurrency == pytest.approx(1.56, rel=0.03)


def test_a_hybrid_gives_out_the_cache_in_pages_of_its_states():
    """vllm#40691: Qwen3.5-27B, 16 of 64 layers with a cache: pages of 784 tokens; a request of
    32,768 has 42 of them in one group of layers and one in each of the three others."""
    deployed = catalogued("qwen3.5-27b", "h20-141gb", engine="vllm", engine_version="0.19.0")
    per_token = 2 * 4 * 256 * 2
    request = cache_memory(deployed, plan(), Held(np.ones(1), 32_768, np.zeros(1)))
    assert request[0] == 16 * 784 * per_token * (42 + 3)


def test_a_hybrid_that_verifies_drafts_keeps_a_state_for_each():
    """club-3090#294, #642: Qwen3.6-27B (as 3.5) in 4 bits on 2 RTX 3090 with 3 drafted tokens and a
    cache in fp8: 8.95 GiB of weights, 11.05 of cache, 622,408 and 623,873 tokens."""
    drafts = Speculation(draft_tokens=3, acceptance_rate=0.7, method="mtp")
    deployed = catalogued(
        "qwen3.5-27b",
        "rtx-3090",
        topology_changes={"links": CARDS},
        engine="vllm",
        weight_dtype="int4",
        kv_cache_dtype="fp8",
        max_num_seqs=2,
        speculative=drafts,
    )
    plans = plan(tp=2)
    assert resident_memory(deployed, plans).weights[0] / GIB == pytest.approx(8.95, rel=0.02)
    cache = cache_of(deployed, tokens=262_144, tp=2)
    assert cache.gb * 1e9 / GIB == pytest.approx(11.05, rel=0.02)
    assert cache.tokens == pytest.approx(622_408, rel=0.02)
    held = Held(np.ones(1), 262_144, np.zeros(1))
    page = 1568 * 2 * 2 * 256
    pages = 168 * (16 + 1) + 48 * (1 + 3)
    assert cache_memory(deployed, plans, held)[0] == pytest.approx(pages * page, rel=0.01)


def test_the_share_of_sglang_counts_weights_and_cache_alone():
    """vllm#21348: Qwen3-235B-FP8 on 4 H100 at 0.93, 367,404 tokens."""
    deployed = catalogued(
        "qwen3-235b-a22b", engine="sglang", memory_utilization=0.93, weight_dtype="fp8_block"
    )
    assert cache_of(deployed, tp=4, moe_tp=4).tokens == pytest.approx(367_404, rel=0.03)


@pytest.mark.parametrize(
    ("model", "full", "windowed"),
    [
        # Bytes of a token in all layers of the kind: 18 and 18 of 8 heads of 64, 10 of 4 heads of
        # 512 and 50 of 16 of 256, 62 layers of 16 heads of 128 in one pool.
        ("gpt-oss-120b", 18 * 2048, 0.8 * 18 * 2048),
        ("gemma-4-31b", 10 * 8192, 0.8 * 50 * 16_384),
        ("gemma-3-27b", 62 * 8192, 0.0),
    ],
)
def test_sglang_divides_its_cache_between_windows_and_the_rest(model, full, windowed):
    """SGLang 0.5: a pool for windows has 0.8 of the tokens of the other, whatever the window is;
    architectures without one keep all tokens."""
    sglang = cache_of(catalogued(model, "h200-sxm", engine="sglang"), tokens=100_000)
    assert sglang.gb * 1e9 / sglang.tokens == pytest.approx(full + windowed, rel=1e-3)
    vllm = cache_of(catalogued(model, "h200-sxm", engine="vllm"), tokens=100_000)
    assert vllm.tokens / vllm.gb > 1.5 * sglang.tokens / sglang.gb


def test_sglang_divides_its_cache_between_states_and_the_rest():
    """kvcache-ai/ktransformers#1870: Qwen3.5-397B on 2 ranks, 8.30 GiB for 580,364 tokens beside
    7.42 for 82 states and one to spare."""
    deployed = catalogued("qwen3.5-397b-a17b", "h200-sxm", engine="sglang")
    plans = plan(tp=2, moe_tp=2)

    def taken(tokens, requests=1, **load):
        on = catalogued("qwen3.5-397b-a17b", "h200-sxm", engine="sglang", **load)
        return cache_memory(on, plans, Held(np.full(1, requests), tokens, np.zeros(1)))[0]

    whole = (8.30 + 7.42) * GIB
    assert whole / (taken(262_144) / 262_144) == pytest.approx(580_364, rel=0.005)
    assert whole / taken(1) == pytest.approx(83, rel=0.005)
    assert whole / taken(1, prefix_cache_hit_rate=0.5) == pytest.approx(83 / 3, rel=0.005)
    apart = cache_memory(deployed, plans, Held(np.ones(1), 8192, np.zeros(1)), pooled=False)[0]
    assert apart == pytest.approx(8192 * 15_360 + 7.42 * GIB / 83, rel=0.005)


def test_requests_within_the_window_are_bound_by_its_pool():
    """Of 100 tokens each, 0.8 of the pool of layers without a window is enough for them."""
    plans, held = plan(), Held(np.ones(1), 100, np.zeros(1))
    sglang, plain = (catalogued("gpt-oss-120b", engine=e) for e in ("sglang", None))
    per_token = 18 * 2048
    assert cache_memory(sglang, plans, held)[0] == pytest.approx(225 * per_token)
    assert cache_memory(sglang, plans, held, pooled=False)[0] == pytest.approx(200 * per_token)
    blocks = -(-100 // 16) * 16
    assert cache_memory(plain, plans, held)[0] == pytest.approx((blocks + 100) * per_token)


def test_sparse_attention_in_sglang_on_blackwell():
    """sglang#11309: DeepSeek-V3.2 on 8 B200, 975,424 tokens of 788 bytes x 61 layers per rank."""
    deployed = catalogued("deepseek-v3.2", "b200-sxm", engine="sglang")
    cache = cache_of(deployed, dp=8, ep=8)
    assert cache.gb * 1e9 / cache.tokens == pytest.approx(788 * 61, rel=1e-3)
    assert cache.tokens == pytest.approx(975_424, rel=0.03)


def test_data_parallel_ranks_of_a_mixture_in_nvfp4():
    """aiconfigurator#1396: Kimi-K2.5 on 4 B200 at 0.92, about 29 requests of 9,216 per rank."""
    deployed = catalogued(
        "kimi-k2.5",
        "b200-sxm",
        engine="vllm",
        memory_utilization=0.92,
        weight_dtype="nvfp4",
        kv_cache_dtype="fp8",
    )
    cache = cache_of(deployed, tokens=9216, dp=4, ep=4)
    assert cache.concurrency == pytest.approx(29, rel=0.1)


def test_logits_are_those_of_the_places_that_the_engine_is_started_with():
    """vLLM 0.16 and before: 39 bytes for each of 201,088 logits."""

    def peak(**load):
        deployed = catalogued("gpt-oss-120b", engine="vllm", engine_version="0.11.0", **load)
        return resident_memory(deployed, plan()).activations[0]

    assert peak() == peak(max_num_seqs=1024) == 1024 * 201_088 * 39
    assert peak(max_num_seqs=256) == 256 * 201_088 * 39
    assert peak(max_num_seqs=2048, max_batched_tokens=512) == 512 * 201_088 * 39
    # Of 64 requests in flight 8 run at once; a step's tokens are then the larger buffer.
    assert peak(max_num_seqs=8) < peak(max_num_seqs=64) == 64 * 201_088 * 39


def test_the_share_of_tensorrt_llm_is_of_what_is_left():
    deployed = catalogued(engine="trtllm", memory_utilization=0.5)
    memory = resident_memory(deployed, plan(tp=4))
    others = memory.weights + memory.activations + memory.runtime
    left = deployed.chip.memory_capacity - 0.5 * GIB - others
    assert memory.room[0] == pytest.approx(0.5 * left[0])


def test_defaults_are_those_of_the_engine_and_its_version():
    vllm, sglang = catalogued(engine="vllm"), catalogued(engine="sglang")
    assert memory_share(catalogued(), plan())[0] == memory_share(vllm, plan())[0] == 0.92
    assert memory_rules(catalogued(engine="vllm", engine_version="v0.19.1").workload).share == 0.9
    assert memory_share(catalogued(engine="trtllm"), plan())[0] == 0.9
    # 81,559 MiB less 512 + 1.5 x 8,192 + 2 x 512 + 1,024 MiB.
    assert memory_share(sglang, plan(tp=8))[0] == pytest.approx(1 - 14_848 / 81_559)


def test_runtime_memory_may_be_given_by_hand():
    for engine in (None, "vllm", "sglang", "trtllm"):
        given = resident_memory(catalogued(engine=engine, runtime_memory=4e9), plan(tp=4))
        assert given.runtime[0] == 4e9


@pytest.mark.parametrize("ranks", [32, 72])
def test_wide_deployments_of_sglang_give_their_share_by_hand(ranks):
    """sgl-project/sglang#6017: 0.85; SGLang's guess would leave no cache at all."""
    deployed = catalogued("deepseek-v3", "h100-sxm", engine="sglang")
    assert float(memory_share(deployed, plan(dp=ranks, ep=ranks))[0]) == 0.85
