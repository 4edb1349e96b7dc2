"""The work of operators, checked by hand; each mistake seen elsewhere has its test (peers.md)."""

import numpy as np
import pytest

from llm_simulator.planner.costs.communication import Network
from llm_simulator.planner.costs.wire import wire_bytes
from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.operators.expert_load import distinct_experts, load_imbalance, popularity
from llm_simulator.planner.operators.messages import (
    distinct_ranks,
    distinct_servers,
    step_messages,
)
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.operators.work import WIDENING_ROWS, Product, Tile
from llm_simulator.planner.specs.dtypes import CACHE_BYTES, Dtype
from llm_simulator.planner.specs.modules import Module
from tests.deployments import catalogued, decode_context, plan, prompt_context, served
from tests.planner.operators.totals import total_bytes, total_flops


def test_a_product_reads_its_weights_once_and_pads_its_tiles():
    work = Product(
        "x",
        rows=100.0,
        columns=300.0,
        inner=64.0,
        weight_bytes=1.0,
        activation_bytes=2.0,
        unit="fp8",
        tile=Tile(64, 128),
    )
    assert work.flops == 2 * 100 * 300 * 64
    assert work.bytes == 300 * 64 + 100 * 64 * 2 + 100 * 300 * 2
    assert work.padded_tiles == 2 * 3
    assert work.padded_flops == 2 * (2 * 64) * (3 * 128) * 64


def test_batch_one_reads_the_dense_weights_once():
    context = decode_context(catalogued("llama-3.1-70b"), requests=1, context=1024)
    weights = 80 * 3 * 8192 * 28672 * 2
    assert total_bytes(context, "mlp_up") + total_bytes(context, "mlp_down") == pytest.approx(
        weights, rel=1e-3
    )


def test_step_flops_are_twice_the_active_parameters():
    """A dense decoder does 2 FLOP per weight and token, attention over the context apart."""
    context = decode_context(catalogued("llama-3.1-8b"), requests=1, context=0)
    total = sum(float(np.sum(w.flops * w.repeats)) for w in step_work(context))
    embedding = 128256 * 4096
    assert total == pytest.approx(2 * (8.03e9 - embedding), rel=0.01)


def test_grouped_query_attention_reads_each_key_value_head_once():
    """80 layers x 8 heads x 128 x (K and V) x 2 bytes = 327,680 bytes per token of context."""
    deployed = catalogued("llama-3.1-70b")
    short = total_bytes(decode_context(deployed, requests=1, context=1000), "attention")
    long = total_bytes(decode_context(deployed, requests=1, context=2000), "attention")
    assert (long - short) / 1000 == 327_680


def test_tensor_parallel_beyond_the_key_value_heads_replicates_them():
    deployed = catalogued("qwen3-235b-a22b")
    per_token = [
        total_bytes(decode_context(deployed, requests=1, context=2000, tp=tp, ep=tp), "attention")
        - total_bytes(decode_context(deployed, requests=1, context=1000, tp=tp, ep=tp), "attention")
        for tp in (1, 4, 8)
    ]
    assert per_token[1] == pytest.approx(per_token[0] / 4)
    assert per_token[2] == pytest.approx(per_token[1])


def test_latent_decode_attention_is_absorbed():
    """2 H (2 d_c + d_r) = 278,528 FLOP per token of context and layer for 128 heads."""
    deployed = catalogued("deepseek-v3", "h200-sxm")
    flops = total_flops(decode_context(deployed, requests=1, context=1000), "attention")
    assert flops == 61 * 278_528 * 1000


def test_latent_cache_reads_are_not_divided_by_tensor_parallel():
    """576 elements of bf16 per token and layer on every tensor rank."""
    deployed = catalogued("deepseek-v3", "h200-sxm")
    for tp in (1, 8):
        reads = [
            total_bytes(decode_context(deployed, requests=1, context=c, tp=tp, ep=tp), "attention")
            for c in (1000, 2000)
        ]
        assert (reads[1] - reads[0]) / 1000 == pytest.approx(61 * 576 * 2)


def test_latent_prompt_attention_expands_the_heads():
    """2 x pairs x H x (192 + 128) FLOP, pairs n(n+1)/2 of a causal prompt."""
    deployed = catalogued("deepseek-v3", "h200-sxm")
    flops = total_flops(prompt_context(deployed, length=1000), "attention")
    assert flops == pytest.approx(61 * 2 * (1000 * 1001 / 2) * 128 * 320)


def test_chunks_of_a_prompt_do_the_work_of_the_whole():
    deployed = catalogued("llama-3.1-8b")
    whole = total_flops(prompt_context(deployed, length=16384), "attention")
    chunk = total_flops(prompt_context(deployed, length=16384, chunks=4), "attention")
    assert 4 * chunk == pytest.approx(whole)


def test_a_sliding_window_bounds_what_is_attended_to():
    deployed = catalogued("gpt-oss-120b")
    near = total_flops(decode_context(deployed, requests=1, context=10_000), "attention")
    far = total_flops(decode_context(deployed, requests=1, context=20_000), "attention")
    # 18 of 36 layers see everything, 64 heads of width 64.
    assert far - near == pytest.approx(18 * 4 * 10_000 * 64 * 64)


