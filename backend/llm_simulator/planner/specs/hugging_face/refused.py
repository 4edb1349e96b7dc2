"""Architectures that are known and can not be costed yet, with the reason."""

from collections.abc import Mapping

REFUSED: Mapping[str, str] = {
    "lfm2": "short convolutions in place of a state or a cache",
    "lfm2_moe": "short convolutions in place of a state or a cache",
    "minimax_m3": "block-sparse attention",
    "rwkv": "time mixing",
    "zamba": "one attention block that layers share",
    "zamba2": "attention blocks that layers share",
    "gemma3n": "AltUp and LAuReL streams and layers that share keys and values",
    "gemma3n_text": "AltUp and LAuReL streams and layers that share keys and values",
    "mllama_text_model": "layers that attend to images alone and are skipped for text",
    "nemotron-nas": "layers of unlike widths, some without attention (block_configs)",
    "phi3small": "block-sparse attention",
    "step3_text": "queries factorised over matrices that heads share",
}
"""By ``model_type``: what it has that is not costed."""
