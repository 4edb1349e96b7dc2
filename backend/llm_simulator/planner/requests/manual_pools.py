"""How a request gives a disaggregated deployment: both pools, in manual mode."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.pools import ManualPools
from llm_simulator.planner.specs.search import SearchConstraints, ServingMode
from llm_simulator.planner.specs.validation import validated


def manual_pools_of(mode: str, body: Mapping[str, Any]) -> ManualPools | None:
    """The pools that a request's ``body`` gives; raises InvalidInput where they contradict it."""
    data = body.get("manual_pools")
    if data is None:
        return None
    if mode != "manual":
        raise InvalidInput.at("manual_pools", "is one given deployment: set search_mode to manual")
    if body.get("manual_parallelism") is not None:
        raise InvalidInput.at(
            "manual_pools",
            "stands beside manual_parallelism: give one plan, or a plan for each pool",
        )
    return validated(ManualPools, data, "manual_pools")


def served_by_pools(constraints: SearchConstraints, given: object) -> SearchConstraints:
    """The constraints of a request with pools, which serve disaggregated unless it says else."""
    says_how = isinstance(given, Mapping) and given.get("serving") is not None
    if not says_how:
        return constraints.model_copy(update={"serving": ServingMode.DISAGGREGATED})
    if constraints.serving is not ServingMode.DISAGGREGATED:
        raise InvalidInput.at(
            "search_constraints.serving",
            f"is {constraints.serving.value}, and manual_pools serve disaggregated: leave it out",
        )
    return constraints
