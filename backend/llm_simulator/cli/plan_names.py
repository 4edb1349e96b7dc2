"""What a plan is called in a terminal."""

from collections.abc import Sequence

from llm_simulator.planner.plans.engine_rules import ENGINE_NAMES
from llm_simulator.planner.results.plan_names import degrees_name, plan_name
from llm_simulator.planner.specs.calibration import Engine

__all__ = ["degrees_name", "engine_initials", "plan_name"]


def engine_initials(engines: Sequence[Engine] | None) -> str:
    """The initials of the engines that start a plan; nothing where they aren't known."""
    if engines is None:
        return ""
    return " ".join(ENGINE_NAMES[engine][0].upper() for engine in engines) or "none"
