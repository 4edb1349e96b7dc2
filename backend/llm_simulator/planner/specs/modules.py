"""The modules of a network that checkpoints store in formats of their own."""

from enum import StrEnum

from pydantic import Field

from llm_simulator.planner.specs.dtypes import Dtype, bytes_per_element
from llm_simulator.planner.specs.validation import PositiveInt, Spec


class Module(StrEnum):
    """Matrices that are quantised together; norms, routers and the embedding never are."""

    ATTENTION = "attention"
    """Projections of softmax attention, an indexer's included."""
    LINEAR_ATTENTION = "linear_attention"
    """Projections of layers with a state in place of a cache."""
    DENSE_MLP = "dense_mlp"
    SHARED_EXPERT = "shared_expert"
    ROUTED_EXPERTS = "routed_experts"
    HEAD = "head"
    """The output head, where it is not the embedding itself."""


class WeightFormat(Spec):
    """How the weights of one module are published."""

    dtype: Dtype
    """The format of most of them, which decides what multiplies them."""
    group_size: PositiveInt | None = None
    """Weights that share a scale, where that differs from what the format defines."""
    activation_dtype: Dtype | None = None
    """What they are multiplied with, where the checkpoint says so (weight-only formats: bf16)."""
    bytes_per_weight: float | None = Field(None, gt=0, le=4)
    """Mean over the module, scales included, where some of its layers are stored otherwise."""

    @property
    def weight_bytes(self) -> float:
        """Bytes of one weight in the mean, its share of the scales included."""
        return self.bytes_per_weight or bytes_per_element(self.dtype, self.group_size)
