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
    "tie_word_embeddings",
    "attention_bias",
)
_EXPERT_COUNT_NAMES = ("num_experts", "num_local_experts", "n_routed_experts")
_QUANTIZATION = {"fp8": Dtype.FP8, "mxfp4": Dtype.MXFP4, "awq": Dtype.INT4, "gptq": Dtype.INT4}
_FIXED_BY_ARCHITECTURE: Mapping[str, Mapping[str, Any]] = {
    "qwen2": {"attention_bias": True},
    "qwen3": {"qk_norm": True},
    "qwen3_moe": {"qk_norm": True},
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
    "gpt_oss",
)


def is_hugging_face_config(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` looks like a config.json rather than our own fields."""
    return "model_type" in data or "architectures" in data


def model_from_config(config: Mapping[str, Any], field: str = "model") -> ModelSpec:
    """The ModelSpec of a ``config.json``; raises InvalidInput for an architecture we can't cost."""
    kind = str(config.get("model_type", ""))
    if kind not in _SUPPORTED:
        raise InvalidInput.at(
            f"{field}.model_type",
            f"'{kind}' is not an architecture Tier6 can cost yet; supported: "
            f"{', '.join(_SUPPORTED)}. Give Tier6's own fields instead.",
        )
    read: dict[str, Any] = dict(_FIXED_BY_ARCHITECTURE.get(kind, {}))
    read |= {name: config[name] for name in _SAME_NAME if config.get(name) is not None}
    _refuse_what_is_not_costed(config, field)
    read |= _heads(config, field) | _experts(config, kind) | _windows(config)
    read |= _formats(config, field)
    read["name"] = str(config.get("name") or config.get("_name_or_path") or kind)
    return validated(ModelSpec, read, field)


def _refuse_what_is_not_costed(config: Mapping[str, Any], field: str) -> None:
    for name, plain in (("mlp_only_layers", []), ("decoder_sparse_step", 1), ("moe_layer_freq", 1)):
        if config.get(name, plain) not in (plain, None):
            raise InvalidInput.at(
                f"{field}.{name}",
                f"mixture layers at a spacing are not costed yet (only {name} = {plain}); "
                "give Tier6's own fields with first_k_dense_replace instead",
            )


def _heads(config: Mapping[str, Any], field: str) -> dict[str, Any]:
    heads = config.get("num_attention_heads")
    hidden = config.get("hidden_size")
    if not isinstance(heads, int) or heads < 1:
        raise InvalidInput.at(f"{field}.num_attention_heads", "must be a positive whole number")
    if not isinstance(hidden, int) or hidden < 1:
        raise InvalidInput.at(f"{field}.hidden_size", "must be a positive whole number")
    return {
        "num_key_value_heads": config.get("num_key_value_heads") or heads,
        "head_dim": config.get("head_dim") or max(hidden // heads, 1),
    }


def _experts(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    counts = [config[name] for name in _EXPERT_COUNT_NAMES if config.get(name)]
    if not counts:
        return {}
    # Mixtral and gpt-oss call the width of an expert intermediate_size and have no dense layer.
    width = config.get("moe_intermediate_size") or config.get("intermediate_size")
    read: dict[str, Any] = {"num_experts": counts[0], "moe_intermediate_size": width}
    if kind in ("mixtral", "gpt_oss", "qwen3_moe"):
        read |= {"intermediate_size": 0}
    if config.get("experts_per_token") and not config.get("num_experts_per_tok"):
        read |= {"num_experts_per_tok": config["experts_per_token"]}
    return read


def _windows(config: Mapping[str, Any]) -> dict[str, Any]:
    window = config.get("sliding_window")
    kinds = config.get("layer_types")
    if not window or config.get("use_sliding_window") is False:
        return {}
    layers = config.get("num_hidden_layers", 0)
    sliding = sum(kind == "sliding_attention" for kind in kinds) if kinds else layers
    return {"sliding_window": window, "num_sliding_window_layers": sliding}


def _formats(config: Mapping[str, Any], field: str) -> dict[str, Any]:
    quantization = config.get("quantization_config")
    if not quantization:
        return {"weight_dtype": Dtype.BF16}
    method = str(quantization.get("quant_method", "")).lower()
    if method not in _QUANTIZATION:
        raise InvalidInput.at(
            f"{field}.quantization_config.quant_method",
            f"'{method}' is not a known format; leave quantization_config out and give "
            "inference.weight_dtype",
        )
    # mxfp4 checkpoints quantise the experts only (gpt-oss model card).
    if method == "mxfp4":
        return {"weight_dtype": Dtype.BF16, "expert_weight_dtype": Dtype.MXFP4}
    return {"weight_dtype": _QUANTIZATION[method]}
