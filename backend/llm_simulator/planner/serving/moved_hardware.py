"""One plan as it is and with each figure of its hardware moved a little: rows of one table."""

from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.costs.memory import running_requests
from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.batching import batching
from llm_simulator.planner.serving.hardware_figures import (
    HardwareFigure,
    hardware_figures,
    moved_by,
    scaled_rows,
)
from llm_simulator.planner.serving.steady_state import Serving, load_correction, served_by
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import Array


@dataclass(frozen=True)
class Moved:
    """A plan served by hardware whose figures are moved, a row each as ``moved_by`` says."""

    figures: tuple[HardwareFigure, ...]
    rows: Serving
    as_it_is: Serving
    """The last row alone."""


def moved(deployment: Deployment, plan: PlanTable, requests: Array) -> Moved:
    """The only ``plan`` of a table, serving ``requests`` per rank, each figure moved alone."""
    figures = tuple(hardware_figures(deployment, int(plan.chips[0])))
    factors = moved_by(len(figures))
    rows = np.zeros(factors.shape[1], dtype=np.int64)
    running = np.asarray(running_requests(deployment, requests))
    found = served_by(
        StepCostModel(scaled_rows(deployment, figures, factors), plan[rows]),
        batching(deployment, plan[rows], running[rows]),
        load_correction(deployment, plan, running),
        turns=(requests / running - 1)[rows],
    )
    return Moved(figures, found, found.only(len(rows) - 1, deployment, plan))
