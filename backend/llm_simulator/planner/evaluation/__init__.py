"""The one public entry of the performance model: evaluate a deployment, whole or chunk by chunk."""

from llm_simulator.planner.evaluation.deployment import evaluate_deployment, evaluate_request
from llm_simulator.planner.evaluation.preparation import PreparedSearch, prepare
from llm_simulator.planner.evaluation.work import (
    Work,
    assemble,
    evaluate_chunk,
    parse_request,
    planned_work,
    running_stats,
    work_of,
)
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.requests.sweep_request import SweepRequest
from llm_simulator.planner.results.result import EvaluationResult, SearchStats

__all__ = [
    "EvaluationRequest",
    "EvaluationResult",
    "PreparedSearch",
    "SearchStats",
    "SweepRequest",
    "Work",
    "assemble",
    "evaluate_chunk",
    "evaluate_deployment",
    "evaluate_request",
    "parse_request",
    "planned_work",
    "prepare",
    "running_stats",
    "work_of",
]
