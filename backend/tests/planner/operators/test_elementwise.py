"""Passes over activations and logits, by hand."""

from typing import Any

import numpy as np
import pytest

from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.specs.dtypes import Dtype
from tests.deployments import catalogued, decode_context
from tests.planner.operators.totals import total_bytes

NORMS = 8 * 8192 * 2
ROTARY = 2 * (64 + 8) * 128 * 2
GATE = 3 * 28672 * 2


def llama(**load):
    return decode_context(catalogued("llama-3.1-70b", **load), requests=1, context=1)


def test_a_dense_layer_passes_norms_rotary_and_gate():
    assert total_bytes(llama(), "norms") == 80 * (NORMS + ROTARY + GATE)


def test_narrow_activations_are_read_wide_and_written_narrow_once_per_product():
    """Four inputs: of qkv and up the hidden state, of output the heads, of down the gated width."""
    inputs = 3 * 8192 + 28672
    fp8 = llama(weight_dtype=Dtype.FP8, activation_dtype=Dtype.FP8)
    assert total_bytes(fp8, "norms") - total_bytes(llama(), "norms") == 80 * inputs * 3


def test_weight_only_formats_quantise_no_activations():
    assert total_bytes(llama(weight_dtype=Dtype.INT4), "norms") == total_bytes(llama(), "norms")


def test_tensor_ranks_share_heads_and_widths_but_not_the_hidden_state():
    alone, shared = (
        decode_context(catalogued("llama-3.1-70b"), requests=1, context=1, tp=tp) for tp in (1, 8)
    )
    whole = 80 * NORMS
    assert (total_bytes(alone, "norms") - whole) / 8 == total_bytes(shared, "norms") - whole


def test_latent_attention_rotates_its_rotary_part_only():
    """128 heads and one shared key of 64; the dense width in 3 of 61 layers, shared in 58."""
    deployed = catalogued("deepseek-v3", "h200-sxm", activation_dtype=Dtype.BF16)
    norms = total_bytes(decode_context(deployed, requests=1, context=1), "norms")
    gates = 3 * 18432 + 58 * 2048
    assert norms == pytest.approx(61 * (8 * 7168 + 2 * 129 * 64) * 2 + gates * 3 * 2)


def test_a_mixture_passes_scores_gates_and_the_sum_of_its_experts():
    deployed = catalogued("deepseek-v3", "h200-sxm", activation_dtype=Dtype.BF16)
    routing = total_bytes(decode_context(deployed, requests=1, context=1), "expert_routing")
    per_visit = 3 * 2048 * 2 + 7168 * 2
    assert routing == 58 * (2 * 256 * 4 + 7168 * 2 + 8 * per_visit)


def test_a_linear_layer_hands_its_values_on_and_rotates_nothing():
    """Qwen3.5: 45 linear layers of 64 x 128 values, 15 full ones of 32 x 256 and 2 x 256."""
    fp8: dict[str, Any] = {"weight_dtype": Dtype.FP8, "activation_dtype": Dtype.FP8}
    wide, narrow = (
        decode_context(catalogued("qwen3.5-397b-a17b", "h200-sxm", **load), requests=1, context=1)
        for load in ({}, fp8)
    )
    rotary = 15 * 2 * (32 + 2) * 256 * 2
    assert total_bytes(wide, "norms") == pytest.approx(
        60 * 8 * 4096 * 2 + rotary + 60 * 1024 * 3 * 2
    )
    inputs = 60 * (2 * 4096 + 1024) + 45 * 64 * 128 + 15 * 32 * 256
    assert total_bytes(narrow, "norms") - total_bytes(wide, "norms") == pytest.approx(3 * inputs)


def test_sampling_passes_the_whole_vocabulary_on_every_tensor_rank():
    for tp in (1, 8):
        context = decode_context(catalogued("llama-3.1-70b"), requests=7, context=1, tp=tp)
        assert total_bytes(context, "sampling") == 7 * 128256 * 18


def test_a_layer_starts_few_kernels_for_all_its_passes():
    context = decode_context(catalogued("deepseek-v3", "h200-sxm"), requests=1, context=1)
    kernels: dict[str, float] = {}
    for work in step_work(context):
        started = float(np.sum(work.kernels * work.repeats))
        kernels[work.operator] = kernels.get(work.operator, 0.0) + started
    assert (kernels["norms"], kernels["expert_routing"]) == (61 * 4, 58 * 4)
    assert kernels["sampling"] == 3
