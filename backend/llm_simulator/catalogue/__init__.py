"""Named models, chips, topologies, workloads and calibrations: data files with a source."""

from llm_simulator.catalogue.loader import builtin_catalogue

__all__ = ["builtin_catalogue"]
