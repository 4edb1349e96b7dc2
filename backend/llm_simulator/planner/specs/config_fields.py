"""Fields of a ``config.json``, read with an error that names the one that is wrong."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput

NEMOTRON_LETTERS = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}
"""Kinds of layers in ``hybrid_override_pattern`` of Nemotron-H."""


def listed(config: Mapping[str, Any], name: str, field: str) -> list[Any]:
    """The list under ``name``, empty where there is none."""
    value = config.get(name)
    if value is not None and not isinstance(value, list):
        raise InvalidInput.at(f"{field}.{name}", "must be a list")
    return value or []


def nested(config: Mapping[str, Any], name: str, field: str) -> Mapping[str, Any]:
    """The object under ``name``, empty where there is none."""
    value = config.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise InvalidInput.at(f"{field}.{name}", "must be an object")
    return value or {}
