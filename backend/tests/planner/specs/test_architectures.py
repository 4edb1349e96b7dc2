"""Published configs of models outside the catalogue give the published parameter counts."""

import json
from pathlib import Path

import numpy as np
import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.operators.cache import (
    cache_width,
    cached_bytes,
    state_bytes,
    window_bytes,
    window_cache_share,
)
from llm_simulator.planner.operators.layers import STAGES, pipeline
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.parameters import (
    active_parameter_count,
    attention_weights,
    indexer_weights,
    parameter_count,
)
from tests.deployments import catalogued, decode_context, plan, served
from tests.planner.operators.totals import total_flops

PUBLISHED_CONFIGS = Path(__file__).parent / "published"
LLAMA_4 = {
    "model_type": "llama4_text",
    "attention_bias": False,
    "attention_chunk_size": 8192,
    "head_dim": 128,
    "hidden_size": 5120,
    "intermediate_size": 8192,
    "intermediate_size_mlp": 16384,
    "num_attention_heads": 40,
    "num_experts_per_tok": 1,
    "num_hidden_layers": 48,
    "num_key_value_heads": 8,
    "no_rope_layers": [1, 1, 1, 0] * 12,
    "use_qk_norm": True,
    "vocab_size": 202048,
}
SCOUT = {
    "model_type": "llama4",
    "text_config": LLAMA_4 | {"num_local_experts": 16, "interleave_moe_layer_step": 1},
}
MAVERICK = {
    "model_type": "llama4",
    "text_config": LLAMA_4
    | {
        "num_local_experts": 128,
        "interleave_moe_layer_step": 2,
        "moe_layers": list(range(1, 48, 2)),
        "use_qk_norm": False,
    },
}
GEMMA_3_27B = {
    "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text",
        "head_dim": 128,
        "hidden_size": 5376,
        "intermediate_size": 21504,
        "num_attention_heads": 32,
        "num_hidden_layers": 62,
        "num_key_value_heads": 16,
        "sliding_window": 1024,
    },
    "vision_config": {"hidden_size": 1152, "model_type": "siglip_vision_model"},
}
GEMMA_3_4B = {
    "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text",
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "num_hidden_layers": 34,
        "sliding_window": 1024,
    },
}
MISTRAL_SMALL = {
    "model_type": "mistral3",
    "text_config": {
        "model_type": "mistral",
        "head_dim": 128,
        "hidden_size": 5120,
        "intermediate_size": 32768,
        "num_attention_heads": 32,
        "num_hidden_layers": 40,
        "num_key_value_heads": 8,
        "sliding_window": None,
        "vocab_size": 131072,
    },
}
MISTRAL_7B = {
    "model_type": "mistral",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "sliding_window": 4096,
    "vocab_size": 32000,
}
GPT_OSS_20B = {
    "model_type": "gpt_oss",
    "attention_bias": True,
    "experts_per_token": 4,
    "head_dim": 64,
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "layer_types": ["sliding_attention", "full_attention"] * 12,
    "num_attention_heads": 64,
    "num_experts_per_tok": 4,
    "num_hidden_layers": 24,
    "num_key_value_heads": 8,
    "num_local_experts": 32,
    "quantization_config": {"quant_method": "mxfp4"},
    "sliding_window": 128,
    "vocab_size": 201088,
}
GLM_45 = {
    "model_type": "glm4_moe",
    "attention_bias": True,
    "first_k_dense_replace": 3,
    "head_dim": 128,
    "hidden_size": 5120,
    "intermediate_size": 12288,
    "moe_intermediate_size": 1536,
    "n_routed_experts": 160,
    "n_shared_experts": 1,
    "num_attention_heads": 96,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 92,
    "num_key_value_heads": 8,
    "use_qk_norm": True,
    "vocab_size": 151552,
}
KIMI_K2 = {
    "model_type": "kimi_k2",
    "first_k_dense_replace": 1,
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "kv_lora_rank": 512,
    "moe_intermediate_size": 2048,
    "n_routed_experts": 384,
    "n_shared_experts": 1,
    "num_attention_heads": 64,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 61,
    "num_key_value_heads": 64,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "v_head_dim": 128,
    "vocab_size": 163840,
}
PUBLISHED = [
    # Billions of parameters, total and active, from the model cards.
    (SCOUT, 109, 17),
    (MAVERICK, 400, 17),
    (GEMMA_3_27B, 27.4, 27.0),
    (GEMMA_3_4B, 4.3, 3.9),
    (MISTRAL_SMALL, 23.6, 23.6),
    (MISTRAL_7B, 7.24, 7.24),
    (GPT_OSS_20B, 20.9, 3.6),
    (GLM_45, 355, 32),
    (KIMI_K2, 1000, 32),
]