def test_window_pairs_are_counted_exactly():
    step = Step(np.ones(1), 5, 1, np.zeros(1), 0.0)
    assert step.prompt_pairs(None)[0] == 1 + 2 + 3 + 4 + 5
    assert step.prompt_pairs(2)[0] == 1 + 2 + 2 + 2 + 2
    assert step.prompt_pairs(99)[0] == 15


@pytest.mark.parametrize(("tokens", "expected"), [(8, 57), (16, 102), (64, 222), (256, 256)])
def test_more_tokens_wake_more_experts(tokens, expected):
    assert round(float(distinct_experts(tokens, popularity("uniform", 256, 8), 8))) == expected


def test_one_token_wakes_exactly_its_experts():
    assert float(distinct_experts(1, popularity("uniform", 128, 4), 4)) == pytest.approx(4)


def test_the_imbalance_formula_agrees_with_drawing_the_experts():
    rng = np.random.default_rng(0)
    loads = rng.multinomial(32 * 64, np.full(32, 1 / 32), size=2000).max(axis=1) / 64
    assert float(load_imbalance(64.0, 32)) == pytest.approx(loads.mean(), rel=0.08)


def test_tokens_reach_as_many_ranks_as_drawing_says():
    rng = np.random.default_rng(0)
    reached = [len(set(rng.integers(0, 16, 8))) for _ in range(5000)]
    assert float(distinct_ranks(16, 8)) == pytest.approx(np.mean(reached), rel=0.02)


