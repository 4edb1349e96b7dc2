"""Named presets as one frozen value; where they are read from is no concern of the planner."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from llm_simulator.errors import InvalidInput, NotFound, unknown_name
from llm_simulator.planner.requests.calibrations import CalibrationFile, Calibrations
from llm_simulator.planner.requests.presets import (
    CatalogueEntry,
    ChipEntry,
    ModelEntry,
    TopologyEntry,
    WorkloadEntry,
)
from llm_simulator.planner.specs.economics import EconomicsSpec

Entry = TypeVar("Entry", bound=CatalogueEntry)


@dataclass(frozen=True)
class Catalogue:
    """Presets by name, in the order of their names."""

    models: Mapping[str, ModelEntry]
    chips: Mapping[str, ChipEntry]
    topologies: Mapping[str, TopologyEntry]
    workloads: Mapping[str, WorkloadEntry]
    calibrations: Calibrations
    assumptions: Mapping[str, Mapping[str, Any]]
    """Default fields of ``chip`` and ``workload`` that data sheets don't state."""
    economics: EconomicsSpec
    """What running costs and draws beside the chip's own price and power, as assumed."""

    def with_calibration(self, file: CalibrationFile) -> "Catalogue":
        """The same presets with one more calibration, which comes on top of the others."""
        return replace(self, calibrations=self.calibrations.with_file(file))


def find(entries: Mapping[str, Entry], name: str) -> Entry | None:
    """The entry of that name or alias, whatever its letter case; None when there is none."""
    key = name.strip().lower()
    if key in entries:
        return entries[key]
    named = (entry for entry in entries.values() if key in map(str.lower, entry.aliases))
    return next(named, None)


def chosen(entries: Mapping[str, Entry], kind: str, name: str, field: str) -> Entry:
    """The entry a request names at ``field``; raises InvalidInput with the nearest name."""
    entry = find(entries, name)
    if entry is None:
        raise InvalidInput.at(field, unknown_name(kind, name, list(entries)))
    return entry


def looked_up(entries: Mapping[str, Entry], kind: str, name: str) -> Entry:
    """The entry a reader asks for; raises NotFound with the nearest name."""
    entry = find(entries, name)
    if entry is None:
        raise NotFound(unknown_name(kind, name, list(entries)))
    return entry
