"""Resident bytes by hand."""

import pytest

from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.encoder import encoder_weights
from llm_simulator.planner.specs.parameters import norm_weights, parameter_count, router_weights
from tests.deployments import catalogued, plan


def _memory(deployed, **degrees):
    return resident_memory(deployed, plan(**degrees))


def test_weights_of_a_dense_model_are_its_parameters_in_bf16():
    memory = _memory(catalogued("llama-3.1-70b"))
    assert memory.weights[0] == pytest.approx(2 * 70.55e9, rel=1e-3)


def test_weights_are_divided_by_tensor_parallel():
    deployed = catalogued("llama-3.1-70b")
    whole = _memory(deployed).weights[0]
    assert _memory(deployed, tp=8).weights[0] == pytest.approx(whole / 8, rel=1e-3)


def test_layers_are_divided_by_pipeline_parallel_and_the_end_stages_hold_one_table_each():
    deployed = catalogued("llama-3.1-70b")
    table = 128256 * 8192 * 2
    layers = _memory(deployed).weights[0] - 2 * table
    assert _memory(deployed, pp=8).weights[0] == pytest.approx(layers / 8 + table)


def test_a_stage_holds_the_layers_that_do_not_divide_evenly():
    deployed = catalogued("deepseek-v3", "h200-sxm", "pod-64")
    by_four, by_five = (_memory(deployed, pp=pp, tp=8, ep=8).weights[0] for pp in (4, 5))
    # 61 layers: 16 on the largest of 4 stages, 13 on the largest of 5.
    assert by_five / by_four == pytest.approx(13 / 16, rel=0.01)


def test_cache_of_grouped_query_attention_by_hand():
    """64 requests x 2,048 tokens x 327,680 bytes, over 8 tensor ranks."""
    memory = _memory(catalogued("llama-3.1-70b"), tp=8)
    assert memory.kv_cache[0] == 64 * 2048 * 327_680 / 8


def test_cache_is_divided_by_data_parallel():
    deployed = catalogued("llama-3.1-70b")
    assert _memory(deployed, dp=8).kv_cache[0] == _memory(deployed).kv_cache[0] / 8


def test_latent_cache_is_not_divided_by_tensor_parallel_but_by_sequence_parallel():
    """576 elements x 61 layers x 2 bytes = 70,272 bytes per token."""
    deployed = catalogued("deepseek-v3", "h200-sxm")
    whole = 64 * 2048 * 70_272
    assert _memory(deployed).kv_cache[0] == whole
    assert _memory(deployed, tp=8, ep=8).kv_cache[0] == whole
    assert _memory(deployed, sp=8, ep=8).kv_cache[0] == whole / 8


def test_a_latent_cache_is_shared_out_by_decode_context_parallel():
    """8 ranks of one tensor group have 1/8 of the tokens each, in whole blocks of 16."""
    deployed = catalogued("deepseek-v3", "h200-sxm", engine="vllm")
    assert _memory(deployed, tp=8, ep=8).kv_cache[0] == 64 * 2048 * 70_272
    assert _memory(deployed, tp=8, ep=8, dcp=8).kv_cache[0] == 64 * 2048 / 8 * 70_272
    odd = catalogued("deepseek-v3", "h200-sxm", engine="vllm", output_seq_length=1025)
    assert _memory(odd, tp=8, ep=8, dcp=8).kv_cache[0] == 64 * (256 + 16) * 70_272


def test_copies_of_key_value_heads_are_shared_out_by_decode_context_parallel():
    """Four heads of 2 x 128 elements x 94 layers on eight ranks: two of them have one each."""
    deployed = catalogued("qwen3-235b-a22b", "h200-sxm", engine="vllm")
    per_token = 2 * 128 * 94 * 2
    assert _memory(deployed, tp=8, ep=8).kv_cache[0] == 64 * 2048 * per_token
    assert _memory(deployed, tp=8, ep=8, dcp=2).kv_cache[0] == 64 * 1024 * per_token


def test_windows_and_states_are_whole_on_every_rank_that_shares_out_a_cache():
    """gpt-oss on 16 ranks has each of 8 heads twice; Qwen3-Next's states are those of tp."""
    windowed = catalogued("gpt-oss-120b")
    assert _memory(windowed, tp=16, dcp=2).kv_cache[0] == 64 * 18 * (1024 + 128) * 2 * 64 * 2
    hybrid = catalogued("qwen3-next-80b-a3b")
    whole, shared = (_memory(hybrid, tp=8, moe_tp=8, dcp=dcp).kv_cache[0] for dcp in (1, 4))
    # 12 of 48 layers attend, with 2 heads of 256: one on each rank.
    assert whole - shared == 64 * (2048 - 512) * 12 * 2 * 256 * 2


def test_an_fp8_cache_takes_half():
    deployed = catalogued("llama-3.1-70b")
    fp8 = catalogued("llama-3.1-70b", kv_cache_dtype=Dtype.FP8)
    assert _memory(fp8).kv_cache[0] == _memory(deployed).kv_cache[0] / 2


def test_windowed_layers_cache_only_their_window():
    """gpt-oss: 18 layers cache everything, 18 the last 128 tokens; 2 x 8 x 64 elements each."""
    memory = _memory(catalogued("gpt-oss-120b"))
    assert memory.kv_cache[0] == 64 * 18 * (2048 + 128) * 2 * 8 * 64 * 2


