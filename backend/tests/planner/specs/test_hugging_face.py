"""The config.json of recent architectures, as published, gives the catalogued model."""

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.model import ModelSpec

CATALOGUE = builtin_catalogue()

QWEN35_TOWER = {
    "deepstack_visual_indexes": [],
    "depth": 27,
    "hidden_size": 1152,
    "in_channels": 3,
    "intermediate_size": 4304,
    "model_type": "qwen3_5_moe",
    "num_heads": 16,
    "num_position_embeddings": 2304,
    "patch_size": 16,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
}

LATENT_MOE = {
    "first_k_dense_replace": 3,
    "kv_lora_rank": 512,
    "moe_intermediate_size": 2048,
    "moe_layer_freq": 1,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "num_nextn_predict_layers": 1,
    "qk_rope_head_dim": 64,
    "tie_word_embeddings": False,
}
DEEPSEEK_V32 = LATENT_MOE | {
    "architectures": ["DeepseekV32ForCausalLM"],
    "model_type": "deepseek_v32",
    "hidden_size": 7168,
    "index_head_dim": 128,
    "index_n_heads": 64,
    "index_topk": 2048,
    "intermediate_size": 18432,
    "max_position_embeddings": 163840,
    "num_attention_heads": 128,
    "num_hidden_layers": 61,
    "num_key_value_heads": 128,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "v_head_dim": 128,
    "vocab_size": 129280,
}
GLM_5 = LATENT_MOE | {
    "architectures": ["GlmMoeDsaForCausalLM"],
    "model_type": "glm_moe_dsa",
    "head_dim": 64,
    "hidden_size": 6144,
    "index_head_dim": 128,
    "index_n_heads": 32,
    "index_topk": 2048,
    "indexer_rope_interleave": True,
    "intermediate_size": 12288,
    "max_position_embeddings": 202752,
    "mlp_layer_types": ["dense"] * 3 + ["sparse"] * 75,
    "num_attention_heads": 64,
    "num_hidden_layers": 78,
    "num_key_value_heads": 64,
    "q_lora_rank": 2048,
    "qk_nope_head_dim": 192,
    "v_head_dim": 256,
    "vocab_size": 154880,
}
KIMI_K25 = {
    "architectures": ["KimiK25ForConditionalGeneration"],
    "model_type": "kimi_k25",
    "text_config": LATENT_MOE
    | {
        "_name_or_path": "",
        "architectures": ["DeepseekV3ForCausalLM"],
        "model_type": "kimi_k2",
        "first_k_dense_replace": 1,
        "hidden_size": 7168,
        "intermediate_size": 18432,
        "max_position_embeddings": 262144,
        "n_routed_experts": 384,
        "num_attention_heads": 64,
        "num_hidden_layers": 61,
        "num_nextn_predict_layers": 0,
        "num_key_value_heads": 64,
        "q_lora_rank": 1536,
        "qk_nope_head_dim": 128,
        "quantization_config": {
            "quant_method": "compressed-tensors",
            "format": "pack-quantized",
            "config_groups": {
                "group_0": {"weights": {"num_bits": 4, "type": "int", "group_size": 32}}
            },
            "ignore": [
                "lm_head",
                "re:.*self_attn.*",
                "re:.*shared_experts.*",
                "re:.*mlp\\.(gate|up|gate_up|down)_proj.*",
            ],
        },
        "v_head_dim": 128,
        "vocab_size": 163840,
    },
    "vision_config": {"vt_hidden_size": 1152, "vt_num_hidden_layers": 27},
}
MINIMAX_M25 = {
    "architectures": ["MiniMaxM2ForCausalLM"],
    "model_type": "minimax_m2",
    "head_dim": 128,
    "hidden_size": 3072,
    "intermediate_size": 1536,
    "max_position_embeddings": 196608,
    "num_attention_heads": 48,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 62,
    "num_key_value_heads": 8,
    "num_local_experts": 256,
    "qk_norm_type": "per_layer",
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "shared_intermediate_size": 0,
    "sliding_window": None,
    "tie_word_embeddings": False,
    "vocab_size": 200064,
}
QWEN35 = {
    "architectures": ["Qwen3_5MoeForConditionalGeneration"],
    "model_type": "qwen3_5_moe",
    "text_config": {
        "model_type": "qwen3_5_moe_text",
        "attention_bias": False,
        "attn_output_gate": True,
        "full_attention_interval": 4,
        "head_dim": 256,
        "hidden_size": 4096,
        "layer_types": (["linear_attention"] * 3 + ["full_attention"]) * 15,
        "linear_conv_kernel_dim": 4,
        "linear_key_head_dim": 128,
        "linear_num_key_heads": 16,
        "linear_num_value_heads": 64,
        "linear_value_head_dim": 128,
        "max_position_embeddings": 262144,
        "mlp_only_layers": [],
        "moe_intermediate_size": 1024,
        "mtp_num_hidden_layers": 1,
        "num_attention_heads": 32,
        "num_experts": 512,
        "num_experts_per_tok": 10,
        "num_hidden_layers": 60,
        "num_key_value_heads": 2,
        "shared_expert_intermediate_size": 1024,
        "vocab_size": 248320,
    },
    "tie_word_embeddings": False,
    "vision_config": QWEN35_TOWER | {"out_hidden_size": 4096},
}
QWEN3_NEXT = {
    "model_type": "qwen3_next",
    "decoder_sparse_step": 1,
    "full_attention_interval": 4,
    "head_dim": 256,
    "hidden_size": 2048,
    "intermediate_size": 5120,
    "linear_conv_kernel_dim": 4,
    "linear_key_head_dim": 128,
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 32,
    "linear_value_head_dim": 128,
    "mlp_only_layers": [],
    "moe_intermediate_size": 512,
    "num_attention_heads": 16,
    "num_experts": 512,
    "num_experts_per_tok": 10,
    "num_hidden_layers": 48,
    "num_key_value_heads": 2,
    "shared_expert_intermediate_size": 512,
    "max_position_embeddings": 262144,
    "vocab_size": 151936,
}


