"""What every operator needs to know: deployment, plans and step, with sizes looked up once."""

from dataclasses import dataclass
from functools import cached_property

from llm_simulator.operators.expert_load import Popularity, popularity
from llm_simulator.operators.layers import StageLayers, stage_layers
from llm_simulator.operators.step import Step
from llm_simulator.operators.work import ACTIVATION_BYTES, Tile
from llm_simulator.plans.table import PlanTable
from llm_simulator.specs.deployment import Deployment
from llm_simulator.specs.dtypes import CACHE_BYTES, Dtype, bytes_per_element, matrix_unit
from llm_simulator.specs.model import ModelSpec
from llm_simulator.units import Count

MatrixFormat = tuple[float, float, str]
"""Bytes per weight, bytes per activation, matrix unit."""


@dataclass(frozen=True)
class Context:
    """One step of every plan of a table."""

    deployment: Deployment
    plans: PlanTable
    step: Step

    @property
    def model(self) -> ModelSpec:
        """The neural network."""
        return self.deployment.model

    @cached_property
    def layers(self) -> StageLayers:
        """Layers of each kind on the largest stage."""
        return stage_layers(self.model, self.plans)

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
        return CACHE_BYTES[self.deployment.formats.kv_cache]

    @property
    def linear_format(self) -> MatrixFormat:
        """Format of attention and dense feed-forward products."""
        return self._format(self.deployment.formats.weight)

    @property
    def expert_format(self) -> MatrixFormat:
        """Format of the routed experts' products."""
        return self._format(self.deployment.formats.expert_weight)

    @property
    def full_format(self) -> MatrixFormat:
        """Format of what stays unquantised: router, attention core, output head."""
        return (ACTIVATION_BYTES, ACTIVATION_BYTES, "bf16")

    def _format(self, weight: Dtype) -> MatrixFormat:
        activation = self.deployment.formats.activation
        unit = matrix_unit(weight, activation)
        return (bytes_per_element(weight), bytes_per_element(activation), unit)
