"""What people brought in public reports: read right, or refused in one sentence."""

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.requests.inputs import model_of
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import parameter_count
from tests.deployments import CATALOGUE
from tests.published import published

DEEPSEEK_V3_BY_OTHER_NAMES = {
    "architectures": ["DeepseekV3ForCausalLM"],
    "attention_bias": False,
    "first_k_dense_replace": 3,
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "kv_lora_rank": 512,
    "max_position_embeddings": 163840,
    "model_type": "deepseek_v3",
    "moe_intermediate_size": 2048,
    "moe_layer_freq": 1,
    "num_routed_experts": 256,
    "num_shared_experts": 1,
    "num_attention_heads": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 61,
    "num_key_value_heads": 128,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "tie_word_embeddings": False,
    "v_head_dim": 128,
    "vocab_size": 129280,
}
"""As stored by alibaba/InferSim (hf_configs/deepseek_v3_config.json)."""

QWQ_32B = {
    "model_type": "qwen2",
    "hidden_size": 5120,
    "intermediate_size": 27648,
    "max_position_embeddings": 131072,
    "max_window_layers": 64,
    "num_attention_heads": 40,
    "num_hidden_layers": 64,
    "num_key_value_heads": 8,
    "sliding_window": 40960,
    "use_sliding_window": True,
    "tie_word_embeddings": False,
    "vocab_size": 152064,
}
"""As quoted in vllm-project/vllm#17306."""

LLAVA_15 = {
    "architectures": ["LlavaForConditionalGeneration"],
    "model_type": "llava",
    "text_config": {
        "_name_or_path": "lmsys/vicuna-7b-v1.5",
        "architectures": ["LlamaForCausalLM"],
        "max_position_embeddings": 4096,
        "model_type": "llama",
        "vocab_size": 32064,
    },
    "vision_config": {
        "hidden_size": 1024,
        "image_size": 336,
        "intermediate_size": 4096,
        "model_type": "clip_vision_model",
        "num_attention_heads": 16,
        "num_hidden_layers": 24,
        "patch_size": 14,
    },
    "vocab_size": 32064,
}
VOXTRAL = {
    "model_type": "voxtral",
    "audio_config": {
        "hidden_size": 1280,
        "intermediate_size": 5120,
        "num_hidden_layers": 32,
        "model_type": "voxtral_encoder",
    },
    "text_config": {
        "model_type": "llama",
        "head_dim": 128,
        "hidden_size": 3072,
        "intermediate_size": 8192,
        "num_attention_heads": 32,
        "num_hidden_layers": 30,
        "num_key_value_heads": 8,
        "vocab_size": 131072,
    },
}
"""Voxtral-Mini-3B-2507."""
GPT_OSS_20B = {
    "model_type": "gpt_oss",
    "attention_bias": True,
    "head_dim": 64,
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "num_attention_heads": 64,
    "num_experts_per_tok": 4,
    "num_hidden_layers": 24,
    "num_key_value_heads": 8,
    "num_local_experts": 32,
    "sliding_window": 128,
    "vocab_size": 201088,
}
LLAMA_8B = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "tie_word_embeddings": False,
    "vocab_size": 128256,
}
MISTRAL_PARAMS = {
    "dim": 5120,
    "n_layers": 40,
    "head_dim": 128,
    "hidden_dim": 14336,
    "n_heads": 32,
    "n_kv_heads": 8,
    "norm_eps": 1e-05,
    "vocab_size": 131072,
    "rope_theta": 1000000.0,
}
"""Mistral-Nemo's release file."""


def billions(config):
    return parameter_count(model_from_config(config)) / 1e9


def test_deepseek_v3_by_other_names_is_the_same_model():
    assert billions(DEEPSEEK_V3_BY_OTHER_NAMES) == pytest.approx(671, rel=0.001)


@pytest.mark.parametrize(
    ("first", "sliding"),
    [(64, 0), (70, 0), (60, 4), (0, 64)],
)
def test_a_layer_of_qwen_slides_only_from_max_window_layers_on(first, sliding):
    model = model_from_config(QWQ_32B | {"max_window_layers": first})
    assert model.num_sliding_window_layers == sliding


def test_gpt_oss_alternates_where_it_does_not_list_its_layers():
    model = model_from_config(GPT_OSS_20B)
    assert (model.num_sliding_window_layers, model.sliding_window) == (12, 128)


def test_llava_leaves_its_language_model_to_the_class():
    assert billions(LLAVA_15["text_config"]) == pytest.approx(6.74, rel=0.001)
    assert billions(LLAVA_15) == pytest.approx(7.063, rel=0.001)


def test_voxtral_leaves_keys_of_both_its_parts_to_the_class():
    assert billions(VOXTRAL) == pytest.approx(4.68, rel=0.001)


def test_a_text_part_that_is_no_published_size_says_what_it_lacks():
    text = LLAVA_15["text_config"] | {"num_hidden_layers": 33}
    with pytest.raises(InvalidInput, match=r"hidden_size: is missing.*no published one has"):
        model_from_config(LLAVA_15 | {"text_config": text})


