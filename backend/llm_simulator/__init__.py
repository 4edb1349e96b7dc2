"""Tier6: which parallel plan, on which chips and topology, serves this model, and how fast.

>>> from llm_simulator import evaluate_deployment

What is in ``__all__`` is the public API; it is imported when it is first asked for.
"""

import gc
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llm_simulator.evaluate import (
        evaluate_candidates,
        evaluate_deployment,
        evaluate_request,
    )
    from llm_simulator.explanations import explain
    from llm_simulator.planner.explain.explanation import Explanation
    from llm_simulator.planner.results.plan import InfeasiblePlan, Plan
    from llm_simulator.planner.results.result import EvaluationResult, SearchStats

__version__ = "0.1.0"

__all__ = [
    "EvaluationResult",
    "Explanation",
    "InfeasiblePlan",
    "Plan",
    "SearchStats",
    "__version__",
    "evaluate_candidates",
    "evaluate_deployment",
    "evaluate_request",
    "explain",
]

_MODULES = {
    "EvaluationResult": "llm_simulator.planner.results.result",
    "Explanation": "llm_simulator.planner.explain.explanation",
    "InfeasiblePlan": "llm_simulator.planner.results.plan",
    "Plan": "llm_simulator.planner.results.plan",
    "SearchStats": "llm_simulator.planner.results.result",
    "evaluate_candidates": "llm_simulator.evaluate",
    "evaluate_deployment": "llm_simulator.evaluate",
    "evaluate_request": "llm_simulator.evaluate",
    "explain": "llm_simulator.explanations",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    collects = gc.isenabled()
    # Modules stay: looking for garbage among them while they come takes a tenth of their import.
    gc.disable()
    try:
        return getattr(import_module(_MODULES[name]), name)
    finally:
        if not gc.get_freeze_count():  # What others have frozen stays so.
            # All there is goes to the oldest generation without being looked at.
            gc.freeze()
            gc.unfreeze()
        if collects:
            gc.enable()


def __dir__() -> list[str]:
    return __all__