QWEN35_35B = {
    "model_type": "qwen3_5_moe",
    "text_config": {
        "model_type": "qwen3_5_moe_text",
        "attn_output_gate": True,
        "full_attention_interval": 4,
        "head_dim": 256,
        "hidden_size": 2048,
        "mtp_num_hidden_layers": 1,
        "layer_types": (["linear_attention"] * 3 + ["full_attention"]) * 10,
        "linear_conv_kernel_dim": 4,
        "linear_key_head_dim": 128,
        "linear_num_key_heads": 16,
        "linear_num_value_heads": 32,
        "linear_value_head_dim": 128,
        "max_position_embeddings": 262144,
        "mlp_only_layers": [],
        "moe_intermediate_size": 512,
        "num_attention_heads": 16,
        "num_experts": 256,
        "num_experts_per_tok": 8,
        "num_hidden_layers": 40,
        "num_key_value_heads": 2,
        "shared_expert_intermediate_size": 512,
        "vocab_size": 248320,
        "mamba_ssm_dtype": "float32",
    },
    "tie_word_embeddings": False,
    "vision_config": QWEN35_TOWER | {"out_hidden_size": 2048},
}
"""Facts of its config.json, as stored by alibaba/InferSim."""

KIMI_K2 = {
    "model_type": "kimi_k2",
    "num_hidden_layers": 61,
    "hidden_size": 7168,
    "num_attention_heads": 64,
    "num_key_value_heads": 64,
    "intermediate_size": 18432,
    "vocab_size": 163840,
    "max_position_embeddings": 131072,
    "n_routed_experts": 384,
    "n_shared_experts": 1,
    "num_experts_per_tok": 8,
    "moe_intermediate_size": 2048,
    "moe_layer_freq": 1,
    "first_k_dense_replace": 1,
    "kv_lora_rank": 512,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "tie_word_embeddings": False,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
}
"""Facts of its config.json, as stored by ai-dynamo/aiconfigurator; the format is its card's."""


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (DEEPSEEK_V32, "deepseek-v3.2"),
        (GLM_5, "glm-5"),
        (KIMI_K25, "kimi-k2.5"),
        (MINIMAX_M25, "minimax-m2.5"),
        (QWEN35, "qwen3.5-397b-a17b"),
        (QWEN3_NEXT, "qwen3-next-80b-a3b"),
        (QWEN35_35B, "qwen3.5-35b-a3b"),
        (KIMI_K2, "kimi-k2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_published_config_gives_the_catalogued_model(config, name):
    # Latent attention has no use for head_dim, and configs disagree about it.
    apart = {"name", "head_dim", "notes"}
    catalogued = CATALOGUE.models[name].spec.model_dump(exclude=apart)
    assert model_from_config(config).model_dump(exclude=apart) == catalogued


def test_qwen3_next_has_three_linear_layers_before_each_full_one():
    model = model_from_config(QWEN3_NEXT)
    assert model.num_linear_attention_layers == 36
    assert (model.attn_output_gate, model.shared_expert_width) == (True, 512)


def test_experts_alone_are_quantised_where_attention_is_ignored():
    model = model_from_config(KIMI_K25)
    assert (model.weight_dtype, model.expert_weight_dtype) == (Dtype.BF16, Dtype.INT4)


def test_one_compressed_format_may_hold_all_weights():
    quantized = {
        "quant_method": "compressed-tensors",
        "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}},
        "ignore": ["lm_head"],
    }
    model = model_from_config(MINIMAX_M25 | {"quantization_config": quantized})
    assert (model.weight_dtype, model.expert_weight_dtype) == (Dtype.FP8, None)


@pytest.mark.parametrize(
    ("quantization", "dtype", "group"),
    [
        ({"quant_method": "fp8"}, Dtype.FP8, None),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, Dtype.FP8_BLOCK, None),
        ({"quant_method": "awq", "bits": 4, "group_size": 64}, Dtype.INT4, 64),
        ({"quant_method": "gptq", "bits": 4, "group_size": -1}, Dtype.INT4, None),
    ],
)
def test_scales_are_as_fine_as_the_config_says(quantization, dtype, group):
    model = model_from_config(MINIMAX_M25 | {"quantization_config": quantization})
    assert (model.weight_dtype, model.weight_group_size) == (dtype, group)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        (DEEPSEEK_V32 | {"index_topk": None}, "model.index_topk"),
        (GLM_5 | {"index_topk_freq": 0}, "model.index_topk_freq"),
        (GLM_5 | {"indexer_types": ["full", "shared"]}, "model.indexer_types"),
        (GLM_5 | {"indexer_types": ["full", "shared"] * 39}, "model.indexer_types"),
        (QWEN3_NEXT | {"layer_types": ["linear_attention"]}, "model.layer_types"),
        (QWEN3_NEXT | {"full_attention_interval": 0}, "model.full_attention_interval"),
        (QWEN3_NEXT | {"layer_types": 3}, "model.layer_types"),
        (QWEN3_NEXT | {"quantization_config": True}, "model.quantization_config"),
        (QWEN3_NEXT | {"num_hidden_layers": "48"}, "model.num_hidden_layers"),
        (QWEN3_NEXT | {"mamba_ssm_dtype": "int8"}, "model.mamba_ssm_dtype"),
        (
            MINIMAX_M25 | {"quantization_config": {"quant_method": "compressed-tensors"}},
            "model.quantization_config.config_groups",
        ),
    ],
)
def test_what_can_not_be_costed_names_its_field(config, field):
    with pytest.raises(InvalidInput) as caught:
        model_from_config(config)
    assert caught.value.problems[0].field == field


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"index_topk": 2048}, "index_n_heads, index_head_dim needed"),
        (
            {"index_topk": 2048, "index_n_heads": 4, "index_head_dim": 64, "kv_lora_rank": None},
            "kv_lora_rank and q_lora_rank needed",
        ),
        ({"num_linear_attention_layers": 3}, "needed beside num_linear_attention_layers"),
        ({"num_linear_attention_layers": 99}, "larger than num_hidden_layers"),
        ({"shared_expert_intermediate_size": 7}, "given both; keep one"),
    ],
)
def test_half_an_architecture_is_refused(change, message):
    fields = CATALOGUE.models["deepseek-v3"].spec.model_dump() | change
    with pytest.raises(ValueError, match=message):
        ModelSpec.model_validate(fields)
