"""A ``params.json``, the release format of Mistral's own checkpoints, as a ``config.json``."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput

_NAMES = {
    "dim": "hidden_size",
    "n_layers": "num_hidden_layers",
    "hidden_dim": "intermediate_size",
    "n_heads": "num_attention_heads",
    "n_kv_heads": "num_key_value_heads",
    "head_dim": "head_dim",
    "vocab_size": "vocab_size",
    "tied_embeddings": "tie_word_embeddings",
    "sliding_window": "sliding_window",
}
_OF_NO_SIZE = ("norm_eps", "rope_theta", "max_seq_len", "max_position_embeddings", "use_biases")
_IN_A_CONFIG = {"tie_word_embeddings": False, "sliding_window": None, "model_type": "mistral"}


def is_params_file(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` names its sizes as a params.json does."""
    return "dim" in data and "n_layers" in data and "model_type" not in data


def config_of_params(params: Mapping[str, Any], field: str) -> dict[str, Any]:
    """The config.json of a dense text model; raises InvalidInput for what has no place in it."""
    needed = ("hidden_dim", "n_kv_heads", "head_dim")
    missing = [name for name in needed if params.get(name) is None]
    if missing:
        raise InvalidInput.at(
            f"{field}.{missing[0]}",
            "is missing, so this params.json does not settle the model's size; give the "
            "config.json of the same model instead",
        )
    unknown = [name for name in params if name not in _NAMES and name not in _OF_NO_SIZE]
    if unknown:
        raise InvalidInput.at(
            f"{field}.{unknown[0]}",
            "is not read from a params.json; give the config.json of the same model instead",
        )
    return _IN_A_CONFIG | {_NAMES[name]: params[name] for name in params if name in _NAMES}
