"""Reads the data files of this folder."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, get_args

from llm_simulator.catalogue.calibration_files import stored_calibration
from llm_simulator.planner.requests.calibrations import CalibrationFile, Calibrations
from llm_simulator.planner.requests.catalogue import Catalogue, Entry
from llm_simulator.planner.requests.checkpoints import NamingRule
from llm_simulator.planner.requests.presets import (
    ChipEntry,
    ModelEntry,
    TopologyEntry,
    WorkloadEntry,
)
from llm_simulator.planner.specs.calibration import Provenance
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.economics import EconomicsSpec
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.topology import TopologySpec
from llm_simulator.planner.specs.uncertainty import Correlation
from llm_simulator.planner.specs.validation import validated
from llm_simulator.planner.specs.workload import WorkloadSpec


@cache
def builtin_catalogue() -> Catalogue:
    """The catalogue shipped with the package."""
    root = files("llm_simulator.catalogue")
    facts = tomllib.loads((root / "assumptions.toml").read_text("utf-8"))
    assumptions = _assumptions(facts)
    return Catalogue(
        models=_Folder(root / "models", _model),
        chips=_Folder(root / "chips", lambda d: _chip(d, assumptions["chip"])),
        topologies=_Folder(root / "topologies", _topology),
        workloads=_Folder(root / "workloads", lambda d: _workload(d, assumptions["workload"])),
        calibrations=Calibrations(
            assumed=assumptions["engine"], files=_calibrations(root / "calibrations")
        ),
        assumptions=assumptions,
        economics=_economics(facts["economics"]),
        correlations=_correlations(tomllib.loads((root / "uncertainty.toml").read_text("utf-8"))),
        naming_rules=_naming_rules(tomllib.loads((root / "checkpoints.toml").read_text("utf-8"))),
    )


class _Folder(Mapping[str, Entry]):
    """The entries of a folder's files in the order of their names, each read when first asked for.

    Reading all takes tens of milliseconds, and a request names one or two.
    """

    def __init__(self, folder: Traversable, read: Callable[[dict[str, Any]], Entry]) -> None:
        self._paths = {path.name.removesuffix(".toml"): path for path in _data_files(folder)}
        self._read = read
        self._entries: dict[str, Entry] = {}

    def __getitem__(self, name: str) -> Entry:
        if name not in self._entries:
            data = tomllib.loads(self._paths[name].read_text("utf-8"))
            self._entries[name] = self._read(data | {"name": name})
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _data_files(folder: Traversable) -> list[Traversable]:
    return sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name)


def _calibrations(folder: Traversable) -> tuple[CalibrationFile, ...]:
    return tuple(stored_calibration(p.read_text("utf-8"), p.name) for p in _data_files(folder))


def _assumptions(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType(
        {
            part: MappingProxyType({name: fact["value"] for name, fact in facts.items()})
            for part, facts in document.items()
        }
    )


def _correlations(document: Mapping[str, Any]) -> Mapping[Provenance, Correlation]:
    kinds: tuple[Provenance, ...] = get_args(Provenance)
    return MappingProxyType(
        {kind: validated(Correlation, document[kind], f"uncertainty.{kind}") for kind in kinds}
    )


def _naming_rules(document: Mapping[str, Any]) -> tuple[NamingRule, ...]:
    return tuple(validated(NamingRule, rule, "checkpoints") for rule in document["rules"])


def _economics(facts: Mapping[str, Any]) -> EconomicsSpec:
    values = {name: fact["value"] for name, fact in facts.items()}
    sources = {name: fact["source"] for name, fact in facts.items()}
    return validated(EconomicsSpec, values | {"sources": sources}, "assumptions.economics")


def _head(data: Mapping[str, Any]) -> dict[str, Any]:
    head = {key: data[key] for key in ("name", "title", "source", "entered")}
    return head | {"aliases": tuple(data["aliases"])}


def _model(data: dict[str, Any]) -> ModelEntry:
    spec = validated(ModelSpec, data["model"] | {"name": data["name"]}, data["name"])
    counts = ("published_parameters", "published_active_parameters")
    return ModelEntry(
        **_head(data),
        spec=spec,
        active_parameters_without=tuple(data.get("active_parameters_without", ())),
        **{key: data[key] for key in counts},
    )


def _chip(data: dict[str, Any], assumptions: Mapping[str, Any]) -> ChipEntry:
    fields = dict(assumptions) | data["chip"] | {"name": data["name"]}
    return ChipEntry(**_head(data), spec=validated(ChipSpec, fields, data["name"]))


def _topology(data: dict[str, Any]) -> TopologyEntry:
    fields = data["topology"] | {"name": data["name"]}
    return TopologyEntry(**_head(data), spec=validated(TopologySpec, fields, data["name"]))


def _workload(data: dict[str, Any], assumptions: Mapping[str, Any]) -> WorkloadEntry:
    fields = dict(assumptions) | data["workload"]
    return WorkloadEntry(**_head(data), spec=validated(WorkloadSpec, fields, data["name"]))
