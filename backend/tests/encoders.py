"""Encoders that tests give to models of the catalogue."""

from typing import Any

from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.encoder import EncoderSpec, Matrix
from tests.deployments import catalogued

VISION = EncoderSpec(
    kind="vision",
    hidden_size=1024,
    num_hidden_layers=24,
    num_attention_heads=16,
    head_dim=64,
    intermediate_size=4096,
    num_position_embeddings=2304,
    stem=(Matrix(inner=1536, columns=1024),),
    projector=(Matrix(inner=4096, columns=4096), Matrix(inner=4096, columns=2048)),
    num_projectors=4,
    positions_per_token=4,
    tokens_per_image=1024,
)
"""That of Qwen3-VL-2B, whose language model is that of Qwen3-1.7B."""

VOXTRAL = EncoderSpec(
    kind="audio",
    hidden_size=1280,
    num_hidden_layers=32,
    num_attention_heads=20,
    head_dim=64,
    intermediate_size=5120,
    num_position_embeddings=1500,
    stem=(Matrix(inner=3 * 128, columns=1280, rows=2), Matrix(inner=3 * 1280, columns=1280)),
    projector=(Matrix(inner=5120, columns=3072), Matrix(inner=3072, columns=3072)),
    positions_per_token=4,
    attention_span=1500,
    tokens_per_second=12.5,
    seconds_per_piece=30,
)


def seeing(model: str = "qwen3-1.7b", *, input_seq_length: int = 4096, **load: Any) -> Deployment:
    """A model of the catalogue with that vision encoder; prompts of 4096 tokens."""
    changes = {"encoders": (VISION,)}
    return catalogued(model, model_changes=changes, input_seq_length=input_seq_length, **load)
