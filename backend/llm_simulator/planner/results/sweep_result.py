"""What becomes of a point's result in the table of its sweep, and how points compare."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from llm_simulator.planner.results.result import EvaluationResult, PlanResult, SearchStats
from llm_simulator.planner.results.sweep_table import SweepPoint

_FIGURES = (
    "parallelism",
    "attention_dp",
    "replicas",
    "chips",
    "serving",
    "throughput",
    "tps_per_chip",
    "ttft",
    "tpot",
    "mfu",
    "mbu",
    "score",
    "ttft_low",
    "ttft_high",
    "tpot_low",
    "tpot_high",
    "throughput_low",
    "throughput_high",
    "provenance",
)
_COSTS = ("usd_per_hour", "usd_per_million_output_tokens", "joules_per_token")


def point_of(index: list[int], result: EvaluationResult, batch_size: int) -> SweepPoint:
    """The point of a search's result, under a load of ``batch_size``."""
    plan = (result["top_k_plans"] or result["infeasible_plans"])[0]
    stats = result["search_stats"]
    figures = cast("Mapping[str, Any]", plan)
    costs: Mapping[str, Any] = figures.get("economics") or {}
    row: dict[str, Any] = {
        "index": index,
        "feasible": plan["is_feasible"],
        "reason": plan["infeasible_reason"],
        "reason_code": plan["reason_code"],
        "overshoot": _overshoot(plan),
        "plans": stats["evaluated_plans"],
        "feasible_plans": stats["feasible_plans"],
        **{name: figures[name] for name in _FIGURES},
        "batch_size": figures.get("batch_size", batch_size),
        "memory_gb": plan["memory"]["total_gb"],
        **{name: costs.get(name) for name in _COSTS},
    }
    return SweepPoint(**row)


def _overshoot(plan: PlanResult) -> float | None:
    ratios = [limit["needed"] / limit["available"] for limit in plan["missed_limits"]]
    return max(ratios, default=None)


def best_point(points: Sequence[SweepPoint]) -> int:
    """The place of the best one: the highest score, then the fewest chips, then the first.

    Where no point is feasible, the one that misses its limits by least.
    """

    def rank(place: int) -> tuple[bool, float, int, list[int]]:
        point = points[place]
        worse = point["overshoot"] if point["score"] is None else -point["score"]
        return (not point["feasible"], worse or 0.0, point["chips"], point["index"])

    return min(range(len(points)), key=rank)


def no_stats() -> SearchStats:
    """What adds nothing to other statistics."""
    return added_stats([])


def added_stats(stats: Sequence[SearchStats]) -> SearchStats:
    """The statistics of several searches together: counts add up, also those by reason."""
    total: dict[str, Any] = {}
    for part in stats:
        total = _added(total, part)
    return cast("SearchStats", total)


def _added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return dict(one) | {name: _sum(one.get(name), value) for name, value in other.items()}


def _sum(one: Any, other: Any) -> Any:
    """Two counts, or counts by reason; what only one of them has is the sum."""
    if one is None or other is None:
        return other if one is None else one
    if isinstance(other, Mapping):
        return dict(sorted(_added(one, other).items()))
    return one + other
