"""Routes of the catalogue."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from llm_simulator.api.errors import documented
from llm_simulator.api.tasks import Serving
from llm_simulator.planner.requests.catalogue import looked_up
from llm_simulator.planner.requests.presets import CatalogueEntry
from llm_simulator.planner.requests.support import support_matrix
from llm_simulator.schemas.catalogue import (
    CalibrationList,
    ChipList,
    ModelList,
    Preset,
    SupportMatrix,
    TopologyList,
    WorkloadList,
)

router = APIRouter(prefix="/api/catalogue", tags=["catalogue"])


@router.get("/models", responses=documented())
def models(service: Serving) -> ModelList:
    """Neural networks."""
    return ModelList.model_validate({"models": _summaries(service.catalogue.models)})


@router.get("/models/{name}", responses=documented(404))
def model(name: str, service: Serving) -> Preset:
    """One neural network, by name or alias."""
    return _preset(service.catalogue.models, "model", name)


@router.get("/chips", responses=documented())
def chips(service: Serving) -> ChipList:
    """Accelerators."""
    return ChipList.model_validate({"chips": _summaries(service.catalogue.chips)})


@router.get("/chips/{name}", responses=documented(404))
def chip(name: str, service: Serving) -> Preset:
    """One accelerator, by name or alias."""
    return _preset(service.catalogue.chips, "chip", name)


@router.get("/topologies", responses=documented())
def topologies(service: Serving) -> TopologyList:
    """Clusters."""
    return TopologyList.model_validate({"topologies": _summaries(service.catalogue.topologies)})


@router.get("/topologies/{name}", responses=documented(404))
def topology(name: str, service: Serving) -> Preset:
    """One cluster."""
    return _preset(service.catalogue.topologies, "topology", name)


@router.get("/calibrations", responses=documented())
def calibrations(service: Serving) -> CalibrationList:
    """Calibrations, each with the errors it makes on runs it has not seen."""
    files = service.catalogue.calibrations.files
    return CalibrationList.model_validate({"calibrations": [file.summary() for file in files]})


@router.get("/support", responses=documented())
def support(service: Serving) -> SupportMatrix:
    """What predictions of each measured model, chip and engine rest on, and how far off."""
    cells = [asdict(cell) for cell in support_matrix(service.catalogue.calibrations)]
    return SupportMatrix.model_validate({"cells": cells})


@router.get("/workloads", responses=documented())
def workloads(service: Serving) -> WorkloadList:
    """Loads."""
    return WorkloadList.model_validate({"workloads": _summaries(service.catalogue.workloads)})


@router.get("/workloads/{name}", responses=documented(404))
def workload(name: str, service: Serving) -> Preset:
    """One load."""
    return _preset(service.catalogue.workloads, "workload", name)


def _summaries(entries: Mapping[str, CatalogueEntry]) -> list[dict[str, Any]]:
    return [entry.summary() for entry in entries.values()]


def _preset(entries: Mapping[str, CatalogueEntry], kind: str, name: str) -> Preset:
    return Preset.model_validate(looked_up(entries, kind, name).as_json())
