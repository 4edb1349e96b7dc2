"""What every operator needs to know: deployment, plans and step, with sizes looked up once."""

from dataclasses import dataclass
from functools import cached_property

from llm_simulator.planner.operators.cache import cache_shares
from llm_simulator.planner.operators.expert_load import (
    Popularity,
    load_imbalance,
    placement_imbalance,
    popularity,
)
from llm_simulator.planner.operators.layers import StageLayers, all_layers
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.operators.work import Tile
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.formats import ModuleFormat
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.modules import Module
from llm_simulator.units import Count

TILE_ROWS = 64
"""Rows of the tiles of large products, where matrix units work on fewer (CUTLASS: 64 or 128)."""


@dataclass(frozen=True)
class Context:
    """One step of every plan of a table."""

    deployment: Deployment
    plans: PlanTable
    step: Step
    counts: StageLayers | None = None
    """Layers in place of those of all stages together: of some stages, or for costs per layer."""

    @property
    def model(self) -> ModelSpec:
        """The neural network."""
        return self.deployment.model

    @cached_property
    def layers(self) -> StageLayers:
        """Layers of each kind that the step passes."""
        return self.counts or all_layers(self.model, self.plans)

    @cached_property
    def tokens(self) -> Count:
        """Tokens that linear layers process on one rank."""
        return self.step.tokens(self.plans.sp)

    @cached_property
    def prompt_tokens(self) -> Count:
        """Prompt tokens on one rank."""
        return self.step.prompt_tokens(self.plans.sp)

    @cached_property
    def shares(self) -> Count:
        """Tensor-parallel ranks that share out each request's cache outside of windows."""
        return cache_shares(self.model, self.plans)

    @cached_property
    def experts(self) -> Popularity:
        """How the visits fall on the copies of the routed experts; models with experts only."""
        model, load = self.model, self.deployment.workload
        return popularity(
            load.expert_load, model.num_experts, model.num_experts_per_tok, load.redundant_experts
        )

    @cached_property
    def group_tokens(self) -> Count:
        """Distinct tokens that one set of experts serves in the step."""
        return self.tokens * self.plans.sp * self.plans.attention_dp

    @cached_property
    def rank_assignments(self) -> Count:
        """Token-expert pairs that the busiest expert rank computes."""
        return self._mean_assignments(self.plans.ep) * self.rank_imbalance

    @cached_property
    def rank_imbalance(self) -> Count:
        """Token-expert pairs of the busiest expert rank over the mean of all."""
        return self.unit_imbalance(self.plans.ep)

    def unit_imbalance(self, units: Count) -> Count:
        """The same of so many ``units``, each of as many experts: of servers."""
        placement = placement_imbalance(self.experts, units)
        return load_imbalance(self._mean_assignments(units), units, placement)

    def _mean_assignments(self, units: Count) -> Count:
        return self.group_tokens * self.model.num_experts_per_tok / units

    @cached_property
    def tile(self) -> Tile:
        """Output tile of the chip's matrix units."""
        chip = self.deployment.chip
        return Tile(chip.tile_m, chip.tile_n, most_rows=TILE_ROWS)

    @property
    def cache_bytes(self) -> float:
        """Bytes of one cached element."""
        return self.deployment.formats.cache_bytes

    def format_of(self, module: Module) -> ModuleFormat:
        """The format of a module's products."""
        return self.deployment.formats.of(module)
