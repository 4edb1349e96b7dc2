"""A result's plans as rows of evaluation_results."""

from collections.abc import Mapping, Sequence
from typing import Any

from llm_simulator.models import now
from llm_simulator.schemas.tasks import Findings

DEGREES = ("dp", "tp", "pp", "ep", "sp", "moe_tp")
"""Degrees that have columns; the others stand in the plan alone."""
FIGURES = ("throughput", "tps_per_chip", "ttft", "tpot", "mfu", "mbu", "score")
NAMING = ("batch_size", "serving", "reason_code")
FINDINGS = tuple(Findings.model_fields)


def findings(result: Mapping[str, Any]) -> dict[str, Any]:
    """What the result has beside plans."""
    return {name: result[name] for name in FINDINGS if result.get(name)}


def stored_plans(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The result's plans as they are stored."""
    return [*result["top_k_plans"], *result["infeasible_plans"]]


def without_breakdown(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan that does not fit as it is stored and shown: nobody looks at its breakdown, two thirds
    of it, and ``explain`` has it on demand."""
    return {**plan, "latency": None}


def named(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What names a plan beside the columns of its row, as far as it has it; no degree of 1.

    >>> named({"batch_size": 64, "attention_dp": 1, "parallelism": {"tp": 8, "dcp": 2}})
    {'batch_size': 64, 'dcp': 2}
    """
    found = {name: plan[name] for name in NAMING if plan.get(name) is not None}
    degrees = {"attention_dp": plan.get("attention_dp"), "dcp": plan["parallelism"].get("dcp")}
    return found | {name: degree for name, degree in degrees.items() if (degree or 1) > 1}


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


def result_rows(task_row: int, plans: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each of the plans, feasible or not."""
    moment = now()
    return [
        {
            "task_id": task_row,
            "rank": plan.get("rank"),
            **{name: plan["parallelism"][name] for name in DEGREES},
            "chips": plan["chips"],
            **{name: plan.get(name) for name in FIGURES},
            "is_feasible": plan["is_feasible"],
            "infeasible_reason": plan["infeasible_reason"],
            "full_result": named(plan),
            "created_at": moment,
        }
        for plan in plans
    ]
