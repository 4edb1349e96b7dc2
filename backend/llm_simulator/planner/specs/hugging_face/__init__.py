"""A Hugging Face ``config.json``, as it is, read as a ModelSpec.

``read`` walks it from the text part to the spec; ``architectures`` is the table of what it knows.
"""

from llm_simulator.planner.specs.hugging_face.read import (
    is_hugging_face_config,
    model_from_config,
)

__all__ = ["is_hugging_face_config", "model_from_config"]