def published(name):
    """The model of a config stored in ``published/``."""
    config = json.loads((PUBLISHED_CONFIGS / f"{name}.json").read_text())["config"]
    return model_from_config(config)


@pytest.mark.parametrize(("config", "total", "active"), PUBLISHED)
def test_the_parameter_count_is_the_published_one(config, total, active):
    model = model_from_config(config)
    assert parameter_count(model) == pytest.approx(total * 1e9, rel=0.04)
    # Model cards round the active ones, and some leave the embedding out.
    assert active_parameter_count(model) == pytest.approx(active * 1e9, rel=0.18)


@pytest.mark.parametrize("config", [config for config, _, _ in PUBLISHED])
def test_every_architecture_serves(config):
    model = model_from_config(config)
    deployed = catalogued("llama-3.1-8b", "h200-sxm", model_changes=dict(model))
    steady = served(deployed, tp=8, ep=8 if model.num_experts else 1)
    assert 0 < steady.tpot[0] < steady.ttft[0]


def test_llama_4_attends_locally_in_three_of_four_layers():
    model = model_from_config(SCOUT)
    assert (model.num_sliding_window_layers, model.sliding_window) == (36, 8192)
    assert (model.qk_norm, model_from_config(MAVERICK).qk_norm) == (True, False)


def test_every_other_layer_of_maverick_is_dense_and_wider():
    model = model_from_config(MAVERICK)
    assert (model.num_moe_layers, model.num_dense_layers) == (24, 24)
    deployed = catalogued("llama-3.1-8b", model_changes=dict(model))
    context = decode_context(deployed, requests=1, context=1)
    assert total_flops(context, "mlp_down") == 24 * 2 * 5120 * 16384
    assert total_flops(context, "expert_down") == 24 * 2 * 5120 * 8192


@pytest.mark.parametrize(("pp", "mixtures"), [(1, 24), (2, 12), (48, 1), (32, 1)])
def test_stages_of_an_interleaved_model_have_their_share_of_mixtures(pp, mixtures):
    deployed = catalogued("llama-3.1-8b", model_changes=dict(model_from_config(MAVERICK)))
    layers = pipeline(deployed.model, plan(pp=pp))
    assert np.asarray(layers.moe)[:STAGES].max() == mixtures
    assert np.array_equal(layers.moe + layers.dense, layers.every)


def test_gemma_3_sees_everything_in_every_sixth_layer():
    model = model_from_config(GEMMA_3_27B)
    assert (model.num_sliding_window_layers, model.sliding_window) == (52, 1024)
    assert model.tie_word_embeddings


def test_gemma_3_leaves_out_what_its_class_defaults_to():
    model = model_from_config(GEMMA_3_4B)
    assert (model.num_attention_heads, model.num_key_value_heads, model.head_dim) == (8, 4, 256)


def test_mistral_slides_in_every_layer_where_it_has_a_window():
    assert model_from_config(MISTRAL_7B).num_sliding_window_layers == 32
    assert model_from_config(MISTRAL_SMALL).num_sliding_window_layers == 0


def test_modelopt_checkpoints_name_their_format_apart():
    quantized = {"quant_method": "modelopt", "quant_algo": "NVFP4"}
    model = model_from_config(MISTRAL_7B | {"quantization_config": quantized})
    assert model.weight_dtype == Dtype.NVFP4


def test_mixtures_without_a_spacing_are_refused():
    uneven = MAVERICK | {"text_config": MAVERICK["text_config"] | {"moe_layers": [1, 2, 5]}}
    with pytest.raises(InvalidInput, match="moe_layers"):
        model_from_config(uneven)


