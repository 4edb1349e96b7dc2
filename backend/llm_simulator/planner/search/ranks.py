"""Data-parallel ranks of a deployment at work, the few of a small table remembered."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from llm_simulator.planner.costs.memory import ResidentMemory, held_by, resident_memory
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.moved_hardware import Moved, moved
from llm_simulator.planner.serving.steady_state import FEW, Serving, serving
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array

REMEMBERED = 16
"""Tables of a few plans that are remembered."""


@dataclass(frozen=True)
class Ranks:
    """What ranks do and hold: what a chunk found of a few plans is also what is shown of them."""

    deployment: Deployment

    def serving(self, plans: PlanTable, requests: Array) -> Serving:
        """Every plan of the table serving ``requests`` per rank."""
        found: Serving = self._known("serving", serving, plans, requests)
        return found

    def moved(self, plan: PlanTable, requests: Array) -> Moved:
        """The only plan of a table, also with each figure of its hardware moved."""
        found: Moved = self._known("moved", moved, plan, requests)
        self._known("serving", lambda *_: found.as_it_is, plan, requests)
        return found

    def memory(self, plans: PlanTable, requests: Array) -> ResidentMemory:
        """What a chip of every plan holds."""
        found: ResidentMemory = self._known("memory", _memory, plans, requests)
        return found

    @cached_property
    def _tables(self) -> dict[tuple[str | bytes, ...], Any]:
        return {}

    def _known(
        self, what: str, formula: Callable[..., Any], plans: PlanTable, requests: Array
    ) -> Any:
        if len(plans) > FEW:
            return formula(self.deployment, plans, requests)
        columns = (getattr(plans, field.name) for field in fields(plans))
        key = (what, requests.tobytes(), *(column.tobytes() for column in columns))
        found = self._tables.get(key)
        if found is None:
            found = formula(self.deployment, plans, requests)
            if len(self._tables) >= REMEMBERED:
                self._tables.clear()
            self._tables[key] = found
        return found


def _memory(deployment: Deployment, plans: PlanTable, requests: Array) -> ResidentMemory:
    return resident_memory(deployment, plans, held_by(deployment, requests))
