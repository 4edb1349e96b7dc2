"""A Hugging Face ``config.json``, as it is, read as a ModelSpec."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import listed, positive
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.quantization import published_formats
from llm_simulator.planner.specs.validation import validated

_SAME_NAME = (
    "hidden_size",
    "num_hidden_layers",
    "vocab_size",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
    "moe_intermediate_size",
    "num_experts_per_tok",
    "n_shared_experts",
    "first_k_dense_replace",
    "kv_lora_rank",
    "q_lora_rank",
    "qk_nope_head_dim",
    "qk_rope_head_dim",
    "v_head_dim",
    "index_topk",
    "index_n_heads",
    "index_head_dim",
    "linear_num_key_heads",
    "linear_num_value_heads",
    "linear_key_head_dim",
    "linear_value_head_dim",
    "linear_conv_kernel_dim",
    "mamba_ssm_dtype",
    "shared_expert_intermediate_size",
    "tie_word_embeddings",
    "attention_bias",
    "attn_output_gate",
)
_EXPERT_COUNT_NAMES = ("num_experts", "num_local_experts", "n_routed_experts")
_FIXED_BY_ARCHITECTURE: Mapping[str, Mapping[str, Any]] = {
    "qwen2": {"attention_bias": True},
    "qwen2_moe": {"attention_bias": True},
    "qwen3": {"qk_norm": True},
    "qwen3_moe": {"qk_norm": True},
    "qwen3_vl_text": {"qk_norm": True},
    "qwen3_vl_moe_text": {"qk_norm": True},
    "minimax_m2": {"qk_norm": True},
    "gemma3_text": {"qk_norm": True},
    "qwen3_next": {"qk_norm": True, "attn_output_gate": True},
    "qwen3_5_text": {"qk_norm": True, "attn_output_gate": True},
    "qwen3_5_moe_text": {"qk_norm": True, "attn_output_gate": True},
}
"""What a config leaves out because the architecture's code fixes it (transformers library)."""

_LEFT_OUT: Mapping[str, Mapping[str, Any]] = {
    # Published Gemma 3 configs state only what differs from these.
    "gemma3_text": {
        "vocab_size": 262208,
        "hidden_size": 2304,
        "intermediate_size": 9216,
        "num_hidden_layers": 26,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "sliding_window": 4096,
        "sliding_window_pattern": 6,
        "max_position_embeddings": 131072,
        "tie_word_embeddings": True,
    },
}
"""Defaults of the architecture's configuration class (transformers library)."""

_SUPPORTED = (
    "llama",
    "llama4_text",
    "mistral",
    "ministral3",
    "mixtral",
    "gemma3_text",
    "qwen2",
    "qwen2_moe",
    "qwen3",
    "qwen3_moe",
    "qwen3_vl_text",
    "qwen3_vl_moe_text",
    "qwen3_next",
    "qwen3_5_text",
    "qwen3_5_moe_text",
    "deepseek_v2",
    "deepseek_v3",
    "deepseek_v32",
    "glm4_moe",
    "glm_moe_dsa",
    "kimi_k2",
    "kimi_k25",
    "minimax_m2",
    "gpt_oss",
)
_SPARSE_ATTENTION = ("deepseek_v32", "glm_moe_dsa")
_LINEAR_ATTENTION = ("qwen3_next", "qwen3_5_text", "qwen3_5_moe_text")
# These call the width of an expert intermediate_size, or leave an unused one in; no dense layer.
_EVERY_LAYER_IS_A_MIXTURE = (
    "mixtral",
    "gpt_oss",
    "minimax_m2",
    "qwen2_moe",
    "qwen3_moe",
    "qwen3_vl_moe_text",
    "qwen3_next",
    "qwen3_5_moe_text",
)


