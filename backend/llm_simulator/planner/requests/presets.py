"""One catalogue entry of each kind: a spec, its title and the source of its figures."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.link import Link
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.parameters import (
    Table,
    active_parameter_count,
    parameter_count,
)
from llm_simulator.planner.specs.topology import TopologySpec
from llm_simulator.planner.specs.validation import Spec
from llm_simulator.planner.specs.workload import WorkloadSpec

_BESIDE_THE_POINT = re.compile(
    r"\b(nvidia|amd|instinct|intel|google|cloud|aws|huawei|geforce|tensor[- ]core|gpu|accelerator"
    r"|hbm3?e?|oam)\b|^meta-(?=llama)|-(instruct|chat|it|hf|base)$"
)


def spelling(name: str) -> str:
    """A name without what people write differently: case, separators, makers, how it was tuned.

    >>> spelling("NVIDIA H100 80GB HBM3"), spelling("h100_sxm5"), spelling("Llama-3.1-8B-Instruct")
    ('h100-80gb', 'h100-sxm', 'llama-3.1-8b')
    """
    words = _BESIDE_THE_POINT.sub(" ", re.sub(r"[\s_]+", " ", name.lower().strip()))
    return re.sub(r"\bsxm\d\b", "sxm", re.sub(r"[-\s]+", "-", words).strip("-"))


@dataclass(frozen=True)
class CatalogueEntry:
    """A named preset: what every kind has in common."""

    name: str
    title: str
    aliases: tuple[str, ...]
    source: str
    entered: str
    """Day on which the figures were entered, ISO 8601."""
    spec: Spec

    @cached_property
    def spellings(self) -> frozenset[str]:
        """Its name and aliases, with and without who published it, in one spelling."""
        names = (self.name, *self.aliases)
        return frozenset(spelling(part) for name in names for part in (name, name.split("/")[-1]))

    def as_json(self) -> dict[str, Any]:
        """The whole entry: every field of the spec beside title and source."""
        return self._head() | {"spec": self.spec.model_dump(mode="json")}

    def summary(self) -> dict[str, Any]:
        """What a list shows."""
        return self._head()

    def _head(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "aliases": list(self.aliases),
            "source": self.source,
            "entered": self.entered,
        }


@dataclass(frozen=True)
class ModelEntry(CatalogueEntry):
    """A neural network, with the parameter counts its publisher states."""

    spec: ModelSpec
    published_parameters: float
    published_active_parameters: float
    active_parameters_without: tuple[Table, ...] = ()
    """Tables that its publisher leaves out of the active parameters."""

    @property
    def active_parameters_as_published(self) -> float:
        """The active parameters, computed, with the tables that its publisher counts."""
        return active_parameter_count(self.spec, self.active_parameters_without)

    def summary(self) -> dict[str, Any]:
        """The figures a person picks a model by; counts are computed, not quoted."""
        spec = self.spec
        return self._head() | {
            "parameters": parameter_count(spec),
            "active_parameters": active_parameter_count(spec),
            "num_hidden_layers": spec.num_hidden_layers,
            "hidden_size": spec.hidden_size,
            "attention": spec.attention,
            "num_experts": spec.num_experts,
            "weight_dtype": spec.weight_dtype.value,
            "expert_weight_dtype": spec.expert_weight_dtype and spec.expert_weight_dtype.value,
            "max_position_embeddings": spec.max_position_embeddings,
            "encoders": [encoder.kind for encoder in spec.encoders],
        }


@dataclass(frozen=True)
class ChipEntry(CatalogueEntry):
    """An accelerator."""

    spec: ChipSpec

    def summary(self) -> dict[str, Any]:
        """The data-sheet figures, in base units."""
        names = (
            "peak_flops",
            "memory_capacity",
            "memory_bandwidth",
            "tdp",
            "price_usd_per_hour",
            "price_source",
            "price_kind",
            "compute_units",
            "on_chip_memory",
        )
        figures = {name: getattr(self.spec, name) for name in names}
        return self._head() | figures | {"chip_to_chip": _link(self.spec.chip_to_chip)}


@dataclass(frozen=True)
class TopologyEntry(CatalogueEntry):
    """A cluster's shape and links."""

    spec: TopologySpec

    def summary(self) -> dict[str, Any]:
        """The numbers of chips on each tier, and its links."""
        spec = self.spec
        return self._head() | {
            "chips": spec.chips,
            "pods": spec.pods,
            "racks_per_pod": spec.racks_per_pod,
            "boards_per_rack": spec.boards_per_rack,
            "chips_per_board": spec.chips_per_board,
            "links": {tier: _link(link) for tier, link in spec.links.items()},
        }


@dataclass(frozen=True)
class WorkloadEntry(CatalogueEntry):
    """A load."""

    spec: WorkloadSpec

    def summary(self) -> dict[str, Any]:
        """Concurrency and lengths."""
        names = ("batch_size", "input_seq_length", "output_seq_length")
        return self._head() | {name: getattr(self.spec, name) for name in names}


def _link(link: Link | None) -> dict[str, float] | None:
    """One direction's bandwidth and latency, in base units."""
    return None if link is None else {"bandwidth": link.bandwidth, "latency": link.latency}
