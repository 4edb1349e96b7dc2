"""A GGUF file's metadata as the keys of a ``config.json``.

References: gguf-py/gguf/constants.py (keys) and convert_hf_to_gguf.py (what each is made from) of
ggml-org/llama.cpp.
"""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput

MODEL_TYPES: Mapping[str, str] = {
    "command-r": "cohere",
    "cohere2": "cohere2",
    "deepseek2": "deepseek_v3",
    "exaone": "exaone",
    "exaone4": "exaone4",
    "gemma": "gemma",
    "gemma2": "gemma2",
    "gemma3": "gemma3_text",
    "glm4": "glm4",
    "glm4moe": "glm4_moe",
    "gpt-oss": "gpt_oss",
    "granite": "granite",
    "llama": "llama",
    "olmo2": "olmo2",
    "olmoe": "olmoe",
    "phi3": "phi3",
    "qwen2": "qwen2",
    "qwen2moe": "qwen2_moe",
    "qwen3": "qwen3",
    "qwen3moe": "qwen3_moe",
    "seed_oss": "seed_oss",
    "smollm3": "smollm3",
}
"""By ``general.architecture``; a ``llama`` with experts is a Mixtral."""

_KEYS: Mapping[str, str] = {
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "context_length": "max_position_embeddings",
    "attention.head_count": "num_attention_heads",
    "attention.head_count_kv": "num_key_value_heads",
    "attention.q_lora_rank": "q_lora_rank",
    "attention.kv_lora_rank": "kv_lora_rank",
    "attention.sliding_window": "sliding_window",
    "expert_count": "num_experts",
    "expert_used_count": "num_experts_per_tok",
    "expert_feed_forward_length": "moe_intermediate_size",
    "expert_shared_count": "n_shared_experts",
    "expert_shared_feed_forward_length": "shared_expert_intermediate_size",
    "leading_dense_block_count": "first_k_dense_replace",
}
"""Each with the config's; 0 is written where a config has nothing."""


PATTERN = "attention.sliding_window_pattern"


class Metadata:
    """The metadata of one model, under keys without its architecture's name."""

    def __init__(self, values: Mapping[str, Any], field: str) -> None:
        self.values, self.field = values, field
        self.architecture = str(values.get("general.architecture", ""))

    def get(self, key: str) -> Any:
        """The value of a key; what each layer has alike is said once."""
        value = self.values.get(f"{self.architecture}.{key}")
        if isinstance(value, list) and value and key != PATTERN:
            if len(set(value)) > 1:
                raise self.refusal(key, "differs between layers")
            return value[0]
        return value

    def count(self, key: str) -> int:
        """A positive whole number."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise self.refusal(key, f"must be a positive whole number, not {value!r}")
        return value

    def refusal(self, key: str, message: str) -> InvalidInput:
        """The error to raise for ``key``, with the way out."""
        return InvalidInput.at(
            self.field,
            f"the GGUF file's {self.architecture}.{key} {message}; give the config.json of the "
            "model it was made from, and inference.weight_dtype",
        )


def model_type(metadata: Metadata) -> str:
    """The ``model_type``; raises InvalidInput for an architecture that isn't read from GGUF."""
    architecture = metadata.architecture
    if architecture not in MODEL_TYPES:
        raise InvalidInput.at(
            metadata.field,
            f"the GGUF file's general.architecture '{architecture}' is none that Tier6 reads "
            f"from GGUF ({', '.join(MODEL_TYPES)}); give the config.json of the model it was made "
            "from, and inference.weight_dtype",
        )
    is_mixtral = architecture == "llama" and metadata.get("expert_count")
    return "mixtral" if is_mixtral else MODEL_TYPES[architecture]


def layers(metadata: Metadata) -> range:
    """Layers of the network: those that predict further tokens come after them."""
    predicting = metadata.get("nextn_predict_layers")
    return range(metadata.count("block_count") - (predicting if isinstance(predicting, int) else 0))


def predicting_layers(metadata: Metadata) -> range:
    """Layers that predict further tokens."""
    return range(len(layers(metadata)), metadata.count("block_count"))


def config_of(metadata: Metadata) -> dict[str, Any]:
    """What a ``config.json`` would state, but for what only the tensors tell."""
    kind = model_type(metadata)
    read = {name: metadata.get(key) or None for key, name in _KEYS.items()}
    stated = {name: value for name, value in read.items() if value is not None}
    heads = metadata.count("attention.head_count")
    width = metadata.get("attention.key_length")
    stated |= {
        "model_type": kind,
        "num_hidden_layers": len(layers(metadata)),
        "num_key_value_heads": stated.get("num_key_value_heads", heads),
        "head_dim": width or metadata.count("embedding_length") // heads,
        "sliding_window": stated.get("sliding_window"),
    }
    return stated | _windows(metadata) | _latent_heads(metadata) | _experts(metadata)


def _windows(metadata: Metadata) -> dict[str, Any]:
    """Which layers have a window, where that is said."""
    pattern = metadata.get(PATTERN)
    if isinstance(pattern, list):
        kinds = ["sliding_attention" if has_window else "full_attention" for has_window in pattern]
        return {"layer_types": kinds[: len(layers(metadata))]}
    return {} if pattern is None else {"sliding_window_pattern": pattern}


def _latent_heads(metadata: Metadata) -> dict[str, Any]:
    """The parts of a latent attention's heads; older files write them as keys and values."""
    if metadata.get("attention.kv_lora_rank") is None:
        return {}
    later = metadata.get("attention.key_length_mla") is not None
    suffix = "_mla" if later else ""
    rotary = metadata.count("rope.dimension_count")
    heads = metadata.count("attention.head_count")
    return {
        "qk_rope_head_dim": rotary,
        "qk_nope_head_dim": metadata.count(f"attention.key_length{suffix}") - rotary,
        "v_head_dim": metadata.count(f"attention.value_length{suffix}"),
        "num_key_value_heads": heads,
        "head_dim": None,
    }


def _experts(metadata: Metadata) -> dict[str, Any]:
    """The width of experts in layers that have nothing else, as configs have it."""
    if metadata.architecture != "gpt-oss":
        return {}
    return {
        "intermediate_size": metadata.count("expert_feed_forward_length"),
        "moe_intermediate_size": None,
    }
