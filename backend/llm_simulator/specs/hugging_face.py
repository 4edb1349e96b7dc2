"""A Hugging Face ``config.json``, as it is, read as a ModelSpec."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.specs.dtypes import Dtype
from llm_simulator.specs.model import ModelSpec
from llm_simulator.specs.validation import validated

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
_QUANTIZATION = {"fp8": Dtype.FP8, "mxfp4": Dtype.MXFP4, "awq": Dtype.INT4, "gptq": Dtype.INT4}
_COMPRESSED_TENSORS = {
    "int4": Dtype.INT4,
    "int8": Dtype.INT8,
    "float8": Dtype.FP8,
    "float4": Dtype.NVFP4,
}
"""By type and bits of the weights (vllm-project/compressed-tensors)."""
_FIXED_BY_ARCHITECTURE: Mapping[str, Mapping[str, Any]] = {
    "qwen2": {"attention_bias": True},
    "qwen3": {"qk_norm": True},
    "qwen3_moe": {"qk_norm": True},
    "minimax_m2": {"qk_norm": True},
    "qwen3_next": {"qk_norm": True, "attn_output_gate": True},
    "qwen3_5_text": {"qk_norm": True, "attn_output_gate": True},
    "qwen3_5_moe_text": {"qk_norm": True, "attn_output_gate": True},
}
"""What a config leaves out because the architecture's code fixes it (transformers library)."""

_SUPPORTED = (
    "llama",
    "mistral",
    "mixtral",
    "qwen2",
    "qwen3",
    "qwen3_moe",
    "deepseek_v2",
    "deepseek_v3",
    "deepseek_v32",
    "glm_moe_dsa",
    "kimi_k2",
    "kimi_k25",
    "minimax_m2",
    "qwen3_next",
    "qwen3_5_text",
    "qwen3_5_moe_text",
    "gpt_oss",
)
_SPARSE_ATTENTION = ("deepseek_v32", "glm_moe_dsa")
_LINEAR_ATTENTION = ("qwen3_next", "qwen3_5_text", "qwen3_5_moe_text")
# These call the width of an expert intermediate_size, or leave an unused one in; no dense layer.
_EVERY_LAYER_IS_A_MIXTURE = (
    "mixtral",
    "gpt_oss",
    "minimax_m2",
    "qwen3_moe",
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
    read: dict[str, Any] = dict(_FIXED_BY_ARCHITECTURE.get(kind, {}))
    read |= {name: config[name] for name in _SAME_NAME if config.get(name) is not None}
    _refuse_what_is_not_costed(config, kind, field)
    read |= _heads(config, field) | _experts(config, kind)
    read |= _windows(config, field)
    read |= _linear_layers(config, kind, field) | _formats(config, field)
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
    if config.get("index_topk_freq", 1) != 1 or "shared" in _listed(config, "indexer_types", field):
        raise InvalidInput.at(
            f"{field}.index_topk_freq", "layers that share one indexer are not costed yet"
        )


def _heads(config: Mapping[str, Any], field: str) -> dict[str, Any]:
    heads = _positive(config, "num_attention_heads", field)
    hidden = _positive(config, "hidden_size", field)
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
    kinds = _listed(config, "layer_types", field)
    if not window or config.get("use_sliding_window") is False:
        return {}
    layers = config.get("num_hidden_layers", 0)
    sliding = sum(kind == "sliding_attention" for kind in kinds) if kinds else layers
    return {"sliding_window": window, "num_sliding_window_layers": sliding}


def _linear_layers(config: Mapping[str, Any], kind: str, field: str) -> dict[str, Any]:
    if kind not in _LINEAR_ATTENTION:
        return {}
    layers = _positive(config, "num_hidden_layers", field)
    kinds = _listed(config, "layer_types", field)
    if not kinds:
        # The transformers library makes every fourth layer a full one unless told otherwise.
        with_default = {"full_attention_interval": 4} | dict(config)
        interval = _positive(with_default, "full_attention_interval", field)
        return {"num_linear_attention_layers": layers - layers // interval}
    if len(kinds) != layers:
        raise InvalidInput.at(
            f"{field}.layer_types", f"names {len(kinds)} layers of num_hidden_layers {layers}"
        )
    return {"num_linear_attention_layers": sum(kind == "linear_attention" for kind in kinds)}


def _positive(config: Mapping[str, Any], name: str, field: str) -> int:
    value = config.get(name)
    if not isinstance(value, int) or value < 1:
        raise InvalidInput.at(f"{field}.{name}", "must be a positive whole number")
    return value


def _listed(config: Mapping[str, Any], name: str, field: str) -> list[Any]:
    """The list under ``name``, empty where there is none."""
    value = config.get(name)
    if value is not None and not isinstance(value, list):
        raise InvalidInput.at(f"{field}.{name}", "must be a list")
    return value or []


def _object(config: Mapping[str, Any], name: str, field: str) -> Mapping[str, Any]:
    """The object under ``name``, empty where there is none."""
    value = config.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise InvalidInput.at(f"{field}.{name}", "must be an object")
    return value or {}


def _formats(config: Mapping[str, Any], field: str) -> dict[str, Any]:
    quantization = _object(config, "quantization_config", field)
    if not quantization:
        return {"weight_dtype": Dtype.BF16}
    method = str(quantization.get("quant_method", "")).lower()
    if method == "compressed-tensors":
        return _compressed_tensors(quantization, f"{field}.quantization_config")
    if method not in _QUANTIZATION:
        raise InvalidInput.at(
            f"{field}.quantization_config.quant_method",
            f"'{method}' is not a known format; leave quantization_config out and give "
            "inference.weight_dtype",
        )
    # mxfp4 checkpoints quantise the experts only (gpt-oss model card).
    if method == "mxfp4":
        return {"weight_dtype": Dtype.BF16, "expert_weight_dtype": Dtype.MXFP4}
    if method == "fp8" and quantization.get("weight_block_size"):
        return {"weight_dtype": Dtype.FP8_BLOCK}
    return {"weight_dtype": _QUANTIZATION[method]} | _group_size(quantization)


def _group_size(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Weights that share a scale; -1 stands for a whole column in GPTQ, which costs nothing."""
    size = weights.get("group_size")
    return {"weight_group_size": size} if isinstance(size, int) and size > 0 else {}


def _compressed_tensors(quantization: Mapping[str, Any], field: str) -> dict[str, Any]:
    """One format for all weights, or for the experts only where attention is on the ignore list."""
    groups = _object(quantization, "config_groups", field)
    found = []
    for name in groups:
        group = _object(groups, name, f"{field}.config_groups")
        found.append(_object(group, "weights", f"{field}.config_groups.{name}"))
    formats = {_compressed_format(weights) for weights in found}
    read = formats.pop() if len(formats) == 1 else None
    if read is None:
        raise InvalidInput.at(
            f"{field}.config_groups",
            "is not one known format; leave quantization_config out and give "
            "inference.weight_dtype",
        )
    group_size = _group_size(found[0])
    if any("self_attn" in str(name) for name in _listed(quantization, "ignore", field)):
        return {"weight_dtype": Dtype.BF16, "expert_weight_dtype": read} | group_size
    return {"weight_dtype": read} | group_size


def _compressed_format(weights: Mapping[str, Any]) -> Dtype | None:
    if weights.get("strategy") == "block":
        return Dtype.FP8_BLOCK
    return _COMPRESSED_TENSORS.get(f"{weights.get('type')}{weights.get('num_bits')}")
