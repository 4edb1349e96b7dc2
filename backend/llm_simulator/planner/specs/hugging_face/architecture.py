"""What the reader knows of one architecture."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config, Reader

NO_BIAS = {"attention_bias": False}
BIAS = {"attention_bias": True}
TIED = {"tie_word_embeddings": True}
UNTIED = {"tie_word_embeddings": False}
NO_WINDOW = {"use_sliding_window": False}
"""What rows let configs leave out."""

MOSAIC_NAMES = {
    "d_model": "hidden_size",
    "n_heads": "num_attention_heads",
    "n_layers": "num_hidden_layers",
    "max_seq_len": "max_position_embeddings",
}
"""Keys of MPT and DBRX, each with ours."""


@dataclass(frozen=True)
class Architecture:
    """One ``model_type``: how its config's keys become the fields of a ModelSpec."""

    readers: tuple[Reader, ...]
    """The parts of its config, each read on its own; a later one wins."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """ModelSpec fields that its code fixes and its config does not state."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Its own names for keys, each with ours."""
    optional: Mapping[str, Any] = field(default_factory=dict)
    """Keys that its configs may leave out, with what that means at any size; null where a reader
    derives it."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Keys that its configs may leave to the configuration class, with the class's value, but only
    where the whole is then as large as one of ``sizes``."""
    sizes: tuple[float, ...] = ()
    """Published sizes of the language model in billions of weights, of configs that leave keys
    out."""

    def filled(self, stated: Mapping[str, Any], whole: Config) -> Config:
        """``stated`` over what this row fills in, in the place of ``whole``."""
        nulls = frozenset(name for name, value in stated.items() if value is None)
        given = {name: value for name, value in stated.items() if value is not None}
        filled = {**self.defaults, **self.optional, **given}
        return replace(whole, values=filled, nulls=nulls)

    def left_to_the_class(self, stated: Mapping[str, Any]) -> list[str]:
        """Keys that only ``defaults`` fill in."""
        return [name for name in self.defaults if stated.get(name) is None]
