"""Deployments that tests put together from the catalogue."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.evaluate import evaluate_deployment, evaluate_request
from llm_simulator.planner.operators.context import Context
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.requests.calibrations import Calibrations, Subject
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.serving.steady_state import SteadyState, steady_state
from llm_simulator.planner.specs.calibration import Calibration
from llm_simulator.planner.specs.deployment import Deployment, deployment

CATALOGUE = builtin_catalogue()

UNCALIBRATED = Calibrations(CATALOGUE.assumptions["engine"], ()).calibration(Subject())
"""The bare formulas."""

PLAIN = UNCALIBRATED.model_copy(
    update={
        "factors": UNCALIBRATED.factors.model_copy(
            update={
                "step_overhead": 1.0,
                "queueing": 1.0,
                "admission_steps": 1e-12,
                "request_overhead": 1e-15,
                "first_token_overhead": 1e-15,
                "prompt_token_overhead": 1e-15,
            }
        )
    }
)
"""Nothing but steps and queues: for hand calculations."""


def read(body: Mapping[str, Any]) -> EvaluationRequest:
    """The request in ``body``, with the presets of the catalogue."""
    return EvaluationRequest.parse(body, CATALOGUE)


def evaluated(body: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a request as it is stored."""
    return evaluate_request(body).as_json()


def evaluated_deployment(**parts: Any) -> dict[str, Any]:
    """The result of a request as it is stored, its parts given one by one."""
    return evaluate_deployment(**parts).as_json()


def catalogued(
    model: str = "llama-3.1-70b",
    chip: str = "h100-sxm",
    topology: str = "server-8",
    *,
    chip_changes: dict[str, Any] | None = None,
    topology_changes: dict[str, Any] | None = None,
    model_changes: dict[str, Any] | None = None,
    calibration: Calibration | None = None,
    **load: Any,
) -> Deployment:
    """A deployment of catalogue entries, with fields changed; 64 requests of 1k in, 1k out."""
    return deployment(
        model=CATALOGUE.models[model].spec.model_copy(update=model_changes or {}),
        chip=CATALOGUE.chips[chip].spec.model_copy(update=chip_changes or {}),
        topology=CATALOGUE.topologies[topology].spec.model_copy(update=topology_changes or {}),
        workload=CATALOGUE.workloads["chat"].spec.model_copy(update=load),
        calibration=calibration or UNCALIBRATED,
    )


def plan(**degrees: int) -> PlanTable:
    """The table of one plan; degrees left out are 1."""
    return PlanTable.of({"dp": 1, "tp": 1, "pp": 1, "ep": 1, "sp": 1, "moe_tp": 1} | degrees)


def served(deployed: Deployment, **degrees: int) -> SteadyState:
    """The steady state of one plan."""
    return steady_state(deployed, plan(**degrees))


def decode_context(
    deployed: Deployment, *, requests: int, context: float, **degrees: int
) -> Context:
    """A decode step of ``requests`` per rank, each attending to ``context`` tokens."""
    step = Step(np.zeros(1), 1, 1, np.array([float(requests)]), context)
    return Context(deployed, plan(**degrees), step)


def prompt_context(
    deployed: Deployment, *, length: int, chunks: int = 1, **degrees: int
) -> Context:
    """A step with one chunk of a prompt of ``length`` tokens and nothing else."""
    return Context(deployed, plan(**degrees), Step(np.ones(1), length, chunks, np.zeros(1), 0.0))
