"""Named models, chips, topologies and workloads: data files with a source.

The one room of the performance model that reads files.
"""

from llm_simulator.catalogue.catalogue import Catalogue
from llm_simulator.catalogue.entries import (
    CatalogueEntry,
    ChipEntry,
    ModelEntry,
    TopologyEntry,
    WorkloadEntry,
)

__all__ = [
    "Catalogue",
    "CatalogueEntry",
    "ChipEntry",
    "ModelEntry",
    "TopologyEntry",
    "WorkloadEntry",
]