def test_a_feed_forward_part_without_a_gate_has_two_matrices():
    def up(gated):
        changes = {"mlp_gated": gated}
        context = decode_context(
            catalogued("llama-3.1-8b", model_changes=changes), requests=1, context=1
        )
        assert total_flops(context, "mlp_down") == 32 * 2 * 4096 * 14336
        return total_flops(context, "mlp_up"), parameter_count(context.model)

    (gated, with_gate), (plain, without) = up(gated=True), up(gated=False)
    assert gated == 2 * plain
    assert with_gate - without == 32 * 4096 * 14336


@pytest.mark.parametrize(
    ("kind", "reason"), [("zamba2", "attention blocks"), ("phi3small", "block-sparse")]
)
def test_a_known_architecture_that_is_not_costed_says_what_it_has(kind, reason):
    with pytest.raises(InvalidInput, match=reason):
        model_from_config({"model_type": kind, "hidden_size": 2048})


def test_gemma_3n_caches_what_its_first_twenty_layers_have():
    for name, layers in (("gemma-3n-E2B-it", 30), ("gemma-3n-E4B-it", 35)):
        model = published(name)
        assert model.num_hidden_layers == layers
        # Keys and values of 2 heads, 256 wide, in bf16.
        assert cached_bytes(model, 2.0) * layers == pytest.approx(20 * 2 * 2 * 256 * 2)


def test_a_short_convolution_keeps_its_last_inputs_and_no_state():
    model = published("LFM2-1.2B")
    assert (model.num_softmax_layers, model.num_linear_attention_layers) == (6, 10)
    # Two inputs of 2048 channels in bf16; six layers of 8 heads, 64 wide.
    assert state_bytes(model) == 2 * 2048 * 2
    assert cached_bytes(model, 2.0) * 6 == 6 * 2 * 8 * 64 * 2


def test_minimax_m3_caches_an_index_key_beside_keys_and_values():
    model = published("MiniMax-M3")
    # 60 layers of 4 heads, 128 wide; 57 index keys of 128 elements that stay bf16 (SGLang).
    keys_and_values, index_keys = 60 * 2 * 4 * 128, 57 * 128 * 2
    assert cached_bytes(model, 2.0) * 60 == pytest.approx(2 * keys_and_values + index_keys)
    assert cached_bytes(model, 1.0) * 60 == pytest.approx(keys_and_values + index_keys)


def test_nemotron_nas_caches_in_the_layers_that_have_attention():
    model = published("Llama-3_3-Nemotron-Super-49B-v1")
    assert (model.num_softmax_layers, model.num_fed_forward_layers) == (49, 80)
    assert cached_bytes(model, 2.0) * 49 == 49 * 2 * 8 * 128 * 2


def test_step_3_projects_queries_in_two_steps():
    model = published("step3-text")
    queries = 2048 * (7168 + 64 * 256)
    assert attention_weights(model) == queries + 7168 * (2 * 256 + 64 * 256)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"attention": {"n_heads_in_group": 4}}, "one n_heads_in_group in all layers"),
        ({"attention": {"replace_with_linear": True}}, "in place of a part is not costed"),
        ({"ffn": {"ffn_mult": 0}}, r"block_configs\[3\]\.ffn\.ffn_mult: must be a number above 0"),
    ],
)
def test_a_searched_layer_that_is_not_costed_is_named(change, sentence):
    path = PUBLISHED_CONFIGS / "Llama-3_3-Nemotron-Super-49B-v1.json"
    config = json.loads(path.read_text())["config"]
    block = config["block_configs"][3]
    ((part, values),) = change.items()
    config["block_configs"][3] = block | {part: block[part] | values}
    with pytest.raises(InvalidInput, match=sentence):
        model_from_config(config)


@pytest.mark.parametrize(
    ("name", "active"),
    [("snowflake-arctic-instruct", 17), ("XVERSE-MoE-A4.2B", 4.2), ("Beam-1.0-501B-A23B", 23)],
)
def test_a_token_visits_the_published_share_of_a_mixture(name, active):
    assert active_parameter_count(published(name)) == pytest.approx(active * 1e9, rel=0.02)


def test_arctic_has_a_part_as_wide_as_the_layer_beside_each_mixture():
    model = published("snowflake-arctic-instruct")
    assert (model.num_moe_layers, model.shared_expert_width) == (35, 7168)


