"""Architectures that are known and can not be costed yet, with the reason."""

from collections.abc import Mapping

REFUSED: Mapping[str, str] = {
    "rwkv": "time mixing",
    "zamba": "one attention block that layers share",
    "zamba2": "attention blocks that layers share",
    "mllama_text_model": "layers that attend to images alone and are skipped for text",
    "phi3small": "block-sparse attention in every second layer (all is cached, some blocks read)",
}
"""By ``model_type``: what it has that is not costed."""
