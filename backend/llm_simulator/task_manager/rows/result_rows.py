"""A result as rows of evaluation_results."""

from collections.abc import Mapping, Sequence
from typing import Any

from llm_simulator.models import now
from llm_simulator.schemas.tasks import Findings

DEGREES = ("dp", "tp", "pp", "ep", "sp", "moe_tp")
"""Degrees that have columns; the others stand in the plan alone."""
FIGURES = ("throughput", "tps_per_chip", "ttft", "tpot", "mfu", "mbu", "score")
FINDINGS = tuple(Findings.model_fields)


def findings(result: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the result has beside plans; None when it has nothing."""
    return {name: result[name] for name in FINDINGS if result.get(name)} or None


def without_breakdown(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan that does not fit as it is stored and shown: nobody looks at its breakdown, two thirds
    of it, and ``explain`` has it on demand."""
    return {**plan, "latency": None}


def value_at(content: Any, path: Sequence[str]) -> Any:
    """What stands at the path in a stored plan or row; None where there is nothing.

    >>> value_at({"memory": {"total_gb": 80.0}}, ("memory", "total_gb"))
    80.0
    """
    for name in path:
        if not isinstance(content, dict):
            return None
        content = content.get(name)
    return content


def result_rows(task_row: int, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each plan of the result, feasible or not."""
    moment = now()
    plans: Sequence[Mapping[str, Any]] = [*result["top_k_plans"], *result["infeasible_plans"]]
    return [
        {
            "task_id": task_row,
            "rank": plan.get("rank"),
            **{name: plan["parallelism"][name] for name in DEGREES},
            "chips": plan["chips"],
            **{name: plan.get(name) for name in FIGURES},
            "is_feasible": plan["is_feasible"],
            "infeasible_reason": plan["infeasible_reason"],
            "full_result": plan if plan["is_feasible"] else without_breakdown(plan),
            "created_at": moment,
        }
        for plan in plans
    ]