def test_jais_has_a_gate_where_its_activation_has_one_and_slopes_for_positions():
    model = published("jais-13b")
    assert (model.mlp_gated, model.position_embeddings) == (True, 0)
    config = json.loads((PUBLISHED_CONFIGS / "jais-13b.json").read_text())["config"]
    other = {"activation_function": "gelu", "position_embedding_type": "learned"}
    plain = model_from_config(config | other)
    assert (plain.mlp_gated, plain.position_embeddings) == (False, 2048)


def test_plamo_3_slides_in_seven_of_eight_layers():
    model = published("plamo-3-nict-8b-base")
    assert (model.sliding_window, model.num_sliding_window_layers) == (2048, 28)


@pytest.mark.parametrize(
    ("name", "sliding"), [("Beam-1.0-501B-A23B", 43), ("granite-swash-2b", 18)]
)
def test_layers_that_a_config_does_not_list_are_the_classs(name, sliding):
    config = json.loads((PUBLISHED_CONFIGS / f"{name}.json").read_text())["config"]
    for left_out in ((), ("layer_types", "mlp_layer_types")):
        model = model_from_config({k: v for k, v in config.items() if k not in left_out})
        assert model.num_sliding_window_layers == sliding


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("openPangu-Embedded-7B", {"param_sink_number": 128}, "trained keys beside those"),
        ("persimmon-8b-base", {"num_key_value_heads": 8}, "must be 64: heads of 'persimmon'"),
        ("jais-13b", {"activation_function": "mish"}, "activation_function: must be one of"),
        ("jais-13b", {"position_embedding_type": "rotary"}, "must be alibi or learned"),
        ("plamo-3-nict-8b-base", {"sliding_window_pattern": 4}, "does not agree with"),
        ("XVERSE-65B", {"num_experts_per_tok": 6}, "'xverse' has no experts"),
        ("TeleChat2-35B", {"num_key_value_heads": None, "n_layer": 60}, "state it"),
    ],
)
def test_a_part_of_a_family_that_is_not_costed_is_named(name, change, sentence):
    config = json.loads((PUBLISHED_CONFIGS / f"{name}.json").read_text())["config"]
    with pytest.raises(InvalidInput, match=sentence):
        model_from_config(config | change)


def test_longcat_visits_real_experts_by_their_share():
    model = published("LongCat-Flash-Chat")
    assert (model.num_experts_per_tok, model.num_moe_layers, model.num_dense_layers) == (8, 28, 28)
    # 18.6 to 31.3 billion weights, 27 on average (technical report).
    assert active_parameter_count(model) == pytest.approx(27e9, rel=0.04)


def test_layers_with_a_window_have_heads_of_their_own():
    mimo, gemma = published("MiMo-V2-Flash"), published("Gemma-4-31B-IT-NVFP4")
    assert (mimo.num_sliding_window_layers, gemma.num_sliding_window_layers) == (39, 50)
    # Elements per token: 4 heads of 192 + 128 without a window, 8 with one.
    assert (cache_width(mimo), window_cache_share(mimo)) == (4 * 320, 2)
    # 4 heads of 512 twice without a window, 16 of 256 twice with one.
    assert (cache_width(gemma), window_cache_share(gemma)) == (4 * 1024, 2)
    deployed = catalogued("llama-3.1-8b", model_changes=mimo.model_dump())
    flops = total_flops(decode_context(deployed, requests=1, context=1000), "attention")
    assert flops == pytest.approx((9 * 1000 + 39 * 128) * 2 * 64 * 320, rel=0.01)


def test_gemma_4_projects_keys_and_values_at_once_without_a_window():
    model = published("Gemma-4-31B-IT-NVFP4")
    windowed = 5376 * (2 * 32 * 256 + 2 * 16 * 256)
    full = 5376 * (2 * 32 * 512 + 4 * 512)
    assert 60 * attention_weights(model) == pytest.approx(50 * windowed + 10 * full)


def test_layers_that_share_an_indexer_have_no_weights_and_no_index_keys():
    alone, shared = published("GLM-5"), published("GLM-5.2")
    assert shared.num_indexer_layers == 21
    assert indexer_weights(shared) == pytest.approx(indexer_weights(alone) * 21 / 78)
    key = 128 * (1 + 4 / 128)
    saved = cached_bytes(alone, 2.0) - cached_bytes(shared, 2.0)
    assert saved == pytest.approx(key * 57 / 78)


