"""Named presets as one frozen value; where they are read from is no concern of the planner."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from llm_simulator.errors import InvalidInput, NotFound, unknown_name
from llm_simulator.planner.requests.calibrations import CalibrationFile, Calibrations
from llm_simulator.planner.requests.checkpoints import (
    NamingRule,
    base_and_rule,
    in_format_of,
)
from llm_simulator.planner.requests.presets import (
    CatalogueEntry,
    ChipEntry,
    ModelEntry,
    TopologyEntry,
    WorkloadEntry,
    spelling,
)
from llm_simulator.planner.specs.calibration import Provenance
from llm_simulator.planner.specs.economics import EconomicsSpec
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.network import network
from llm_simulator.planner.specs.uncertainty import Correlation

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
    correlations: Mapping[Provenance, Correlation]
    """How the errors of two plans go together, by what a calibration rests on."""
    naming_rules: tuple[NamingRule, ...] = ()
    """What publishers' ids say of the formats of quantised checkpoints."""

    def with_calibration(self, file: CalibrationFile) -> "Catalogue":
        """The same presets with one more calibration, which comes on top of the others."""
        return replace(self, calibrations=self.calibrations.with_file(file))


def find(entries: Mapping[str, Entry], name: str) -> Entry | None:
    """The entry of that name or alias, however it is spelt; None when there is none.

    Letter case, spaces, underscores and makers' names don't matter, nor does who published it.
    """
    plain = name.strip().lower()
    if plain in entries:
        return entries[plain]
    key = spelling(name)
    return next((entry for entry in entries.values() if key in entry.spellings), None)


def measured_name(
    model: ModelSpec, presets: Mapping[str, ModelEntry], calibrations: Calibrations
) -> str:
    """The name by which calibrations know a model, or a preset with the same network; else its own.

    So a preset, its own config.json and a fine-tuned copy are calibrated by the same runs.
    """
    measured = calibrations.models
    if model.name in measured or not measured:
        return model.name
    own = network(model)
    known = sorted(measured & presets.keys())
    return next((name for name in known if network(presets[name].spec) == own), model.name)


def checkpoint(catalogue: Catalogue, name: str) -> ModelSpec | None:
    """The preset that a quantised checkpoint was made of, in its format; None where its id
    follows no rule that we know."""
    found = base_and_rule(name, catalogue.naming_rules)
    entry = None if found is None else find(catalogue.models, found[0])
    if found is None or entry is None:
        return None
    return in_format_of(entry.spec, name, found[1])


def chosen(entries: Mapping[str, Entry], kind: str, name: str, field: str) -> Entry:
    """The entry a request names at ``field``; raises InvalidInput with the nearest name."""
    entry = find(entries, name)
    if entry is None:
        unknown = unknown_name(kind, name, list(entries))
        raise InvalidInput.at(field, in_another_format(entries, name) or unknown)
    return entry


_FORMAT = re.compile(
    r"[-_](bf16|fp8|fp4|nvfp4|mxfp4|awq|gptq|int[348]|w\da\d+|bnb|4bit|8bit)\b.*$", re.I
)


def in_another_format(entries: Mapping[str, Entry], name: str) -> str | None:
    """A sentence for a checkpoint that is a preset in another number format."""
    base = _FORMAT.sub("", name)
    # Who quantised a checkpoint is seldom who published the model.
    names = (base, base.split("/")[-1]) if base != name else ()
    entry = next((entry for each in names if (entry := find(entries, each))), None)
    if entry is None:
        return None
    return (
        f"'{name}' is {entry.name} in another number format: name {entry.name} and give "
        "inference.weight_dtype, or hand over its config.json"
    )


def looked_up(entries: Mapping[str, Entry], kind: str, name: str) -> Entry:
    """The entry a reader asks for; raises NotFound with the nearest name."""
    entry = find(entries, name)
    if entry is None:
        raise NotFound(unknown_name(kind, name, list(entries)))
    return entry