def test_sparse_attention_adds_an_index_key_to_each_cached_token():
    """576 bf16 elements and 132 bytes of index key x 61 layers, on every tensor rank."""
    deployed = catalogued("deepseek-v3.2", "h200-sxm")
    whole = 64 * 2048 * 61 * (576 * 2 + 132)
    assert _memory(deployed).kv_cache[0] == whole
    assert _memory(deployed, tp=8, ep=8).kv_cache[0] == whole


def test_an_index_key_stays_fp8_whatever_the_cache():
    """So does the rotary part of the latent stay bf16: 512 + 4 scales of 4 bytes + 64 x 2."""
    fp8 = catalogued("deepseek-v3.2", "h200-sxm", kv_cache_dtype=Dtype.FP8)
    assert _memory(fp8).kv_cache[0] == 64 * 2048 * 61 * (656 + 132)


def test_linear_layers_hold_a_state_per_request_instead_of_a_cache():
    """Qwen3.5: 15 full layers of 2 x 2 x 256 elements; 45 states of 64 x 128 x 128 in float32."""
    state = 45 * (64 * 128 * 128 * 4 + 12_288 * 3 * 2)
    for length in (1024, 100_000):
        deployed = catalogued("qwen3.5-397b-a17b", "h200-sxm", input_seq_length=length)
        cache = (length + 1024) * 15 * 2 * 2 * 256 * 2
        assert _memory(deployed).kv_cache[0] == 64 * (cache + state)


def test_states_are_divided_by_tensor_parallel_and_dealt_to_sequence_ranks():
    deployed = catalogued("qwen3.5-397b-a17b", "h200-sxm")
    state = 64 * 45 * (64 * 128 * 128 * 4 + 12_288 * 3 * 2)
    cache = 64 * 2048 * 15 * 2 * 2 * 256 * 2
    # Two key-value heads are replicated over eight ranks.
    assert _memory(deployed, tp=8, ep=8).kv_cache[0] == state / 8 + cache / 2
    assert _memory(deployed, sp=8, ep=8).kv_cache[0] == state / 8 + cache / 8


@pytest.mark.parametrize("name", ["glm-5", "qwen3.5-397b-a17b", "kimi-k2.5", "minimax-m2.5"])
def test_weights_of_new_kinds_are_their_parameters(name):
    deployed = catalogued(name, "h200-sxm", weight_dtype=Dtype.INT8)
    spec = deployed.model
    unquantised = 2 * spec.vocab_size * spec.hidden_size
    unquantised += spec.num_moe_layers * router_weights(spec)
    unquantised += spec.num_hidden_layers * norm_weights(spec)
    unquantised += sum(encoder_weights(encoder) for encoder in spec.encoders)
    expected = parameter_count(spec) + unquantised
    assert _memory(deployed).weights[0] == pytest.approx(expected, rel=1e-6)


def test_routed_experts_are_divided_by_ep_and_moe_tp_once_each():
    deployed = catalogued("deepseek-v3", "h200-sxm", "pod-64", weight_dtype=Dtype.INT8)
    experts = 58 * 256 * 3 * 7168 * 2048
    for ep, moe_tp in ((64, 1), (8, 8)):
        spread = _memory(deployed, dp=64, ep=ep, moe_tp=moe_tp).weights[0]
        rest = _memory(deployed, dp=1).weights[0] - experts
        assert spread == pytest.approx(rest + experts / 64)


def test_parts_add_up():
    memory = _memory(catalogued("deepseek-v3", "h200-sxm"), tp=8, ep=8)
    parts = memory.weights + memory.kv_cache + memory.activations + memory.runtime
    assert memory.total == pytest.approx(parts)


def test_a_tied_head_on_another_stage_is_a_copy_of_the_embedding():
    deployed = catalogued("llama-3.2-1b")
    table = 128256 * 2048 * 2
    layers = _memory(deployed).weights[0] - table
    assert _memory(deployed, pp=2).weights[0] == pytest.approx(layers / 2 + table)


def test_the_fullest_stage_is_the_one_whose_cache_is_full_first():
    """DeepSeek-V3 on two stages: 31 layers with 3 dense ones, or 30 with the head."""
    deployed = catalogued("deepseek-v3", "h200-sxm", "pod-64")
    memory = _memory(deployed, pp=2, tp=8, ep=8)
    assert memory.stage.tolist() == [2]
    assert memory.kv_cache[0] == 64 * 2048 * 30 * 1152
    # On three, the middle one has 21 mixtures and no table.
    memory = _memory(deployed, pp=3, tp=8, ep=8)
    assert memory.stage.tolist() == [1]
    assert memory.kv_cache[0] == 64 * 2048 * 21 * 1152


@pytest.mark.parametrize("engine", ["vllm", "sglang", "trtllm"])
def test_a_stage_that_is_full_first_is_so_at_every_load(engine):
    for batch in (1, 64, 100_000):
        deployed = catalogued("deepseek-v3", "h200-sxm", "pod-64", engine=engine, batch_size=batch)
        assert _memory(deployed, pp=3, tp=8, ep=8).stage.tolist() == [1]


def test_memory_of_a_table_is_that_of_its_rows():
    deployed = catalogued("deepseek-v3", "h200-sxm", "pod-64")
    plans = enumerate_plans(deployed, 64)
    table = resident_memory(deployed, plans)
    for row in range(0, len(plans), 17):
        alone = resident_memory(deployed, plans[slice(row, row + 1)])
        for name in ("stage", "total", "usable", "kv_cache", "weights"):
            assert getattr(alone, name)[0] == getattr(table, name)[row]
