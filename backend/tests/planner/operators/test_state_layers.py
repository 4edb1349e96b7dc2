"""Layers with a state by hand: Mamba-2, Mamba-1, lightning attention, layers of one part alone."""

import pytest

from llm_simulator.planner.costs.memory import held_by, resident_memory
from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.operators.cache import state_bytes
from llm_simulator.planner.operators.layers import all_layers
from llm_simulator.planner.operators.messages import step_messages
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.parameters import parameter_count
from tests.deployments import CATALOGUE, catalogued, decode_context, plan, prompt_context
from tests.planner.operators.totals import total_bytes, total_flops

NANO = "nemotron-3-nano-30b-a3b"


def spec(name):
    return CATALOGUE.models[name].spec


def test_the_state_of_mamba_2_is_a_matrix_per_head():
    """64 heads of 64 x 128 in float32; three inputs of 4096 + 2 x 8 x 128 channels in bf16."""
    assert state_bytes(spec(NANO)) == 64 * 64 * 128 * 4 + 3 * (4096 + 2 * 8 * 128) * 2


def test_the_state_of_mamba_1_is_a_row_per_channel():
    """8192 channels of 16 in float32, of which three inputs are kept."""
    assert state_bytes(spec("jamba-mini")) == 8192 * 16 * 4 + 3 * 8192 * 2


def test_lightning_attention_has_no_convolution():
    assert state_bytes(spec("minimax-m1")) == 64 * 128 * 128 * 4


def test_a_decoded_token_costs_five_operations_per_element_of_a_mamba_2_state():
    decode = decode_context(catalogued(NANO, "h200-sxm"), requests=1, context=1000)
    per_layer = 5 * 64 * 64 * 128 + 2 * (4096 + 2 * 8 * 128) * 4
    assert total_flops(decode, "linear_attention") == 23 * per_layer


def test_a_prompt_costs_what_chunks_of_256_cost():
    """Per token: 4 operations per element of the state, 256 x 2 per key of a group and value."""
    deployed = catalogued(NANO, "h200-sxm")
    inside = 256 * (2 * 8 * 128 + 2 * 4096)
    per_token = 4 * 64 * 64 * 128 + inside + 2 * (4096 + 2 * 8 * 128) * 4
    prompt = prompt_context(deployed, length=1000)
    assert total_flops(prompt, "linear_attention") == pytest.approx(23 * 1000 * per_token)


def test_only_six_of_52_layers_have_a_cache():
    """6 layers x 2 heads x 128 x (K and V) x 2 bytes = 6,144 bytes per token of context."""
    deployed = catalogued(NANO, "h200-sxm")
    near = total_bytes(decode_context(deployed, requests=1, context=1000), "attention")
    far = total_bytes(decode_context(deployed, requests=1, context=2000), "attention")
    assert (far - near) / 1000 == 6_144


def test_a_layer_of_one_part_reduces_once():
    """52 layers of one part; the embedding's reduction comes on top."""
    decode = decode_context(catalogued(NANO, "h200-sxm"), requests=1, context=1000, tp=2, moe_tp=2)
    reductions = [m for m in step_messages(decode) if m.pattern == "all_reduce"]
    assert sum(m.repeats for m in reductions) == 53


def test_both_mixers_stand_side_by_side_in_falcon_h1():
    model = spec("falcon-h1-7b")
    layers = all_layers(model, plan())
    kinds = (layers.softmax, layers.linear, layers.full, layers.dense)
    assert [float(kind) for kind in kinds] == [44, 44, 44, 44]


def test_a_model_of_states_alone_keeps_no_cache():
    deployed = catalogued("codestral-mamba-7b", "h100-sxm")
    works = {work.operator for work in step_work(decode_context(deployed, requests=1, context=9))}
    assert "linear_attention" in works
    short, long = (
        resident_memory(
            (changed := catalogued("codestral-mamba-7b", "h100-sxm", input_seq_length=length)),
            plan(),
            held_by(changed, 4.0),
        ).kv_cache
        for length in (100, 100_000)
    )
    assert float(short[0]) == float(long[0]) > 0


def test_experts_in_a_narrower_width_are_cheaper_and_pass_projections():
    """A latent of a quarter: experts' matrices are a quarter as large, two projections come on."""
    whole = spec(NANO)
    narrow = ModelSpec.model_validate(whole.model_dump() | {"moe_latent_size": 672})
    experts = 23 * 128 * 2 * 2688 * 1856
    projections = 23 * 2 * 2688 * 672
    assert parameter_count(whole) - parameter_count(narrow) == experts * 3 / 4 - projections


def test_wide_gates_of_kimi_k3_are_stored_and_multiplied():
    """A gate of 32 heads of 128 in full width, in layers with a state or a latent."""
    whole = spec("kimi-linear-48b-a3b")
    hidden, width = whole.hidden_size, 32 * 128
    states, latents = whole.num_linear_attention_layers, whole.num_softmax_layers
    gates = {"attn_output_gate": True, "linear_full_rank_gate": True}
    gated = ModelSpec.model_validate(whole.model_dump() | gates)
    wide, bottleneck = hidden * width, 128 * (hidden + width)
    more = states * (wide - bottleneck) + latents * wide
    assert parameter_count(gated) - parameter_count(whole) == more
    flops = [
        total_flops(
            decode_context(
                catalogued("kimi-linear-48b-a3b", "h200-sxm", model_changes=changes),
                requests=1,
                context=1000,
            ),
            "qkv_projection",
        )
        for changes in ({}, gates)
    ]
    assert flops[1] - flops[0] == pytest.approx(2 * more)
