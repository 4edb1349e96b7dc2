"""The quantization of a published checkpoint: which modules are stored in which format."""

from llm_simulator.planner.specs.quantization.published import with_published_formats

__all__ = ["with_published_formats"]
