"""The one public entry of the performance model: evaluate a deployment, whole or chunk by chunk."""

from llm_simulator.evaluation.deployment import evaluate_deployment, evaluate_request
from llm_simulator.evaluation.preparation import PreparedSearch, prepare
from llm_simulator.evaluation.request import EvaluationRequest
from llm_simulator.evaluation.result import EvaluationResult, SearchStats
from llm_simulator.evaluation.search import assemble, evaluate_chunk, running_stats

__all__ = [
    "EvaluationRequest",
    "EvaluationResult",
    "PreparedSearch",
    "SearchStats",
    "assemble",
    "evaluate_chunk",
    "evaluate_deployment",
    "evaluate_request",
    "prepare",
    "running_stats",
]
