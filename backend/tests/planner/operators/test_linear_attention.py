"""A gated delta net by hand: Qwen3.5 397B, 45 of 60 layers, 16 key and 64 value heads of 128."""

import numpy as np
import pytest

from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.operators.messages import step_messages
from llm_simulator.planner.specs.parameters import active_parameter_count
from tests.deployments import catalogued, decode_context, prompt_context
from tests.planner.operators.totals import total_bytes, total_flops

HYBRID = catalogued("qwen3.5-397b-a17b", "h200-sxm")
LAYERS = 45
STATE = 64 * 128 * 128
CONVOLVED = 2 * 16 * 128 + 64 * 128
VALUES = 64 * 128
PASSING = (3 * CONVOLVED + 4 * VALUES) * 2


def test_a_decoded_token_reads_and_writes_the_state_once():
    """In float32, and three past inputs of the convolution in bf16."""
    decode = decode_context(HYBRID, requests=3, context=1000)
    per_request = 2 * (STATE * 4 + CONVOLVED * 3 * 2) + PASSING
    assert total_bytes(decode, "linear_attention") == LAYERS * 3 * per_request


def test_a_bf16_state_takes_half():
    halved = catalogued(
        "qwen3.5-397b-a17b", "h200-sxm", model_changes={"mamba_ssm_dtype": "bfloat16"}
    )
    full, half = (
        total_bytes(decode_context(deployed, requests=1, context=1), "linear_attention")
        for deployed in (HYBRID, halved)
    )
    assert full - half == LAYERS * 2 * STATE * 2


def test_the_work_of_linear_layers_does_not_grow_with_the_context():
    near = decode_context(HYBRID, requests=1, context=1000)
    far = decode_context(HYBRID, requests=1, context=200_000)
    assert total_bytes(near, "linear_attention") == total_bytes(far, "linear_attention")
    assert total_flops(near, "linear_attention") == total_flops(far, "linear_attention")


def test_only_the_full_layers_read_a_cache():
    """15 layers x 2 heads x 256 x (K and V) x 2 bytes = 30,720 bytes per token of context."""
    near = total_bytes(decode_context(HYBRID, requests=1, context=1000), "attention")
    far = total_bytes(decode_context(HYBRID, requests=1, context=2000), "attention")
    assert (far - near) / 1000 == 30_720


def test_a_decoded_token_costs_seven_operations_per_element_of_the_state():
    decode = decode_context(HYBRID, requests=1, context=1000)
    expected = LAYERS * (7 * STATE + 2 * CONVOLVED * 4)
    assert total_flops(decode, "linear_attention") == expected


def test_a_prompt_costs_the_same_per_token_at_any_length():
    """Per token and head: 6 x 128 x 128 with the state, 64 x (6 + 4) x 128 within a chunk."""
    for length in (1000, 64_000):
        prompt = prompt_context(HYBRID, length=length)
        per_head = 6 * 128 * 128 + 64 * (6 * 128 + 4 * 128)
        expected = LAYERS * length * (64 * per_head + 2 * CONVOLVED * 4)
        assert total_flops(prompt, "linear_attention") == expected


def test_a_step_without_prompts_runs_no_chunks():
    decode = decode_context(HYBRID, requests=1, context=1000)
    idle = [
        work
        for work in step_work(decode)
        if work.operator == "linear_attention" and work.kernels == 7
    ]
    assert [float(np.sum(work.bytes)) for work in idle] == [0.0]


def test_heads_are_divided_by_tensor_parallel():
    alone = decode_context(HYBRID, requests=1, context=1000)
    shared = decode_context(HYBRID, requests=1, context=1000, tp=8, ep=8)
    for total in (total_bytes, total_flops):
        assert total(shared, "linear_attention") == total(alone, "linear_attention") / 8


def test_step_flops_are_twice_the_active_parameters():
    """Projections, experts and head; the embedding is looked up, the state apart."""
    decode = decode_context(HYBRID, requests=1, context=0)
    apart = ("attention", "linear_attention", "norms")
    total = sum(
        float(np.sum(work.flops * work.repeats))
        for work in step_work(decode)
        if work.operator not in apart
    )
    active = active_parameter_count(HYBRID.model) - 248_320 * 4096
    assert total == pytest.approx(2 * active, rel=1e-3)


def test_the_output_gate_doubles_the_queries_projected():
    gated, plain = (
        catalogued("qwen3-32b", model_changes={"attn_output_gate": gate}) for gate in (True, False)
    )
    difference = [
        total_flops(decode_context(deployed, requests=1, context=1), "qkv_projection")
        for deployed in (gated, plain)
    ]
    assert difference[0] - difference[1] == 64 * 2 * 5120 * 64 * 128


def test_sequence_ranks_gather_states_not_tokens():
    def gathered(length):
        context = prompt_context(HYBRID, length=length, sp=2, ep=2)
        return [
            float(np.sum(message.size))
            for message in step_messages(context)
            if message.group == "sequence" and float(np.sum(message.repeats)) == LAYERS
        ]

    assert gathered(1024) == gathered(8192) == [STATE * 4 + CONVOLVED * 3 * 2]


def test_a_shared_expert_has_its_own_width():
    wide = catalogued(
        "qwen3.5-397b-a17b", "h200-sxm", model_changes={"shared_expert_intermediate_size": 3000}
    )
    decode = decode_context(wide, requests=1, context=1)
    assert total_flops(decode, "shared_expert") == 2 * 60 * 3 * 4096 * 3000
