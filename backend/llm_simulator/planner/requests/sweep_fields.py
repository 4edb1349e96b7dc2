"""Which fields of a request a sweep may change, and a request with one of them changed."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput, unknown_name
from llm_simulator.planner.requests.sweep_axes import Axis
from llm_simulator.planner.specs.chip import UNIT_NAMES as CHIP_NAMES
from llm_simulator.planner.specs.link import UNIT_NAMES as LINK_NAMES
from llm_simulator.planner.specs.workload import UNIT_NAMES as LOAD_NAMES
from llm_simulator.units import scaled

FIXED = {
    "search_constraints.objective": "points are compared by one objective",
    "search_constraints.pareto": "points are compared by one objective",
    "search_constraints.top_k": "each point shows its best plan",
    "search_constraints.fold": "each point shows its best plan",
    "search_mode": "one sweep searches or evaluates a plan by hand",
    "calibration": "it follows each point's model, chip and engine",
}
"""Fields that are the same at every point, and why."""
UNIT_NAMES = {**CHIP_NAMES, **LINK_NAMES, **LOAD_NAMES}
TIERS = {"board": "c2c", "rack": "b2b", "pod": "r2r", "cluster": "p2p"}
"""The links of a topology by the tier whose members they connect."""


def check_field(body: Mapping[str, Any], axis: Axis, at: str) -> None:
    """Raises InvalidInput at ``at`` when the request has no such field, or it can't be swept."""
    dotted = ".".join(axis.path)
    for name, why in FIXED.items():
        if dotted == name or dotted.startswith(f"{name}."):
            raise InvalidInput.at(at, f"'{axis.field}' can't be swept: {why}")
    try:
        with_value(body, axis.path, None)
    except InvalidInput as error:
        raise InvalidInput.at(at, error.problems[0].message) from error


def with_value(body: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy of ``body`` with one field set; raises InvalidInput when it has none of that name.

    >>> with_value({"a": {"b": 1, "c": 2}}, ("a", "b"), 3)
    {'a': {'b': 3, 'c': 2}}
    """
    return _set(body, path, value, "")


def _set(tree: Any, path: tuple[str, ...], value: Any, above: str) -> dict[str, Any]:
    if not isinstance(tree, Mapping):
        raise InvalidInput.at(above, f"'{above}' is not given, so nothing in it can be swept")
    name, *below = path
    if not below and name in UNIT_NAMES:
        plain, factor = UNIT_NAMES[name]
        return _set(tree, (plain,), scaled(value, factor), above)
    if above == "topology.links":
        name = TIERS.get(name, name)
    here = f"{above}.{name}" if above else name
    if name not in tree:
        raise InvalidInput.at(here, _unknown(name, above, tree))
    inner = _set(tree[name], tuple(below), value, here) if below else value
    return {**tree, name: inner}


def _unknown(name: str, above: str, tree: Mapping[str, Any]) -> str:
    if above == "topology.links":
        own = " The chip's own link is hardware.chip_to_chip." if name == "c2c" else ""
        return f"the topology has no link {name}; it has {', '.join(tree) or 'none'}.{own}"
    kind = f"field in {above}" if above else "part of the request"
    return unknown_name(kind, name, [str(key) for key in tree])