@pytest.mark.parametrize("servers", [2, 4, 8, 16])
def test_experts_of_few_groups_lie_on_as_many_servers_as_drawing_says(servers):
    """DeepSeek-V3: 8 experts of 256, out of 4 of 8 groups."""
    rng = np.random.default_rng(0)
    reached = []
    for _ in range(5000):
        groups = rng.permutation(8)[:4]
        experts = rng.permutation(4 * 32)[:8]
        places = groups[experts // 32] * 32 + experts % 32
        reached.append(len(set(places * servers // 256)))
    model = catalogued("deepseek-v3").model
    assert float(distinct_servers(servers, model)) == pytest.approx(np.mean(reached), rel=0.02)


def test_experts_of_all_groups_lie_anywhere():
    model = catalogued("qwen3-235b-a22b").model
    assert distinct_servers(4, model) == distinct_ranks(4, 8)


def test_prompts_cross_once_to_each_server_and_decoding_tokens_once_to_each_rank():
    """32 GPUs on 4 servers, 4,096 tokens each: fp8 with scales to 2.9 servers of 4."""
    deployed = catalogued("deepseek-v3", "h100-sxm", "servers-4x8")
    wide = {"dp": 32, "ep": 32}
    prompt = prompt_context(deployed, length=4096, **wide)
    decoding = decode_context(deployed, requests=64, context=4096, **wide)
    [of_prompt, *_], [of_decoding, *_] = (
        [m for m in step_messages(context) if m.pattern == "all_to_all"]
        for context in (prompt, decoding)
    )
    network = Network(deployed, plan(**wide))
    across = 4096 * 7168 * (1 + 4 / 128) * distinct_servers(4, deployed.model)
    [_, beyond] = wire_bytes(of_prompt, network.span("expert"))
    assert float(beyond[0]) == pytest.approx(across * 3 / 4, rel=0.02)
    [_, beyond] = wire_bytes(of_decoding, network.span("expert"))
    assert float(beyond[0]) == pytest.approx(float(of_decoding.size[0]) * 24 / 32)


def test_expert_weights_are_divided_by_expert_parallel_and_expert_tensor_parallel():
    """With every expert awake, a rank reads its share of 58 x 256 x 44.04 M weights."""
    deployed = catalogued("deepseek-v3", "h200-sxm", "pod-64", weight_dtype=Dtype.INT8)
    everything = 58 * 256 * 3 * 7168 * 2048
    for ep, moe_tp in ((64, 1), (8, 8), (1, 64)):
        context = decode_context(deployed, requests=8192, context=1, dp=64, ep=ep, moe_tp=moe_tp)
        read = total_bytes(context, "expert_up") + total_bytes(context, "expert_down")
        tokens = 8192 * 64 * 8 / ep
        busiest = tokens * (1 + np.sqrt(2 * np.log(ep) / tokens))
        # int8 in, bf16 out: hidden and both gated halves for up, one half and hidden for down.
        per_token = (7168 + 2 * 2 * 2048 / moe_tp) + (2048 / moe_tp + 2 * 7168)
        assert read == pytest.approx(everything / 64 + 58 * busiest * per_token, rel=1e-9)


def test_the_shared_expert_is_as_wide_as_a_routed_one():
    deployed = catalogued("deepseek-v3", "h200-sxm")
    context = decode_context(deployed, requests=1, context=1)
    assert total_flops(context, "shared_expert") == 2 * 58 * 3 * 7168 * 2048


def test_each_layer_reduces_twice_and_no_more():
    context = decode_context(catalogued("llama-3.1-70b"), requests=1, context=1, tp=8)
    reductions = [m for m in step_messages(context) if m.pattern == "all_reduce"]
    # Two per layer and one after the vocabulary-parallel embedding.
    assert sum(float(np.sum(m.repeats)) for m in reductions) == 2 * 80 + 1


def test_experts_of_one_rank_group_need_no_dispatch():
    deployed = catalogued("deepseek-v3", "h200-sxm")
    alone = decode_context(deployed, requests=8, context=1, tp=8, ep=8)
    shared = decode_context(deployed, requests=8, context=1, dp=8, ep=8)
    for context, expected in ((alone, 0), (shared, 58)):
        dispatches = [m for m in step_messages(context) if m.pattern == "all_to_all"]
        assert all(np.sum(m.repeats) == expected for m in dispatches)
        assert bool(dispatches) == bool(expected)


def test_a_step_without_prompts_expands_no_keys():
    deployed = catalogued("deepseek-v3", "h200-sxm")
    context = decode_context(deployed, requests=1, context=1000)
    expected = 61 * 2 * (7168 * (1536 + 576) + 1536 * 128 * 192 + 128 * 512 * 256)
    assert total_flops(context, "qkv_projection") == pytest.approx(expected)


def test_weights_stored_narrow_are_widened_once_per_tile():
    """A tile of 64 rows takes as long as one of 80; no FLOP more is useful."""
    square = {"rows": 128.0, "columns": 256.0, "inner": 64.0, "unit": "bf16"}
    plain, widened = (
        Product(
            "x",
            **square,
            weight_bytes=0.5,
            activation_bytes=2.0,
            tile=Tile(64, 128),
            widening=WIDENING_ROWS if widens else 0.0,
        )
        for widens in (False, True)
    )
    assert plain.padded_flops is not None
    assert widened.padded_flops == plain.padded_flops * 80 / 64
    assert (widened.flops, widened.bytes) == (plain.flops, plain.bytes)


@pytest.mark.parametrize(
    ("model", "chip", "widened"),
    [
        ("kimi-k2.5", "h200-sxm", True),
        ("kimi-k2.5", "b200-sxm", True),
        ("gpt-oss-120b", "h200-sxm", True),
        # Its matrix units take fp4 beside wider floats.
        ("gpt-oss-120b", "b200-sxm", False),
        ("deepseek-v3", "h200-sxm", False),
        ("deepseek-v3", "a100-sxm", True),
    ],
)
def test_weight_only_formats_pay_for_widening_where_the_hardware_does_not(model, chip, widened):
    context = decode_context(catalogued(model, chip), requests=1, context=1)
    assert context.format_of(Module.ROUTED_EXPERTS).widens_weights is widened


@pytest.mark.parametrize("dtype", ["fp8", "fp8_block", "int4", "nvfp4"])
def test_a_narrow_cache_is_read_in_its_own_bytes(dtype):
    def per_token(**load):
        deployed = catalogued("llama-3.1-70b", **load)
        near, far = (decode_context(deployed, requests=1, context=c) for c in (1000, 2000))
        return total_bytes(far, "attention") - total_bytes(near, "attention")

    narrow = per_token(kv_cache_dtype=Dtype(dtype))
    assert narrow == pytest.approx(per_token() * CACHE_BYTES[Dtype(dtype)] / 2)


def tpot(chip, dtype, batch):
    deployed = catalogued("llama-3.1-70b", chip, weight_dtype=dtype, batch_size=batch)
    return float(served(deployed, tp=8).tpot[0])


@pytest.mark.parametrize("batch", [1, 64, 1024])
def test_fp8_is_never_slower_than_bf16(batch):
    assert tpot("h100-sxm", Dtype.FP8, batch) < tpot("h100-sxm", Dtype.BF16, batch)


def test_weight_only_formats_pay_at_small_batches_and_cost_at_large_ones():
    """Half the bytes to read, a quarter more matrix time at most."""
    assert tpot("a100-sxm", Dtype.FP8, 1) < tpot("a100-sxm", Dtype.BF16, 1)
    ratio = tpot("a100-sxm", Dtype.FP8, 1024) / tpot("a100-sxm", Dtype.BF16, 1024)
    assert 1 < ratio < 1.25


def test_sequence_ranks_each_take_in_the_queries_of_all_decoding_requests():
    """512 requests over 8 ranks: 512 x 64 heads x (128 + 128) x 2 B x 80 layers = 1.34 GB.

    Beside it 1/8 of 512 contexts of 1,000 tokens and 64 new tokens of 8 x 256 x 2 B.
    """
    context = decode_context(catalogued("llama-3.1-70b"), requests=512, context=1000, sp=8)
    queries = 512 * 64 * 256 * 2
    cache = (512 * 1000 / 8 + 64) * 8 * 256 * 2
    assert total_bytes(context, "attention") == pytest.approx(80 * (queries + cache))
