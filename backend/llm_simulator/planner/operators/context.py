"""What every operator needs to know: deployment, plans and step, with sizes looked up once."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from llm_simulator.planner.operators.expert_load import Popularity, popularity
from llm_simulator.planner.operators.layers import StageLayers, stage_layers
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.operators.work import ACTIVATION_BYTES, Tile
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.dtypes import (
    FORMATS,
    Dtype,
    bytes_per_activation,
    is_weight_only,
    matrix_unit,
)
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.units import Count


class MatrixFormat(NamedTuple):
    """How the operands of a product are stored, and what multiplies them."""

    weight_bytes: float
    activation_bytes: float
    unit: str
    widens_weights: bool = False
    """Whether weights are converted to the activations' format on the way to the matrix unit."""


@dataclass(frozen=True)
class Context:
    """One step of every plan of a table."""

    deployment: Deployment
    plans: PlanTable
    step: Step
    counts: StageLayers | None = None
    """Layers in place of each plan's own, for costs per layer."""

    @property
    def model(self) -> ModelSpec:
        """The neural network."""
        return self.deployment.model

    @cached_property
    def layers(self) -> StageLayers:
        """Layers of each kind on the largest stage."""
        return self.counts or stage_layers(self.model, self.plans)

    @cached_property
    def tokens(self) -> Count:
        """Tokens that linear layers process on one rank."""
        return self.step.tokens(self.plans.sp)

    @cached_property
    def prompt_tokens(self) -> Count:
        """Prompt tokens on one rank."""
        return self.step.prompt_tokens(self.plans.sp)

    @cached_property
    def experts(self) -> Popularity:
        """How the visits fall on the copies of the routed experts; models with experts only."""
        model, load = self.model, self.deployment.workload
        return popularity(
            load.expert_load, model.num_experts, model.num_experts_per_tok, load.redundant_experts
        )

    @property
    def tile(self) -> Tile:
        """Output tile of the chip's matrix units."""
        return Tile(self.deployment.chip.tile_m, self.deployment.chip.tile_n)

    @property
    def cache_bytes(self) -> float:
        """Bytes of one cached element."""
        return self.deployment.formats.cache_bytes

    @property
    def linear_format(self) -> MatrixFormat:
        """Format of attention and dense feed-forward products."""
        formats = self.deployment.formats
        return self._format(formats.weight, formats.activation, formats.weight_bytes)

    @property
    def expert_format(self) -> MatrixFormat:
        """Format of the routed experts' products."""
        formats = self.deployment.formats
        weight, activation = formats.expert_weight, formats.expert_activation
        return self._format(weight, activation, formats.expert_weight_bytes)

    @property
    def full_format(self) -> MatrixFormat:
        """Format of what stays unquantised: router, attention core, output head."""
        return MatrixFormat(ACTIVATION_BYTES, ACTIVATION_BYTES, "bf16")

    def _format(self, weight: Dtype, activation: Dtype, weight_bytes: float) -> MatrixFormat:
        units = self.deployment.chip.peak_flops
        # A chip with fp4 units takes fp4 beside wider floats (NVIDIA PTX ISA, tcgen05 f8f6f4).
        widened_by_hardware = FORMATS[weight].unit == "fp4" and "fp4" in units
        return MatrixFormat(
            weight_bytes=weight_bytes,
            activation_bytes=bytes_per_activation(activation),
            unit=matrix_unit(weight, activation),
            widens_weights=is_weight_only(weight, activation) and not widened_by_hardware,
        )
