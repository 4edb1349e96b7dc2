"""Reads the data files of this folder."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from llm_simulator.planner.requests.calibrations import (
    CalibrationFile,
    Calibrations,
    read_calibration,
)
from llm_simulator.planner.requests.catalogue import Catalogue, Entry
from llm_simulator.planner.requests.presets import (
    ChipEntry,
    ModelEntry,
    TopologyEntry,
    WorkloadEntry,
)
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.economics import EconomicsSpec
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.topology import TopologySpec
from llm_simulator.planner.specs.validation import validated
from llm_simulator.planner.specs.workload import WorkloadSpec


@cache
def builtin_catalogue() -> Catalogue:
    """The catalogue shipped with the package."""
    root = files("llm_simulator.catalogue")
    facts = tomllib.loads((root / "assumptions.toml").read_text("utf-8"))
    assumptions = _assumptions(facts)
    return Catalogue(
        models=_folder(root / "models", _model),
        chips=_folder(root / "chips", lambda d: _chip(d, assumptions["chip"])),
        topologies=_folder(root / "topologies", _topology),
        workloads=_folder(root / "workloads", lambda d: _workload(d, assumptions["workload"])),
        calibrations=Calibrations(
            assumed=assumptions["engine"], files=_calibrations(root / "calibrations")
        ),
        assumptions=assumptions,
        economics=_economics(facts["economics"]),
    )


def _folder(folder: Traversable, read: Callable[[dict[str, Any]], Entry]) -> Mapping[str, Entry]:
    paths = sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name)
    entries = {}
    for path in paths:
        name = path.name.removesuffix(".toml")
        entries[name] = read(tomllib.loads(path.read_text("utf-8")) | {"name": name})
    return MappingProxyType(entries)


def _calibrations(folder: Traversable) -> tuple[CalibrationFile, ...]:
    paths = sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name)
    return tuple(read_calibration(tomllib.loads(p.read_text("utf-8")), p.name) for p in paths)


def _assumptions(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType(
        {
            part: MappingProxyType({name: fact["value"] for name, fact in facts.items()})
            for part, facts in document.items()
        }
    )


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
    return ModelEntry(**_head(data), spec=spec, **{key: data[key] for key in counts})


def _chip(data: dict[str, Any], assumptions: Mapping[str, Any]) -> ChipEntry:
    fields = dict(assumptions) | data["chip"] | {"name": data["name"]}
    return ChipEntry(**_head(data), spec=validated(ChipSpec, fields, data["name"]))


def _topology(data: dict[str, Any]) -> TopologyEntry:
    fields = data["topology"] | {"name": data["name"]}
    return TopologyEntry(**_head(data), spec=validated(TopologySpec, fields, data["name"]))


def _workload(data: dict[str, Any], assumptions: Mapping[str, Any]) -> WorkloadEntry:
    fields = dict(assumptions) | data["workload"]
    return WorkloadEntry(**_head(data), spec=validated(WorkloadSpec, fields, data["name"]))