def is_hugging_face_config(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` looks like a config.json rather than our own fields."""
    return "model_type" in data or "architectures" in data


def model_from_config(config: Mapping[str, Any], field: str = "model") -> ModelSpec:
    """The ModelSpec of a ``config.json``; raises InvalidInput for an architecture we can't cost."""
    config = _text_part(config)
    kind = str(config.get("model_type", ""))
    if kind not in _SUPPORTED:
        raise InvalidInput.at(
            f"{field}.model_type",
            f"'{kind}' is not an architecture Tier6 can cost yet; supported: "
            f"{', '.join(_SUPPORTED)}. Give Tier6's own fields instead.",
        )
    config = dict(_LEFT_OUT.get(kind, {})) | {k: v for k, v in config.items() if v is not None}
    read: dict[str, Any] = dict(_FIXED_BY_ARCHITECTURE.get(kind, {}))
    read |= {name: config[name] for name in _SAME_NAME if config.get(name) is not None}
    _refuse_what_is_not_costed(config, kind, field)
    read |= _heads(config, field) | _experts(config, kind)
    read |= _llama4(config, field) if kind == "llama4_text" else _windows(config, field)
    read |= _linear_layers(config, kind, field) | published_formats(config, field)
    if config.get("use_qk_norm"):
        read["qk_norm"] = True
    read["name"] = str(config.get("name") or config.get("_name_or_path") or kind)
    return validated(ModelSpec, read, field)


def _text_part(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The language model of a multimodal config; what only the whole states stays."""
    text = config.get("text_config")
    if not isinstance(text, Mapping):
        return config
    whole = {name: value for name, value in config.items() if name != "text_config"}
    return whole | {name: value for name, value in text.items() if value not in (None, "")}


def _refuse_what_is_not_costed(config: Mapping[str, Any], kind: str, field: str) -> None:
    for name, plain in (("mlp_only_layers", []), ("decoder_sparse_step", 1), ("moe_layer_freq", 1)):
        if config.get(name, plain) not in (plain, None):
            raise InvalidInput.at(
                f"{field}.{name}",
                f"mixture layers at a spacing are not costed yet (only {name} = {plain}); "
                "give Tier6's own fields with first_k_dense_replace instead",
            )
    if kind not in _SPARSE_ATTENTION:
        return
    if config.get("index_topk") is None:
        raise InvalidInput.at(f"{field}.index_topk", f"is missing ({kind} has sparse attention)")
    if config.get("index_topk_freq", 1) != 1 or "shared" in listed(config, "indexer_types", field):
        raise InvalidInput.at(
            f"{field}.index_topk_freq", "layers that share one indexer are not costed yet"
        )


def _heads(config: Mapping[str, Any], field: str) -> dict[str, Any]:
    heads = positive(config, "num_attention_heads", field)
    hidden = positive(config, "hidden_size", field)
    return {
        "num_key_value_heads": config.get("num_key_value_heads") or heads,
        "head_dim": config.get("head_dim") or max(hidden // heads, 1),
    }


def _experts(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    counts = [config[name] for name in _EXPERT_COUNT_NAMES if config.get(name)]
    if not counts:
        return {}
    width = config.get("moe_intermediate_size") or config.get("intermediate_size")
    read: dict[str, Any] = {"num_experts": counts[0], "moe_intermediate_size": width}
    if kind in _EVERY_LAYER_IS_A_MIXTURE:
        read |= {"intermediate_size": 0}
    if config.get("experts_per_token") and not config.get("num_experts_per_tok"):
        read |= {"num_experts_per_tok": config["experts_per_token"]}
    return read


def _windows(config: Mapping[str, Any], field: str) -> dict[str, Any]:
    window = config.get("sliding_window")
    kinds = listed(config, "layer_types", field)
    if not window or config.get("use_sliding_window") is False:
        return {}
    layers = positive(config, "num_hidden_layers", field)
    if kinds:
        sliding = sum(kind == "sliding_attention" for kind in kinds)
    elif config.get("sliding_window_pattern"):
        sliding = layers - layers // positive(config, "sliding_window_pattern", field)
    else:
        sliding = layers
    return {"sliding_window": window, "num_sliding_window_layers": sliding}


def _llama4(config: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Its own names for dense layers, the shared expert, mixture spacing and local attention.

    Chunked attention reads as a window as wide as a chunk: the same up to one chunk, beyond it
    twice what a token in the middle of a chunk attends to.
    """
    layers = positive(config, "num_hidden_layers", field)
    step = positive(
        {"interleave_moe_layer_step": 1} | dict(config), "interleave_moe_layer_step", field
    )
    mixtures = listed(config, "moe_layers", field)
    if mixtures and mixtures != list(range(step - 1, layers, step)):
        raise InvalidInput.at(f"{field}.moe_layers", f"is not every layer at a spacing of {step}")
    # 1 marks a layer with rotary embedding, which attends within its chunk.
    with_rotary = listed(config, "no_rope_layers", field)
    local = sum(map(bool, with_rotary)) if with_rotary else layers - layers // 4
    width = positive(config, "intermediate_size", field)
    return {
        "intermediate_size": config.get("intermediate_size_mlp", 0) if step > 1 else 0,
        "shared_expert_intermediate_size": width,
        "moe_intermediate_size": width,
        "interleave_moe_layer_step": step,
        "sliding_window": config.get("attention_chunk_size"),
        "num_sliding_window_layers": local if config.get("attention_chunk_size") else 0,
    }


def _linear_layers(config: Mapping[str, Any], kind: str, field: str) -> dict[str, Any]:
    if kind not in _LINEAR_ATTENTION:
        return {}
    layers = positive(config, "num_hidden_layers", field)
    kinds = listed(config, "layer_types", field)
    if not kinds:
        # The transformers library makes every fourth layer a full one unless told otherwise.
        with_default = {"full_attention_interval": 4} | dict(config)
        interval = positive(with_default, "full_attention_interval", field)
        return {"num_linear_attention_layers": layers - layers // interval}
    if len(kinds) != layers:
        raise InvalidInput.at(
            f"{field}.layer_types", f"names {len(kinds)} layers of num_hidden_layers {layers}"
        )
    return {"num_linear_attention_layers": sum(kind == "linear_attention" for kind in kinds)}