def test_deepseek_v4_caches_a_window_and_an_entry_of_many_tokens():
    model = published("DeepSeek-V4-Flash")
    assert (model.num_csa_layers, model.num_hca_layers) == (21, 20)
    # 584 bytes per entry in fp8, with an index key of 132 where entries are picked.
    per_token = 21 * (584 + 132) / 4 + 20 * 584 / 128
    assert 43 * cached_bytes(model, 1.0) == pytest.approx(per_token)
    assert window_bytes(model, 1.0, 8000) == 128 * 584
    # 13 billion active (technical report), embedding included here.
    assert active_parameter_count(model) == pytest.approx(13e9, rel=0.06)


def test_deepseek_v4_attends_to_a_window_and_to_compressed_context():
    deployed = catalogued(
        "llama-3.1-8b", "h200-sxm", model_changes=published("DeepSeek-V4-Flash").model_dump()
    )
    context = decode_context(deployed, requests=1, context=100_000)
    picked, compressed = 21 * 512, 20 * 100_000 / 128
    entries = 43 * 128 + picked + compressed
    assert total_flops(context, "attention") == pytest.approx(4 * entries * 64 * 512, rel=1e-3)
    steady = served(deployed, tp=8, ep=8)
    assert 0 < steady.tpot[0] < steady.ttft[0]


GEMMA_4_E4B = {
    "model_type": "gemma4_text",
    "attention_bias": False,
    "attention_k_eq_v": False,
    "enable_moe_block": False,
    "global_head_dim": 512,
    "head_dim": 256,
    "hidden_size": 2560,
    "hidden_size_per_layer_input": 256,
    "intermediate_size": 10240,
    "layer_types": (["sliding_attention"] * 5 + ["full_attention"]) * 7,
    "num_attention_heads": 8,
    "num_hidden_layers": 42,
    "num_key_value_heads": 2,
    "num_kv_shared_layers": 18,
    "sliding_window": 512,
    "use_double_wide_mlp": False,
    "vocab_size": 262144,
    "vocab_size_per_layer_input": 262144,
}
GEMMA_4_E2B = GEMMA_4_E4B | {
    "hidden_size": 1536,
    "intermediate_size": 6144,
    "layer_types": (["sliding_attention"] * 4 + ["full_attention"]) * 7,
    "num_hidden_layers": 35,
    "num_key_value_heads": 1,
    "num_kv_shared_layers": 20,
    "use_double_wide_mlp": True,
}


@pytest.mark.parametrize(("config", "effective"), [(GEMMA_4_E2B, 2.3), (GEMMA_4_E4B, 4.5)])
def test_effective_gemmas_have_a_table_of_inputs_for_each_layer(config, effective):
    model = model_from_config(config)
    table = 262144 * config["num_hidden_layers"] * 256
    # "Effective" in the model cards leaves the table out.
    assert parameter_count(model) - table == pytest.approx(effective * 1e9, rel=0.04)


def test_layers_of_gemma_4_share_the_cache_of_earlier_ones():
    model = model_from_config(GEMMA_4_E4B)
    assert 42 * cache_width(model) == pytest.approx(24 * 2 * 2 * 512)
    deployed = catalogued("llama-3.1-8b", model_changes=model.model_dump())
    context = decode_context(deployed, requests=1, context=1000)
    # All layers attend, those with a window to 512 tokens.
    read = 7 * 1000 * 512 + 35 * 512 * 256
    assert total_flops(context, "attention") == pytest.approx(4 * 8 * read, rel=0.01)
    steady = served(deployed)
    assert 0 < steady.tpot[0] < steady.ttft[0]


@pytest.mark.parametrize("name", GEMMA_4_E4B)
def test_a_wrong_key_of_gemma_4_is_no_other_size(name):
    size = parameter_count(model_from_config(GEMMA_4_E4B))
    for value in (None, 0, -1, "text"):
        try:
            model = model_from_config(GEMMA_4_E4B | {name: value})
        except InvalidInput:
            continue
        assert parameter_count(model) == size
