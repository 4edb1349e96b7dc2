"""What the reader knows of one architecture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llm_simulator.planner.specs.hugging_face.attention_heads import heads
from llm_simulator.planner.specs.hugging_face.config import Reader
from llm_simulator.planner.specs.hugging_face.experts import experts
from llm_simulator.planner.specs.hugging_face.windows import windows


@dataclass(frozen=True)
class Architecture:
    """One ``model_type``: how its config's keys become the fields of a ModelSpec."""

    fixed: Mapping[str, Any] = field(default_factory=dict)
    """ModelSpec fields that its code fixes and its config does not state."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Keys that its published configs leave to the configuration class."""
    readers: tuple[Reader, ...] = (heads, experts, windows)
    """The parts of its config, each read on its own; a later one wins."""
