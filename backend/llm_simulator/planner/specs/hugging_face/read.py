"""The walk from a ``config.json`` to a ModelSpec: text part, architecture, its parts."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.hugging_face.architecture import Architecture
from llm_simulator.planner.specs.hugging_face.architectures import ARCHITECTURES
from llm_simulator.planner.specs.hugging_face.config import Config
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
"""Keys that are ModelSpec fields as they stand."""


def is_hugging_face_config(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` looks like a config.json rather than our own fields."""
    return "model_type" in data or "architectures" in data


def model_from_config(config: Mapping[str, Any], field: str = "model") -> ModelSpec:
    """The ModelSpec of a ``config.json``; raises InvalidInput for an architecture we can't cost."""
    text = _text_part(config)
    architecture = _architecture(text, field)
    stated = Config(_with_defaults(text, architecture), field)
    read: dict[str, Any] = dict(architecture.fixed)
    read |= {name: stated.get(name) for name in _SAME_NAME if stated.get(name) is not None}
    for reader in architecture.readers:
        read |= reader(stated)
    read |= published_formats(stated.values, field)
    if stated.get("use_qk_norm"):
        read["qk_norm"] = True
    read["name"] = str(stated.get("name") or stated.get("_name_or_path") or stated.model_type)
    return validated(ModelSpec, read, field)


def _text_part(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The language model of a multimodal config; what only the whole states stays."""
    text = config.get("text_config")
    if not isinstance(text, Mapping):
        return config
    whole = {name: value for name, value in config.items() if name != "text_config"}
    return whole | {name: value for name, value in text.items() if value not in (None, "")}


def _architecture(config: Mapping[str, Any], field: str) -> Architecture:
    kind = str(config.get("model_type", ""))
    if kind not in ARCHITECTURES:
        raise InvalidInput.at(
            f"{field}.model_type",
            f"'{kind}' is not an architecture Tier6 can cost yet; supported: "
            f"{', '.join(ARCHITECTURES)}. Give Tier6's own fields instead.",
        )
    return ARCHITECTURES[kind]


def _with_defaults(config: Mapping[str, Any], architecture: Architecture) -> Mapping[str, Any]:
    """What the config states, over what its configuration class defaults to; null is left out."""
    return dict(architecture.defaults) | {k: v for k, v in config.items() if v is not None}
