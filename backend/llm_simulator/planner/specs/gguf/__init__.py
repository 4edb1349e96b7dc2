"""Models as GGUF files state them: metadata and a table of tensors."""

from llm_simulator.planner.specs.gguf.read import model_from_gguf
from llm_simulator.planner.specs.gguf.tensors import Tensor
from llm_simulator.planner.specs.gguf.types import TYPES

__all__ = ["TYPES", "Tensor", "model_from_gguf"]