def test_a_params_file_of_mistral_is_read():
    assert parameter_count(model_of(MISTRAL_PARAMS, CATALOGUE)) == pytest.approx(12.25e9, rel=1e-3)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        (
            {"peft_type": "LORA", "base_model_name_or_path": "meta-llama/Llama-3.1-8B", "r": 16},
            "peft_type",
            "config.json of its base model, meta-llama/Llama-3.1-8B",
        ),
        (
            LLAMA_8B | {"architectures": ["LlamaForCausalLMEagle3"], "draft_vocab_size": 32000},
            "draft_vocab_size",
            "give its target",
        ),
        (LLAMA_8B | {"architectures": ["MedusaModel"]}, "architectures", "give its target"),
        ({"architectures": ["LlamaForCausalLM"]}, "model_type", "names the architecture"),
        (
            {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8"}},
            "quantization",
            "config.json beside it",
        ),
        ({"model_type": "bert", "hidden_size": 768}, "model_type", "generates no tokens"),
        ({"model_type": "whisper", "is_encoder_decoder": True}, "model_type", "speech"),
        ({"model_type": "t5", "is_encoder_decoder": True}, "model_type", "decoder-only"),
        ({"metadata": {}, "weight_map": {}}, "weight_map", "config.json beside it"),
        (MISTRAL_PARAMS | {"moe": {"num_experts": 8}}, "moe", "config.json of the same model"),
        ({"dim": 4096, "n_layers": 32, "multiple_of": 1024}, "hidden_dim", "config.json of the"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_servable_model_is_refused_in_one_sentence(given, field, sentence):
    with pytest.raises(InvalidInput) as refused:
        model_of(given, CATALOGUE)
    (problem,) = refused.value.problems
    assert problem.field == f"model.{field}"
    assert sentence in problem.message


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"num_routed_experts": None}, "num_experts"),
        ({"n_routed_experts": 128}, "n_routed_experts"),
        ({"kv_lora_rank": None}, "kv_lora_rank"),
        ({"moe_intermediate_size": None}, "moe_intermediate_size"),
        ({"num_shared_experts": 0}, "n_shared_experts"),
        ({"q_lora_rank": None}, "q_lora_rank"),
    ],
)
def test_a_mixture_without_its_experts_names_what_is_missing(change, field):
    with pytest.raises(InvalidInput) as refused:
        model_from_config(DEEPSEEK_V3_BY_OTHER_NAMES | change)
    assert refused.value.problems[0].field == f"model.{field}"


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("Qwen3-30B-A3B", {"num_hidden_layers": 10**9}, "num_hidden_layers: must be at most 10000"),
        ("granite-4.0-h-small", {"mamba_expand": {"a": 1}}, "mamba_expand: must be a positive"),
    ],
)
def test_no_figure_of_a_config_takes_the_memory_or_ends_in_a_trace(name, change, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        model_from_config(published(name) | change)


def test_a_tower_of_impossible_size_is_refused():
    config = published("Qwen3-VL-2B-Instruct")
    config["vision_config"] = config["vision_config"] | {"out_hidden_size": 10**9}
    with pytest.raises(InvalidInput, match=r"model\.vision_config"):
        model_from_config(config)


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("Qwen3-30B-A3B", {"first_k_dense_replace": 3}, "is not read of a 'qwen3_moe' model, and"),
        ("Qwen3-8B", {"num_latent_experts": 8}, "may change its size; take it out if it doesn't"),
        ("Qwen3-8B", {"adapter_config": {"rank": 8}}, "or give Tier6's own fields"),
        ("Llama-3.2-1B", {"head_dims": 64, "head_dim": None}, r"\(is head_dim meant\?\)"),
        ("GLM-4.1V-9B-Thinking", {"hidden_size": 1}, "is 1, but 4096 in the language model's part"),
    ],
)
def test_a_key_that_nobody_reads_and_that_looks_like_a_size_is_refused(name, given, sentence):
    config = {**published(name), **given}
    with pytest.raises(InvalidInput, match=sentence):
        model_from_config(config)


@pytest.mark.parametrize("given", [None, False, 0, "", [], {}])
def test_a_key_that_nobody_reads_and_that_says_nothing_is_let_pass(given):
    config = published("Qwen3-8B")
    assert model_from_config({**config, "num_latent_experts": given}) == model_from_config(config)


@pytest.mark.parametrize(
    ("name", "groups", "kept"),
    [
        ("Kimi-Linear-48B-A3B", "num_expert_group", "topk_group"),
        ("Trinity-Mini", "num_expert_groups", "num_limited_groups"),
        ("DeepSeek-V3", "n_group", "topk_group"),
    ],
)
def test_groups_of_experts_are_read_under_each_of_their_names(name, groups, kept):
    config = {k: v for k, v in published(name).items() if k not in ("n_group", "topk_group")}
    stated = config | {groups: 8, kept: 2}
    model = model_from_config(stated)
    assert (model.n_group, model.topk_group) == (8, 2)
    with pytest.raises(InvalidInput, match="n_group 7 must divide num_experts"):
        model_from_config(stated | {groups: 7})


def test_a_key_that_nobody_reads_and_that_looks_like_no_size_is_named():
    config = published("Qwen3-8B")
    notes = model_from_config({**config, "favourite_colour": "blue", "hidden_act": "silu"}).notes
    assert [note.values["keys"] for note in notes if note.code == "unread_keys"] == [
        "favourite_colour"
    ]


@pytest.mark.parametrize("method", ["fp8", "gptq", "awq", "fbgemm_fp8", "w8a8_int8", "nvfp4"])
def test_a_list_of_what_stays_as_it_is_counts_under_any_of_its_names(method):
    config = published("Qwen3-8B")
    bits = {"bits": 4, "group_size": 128} if method in ("gptq", "awq") else {}
    stated = {"quant_method": method, **bits}
    lists = ("modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules", "exclude")
    for name in lists:
        given = stated | {name: ["re:.*self_attn.*"]}
        model = model_from_config({**config, "quantization_config": given})
        assert model.published_format(Module.ATTENTION).dtype is Dtype.BF16, name
        assert model.published_format(Module.DENSE_MLP).dtype is not Dtype.BF16, name
    with pytest.raises(InvalidInput, match="skipped_layers: is not read; known: modules_to_not"):
        model_from_config({**config, "quantization_config": stated | {"skipped_layers": ["x"]}})
