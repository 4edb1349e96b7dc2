"""What becomes of a point's result in the table of its sweep, and how points compare."""

from collections.abc import Sequence
from typing import Any

from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.results.sweep_table import SweepPoint

_FIGURES = (
    "parallelism",
    "attention_dp",
    "replicas",
    "chips",
    "batch_size",
    "serving",
    "throughput",
    "tps_per_chip",
    "ttft",
    "tpot",
    "mfu",
    "mbu",
    "score",
    "reason_code",
    "ttft_low",
    "ttft_high",
    "tpot_low",
    "tpot_high",
    "throughput_low",
    "throughput_high",
    "provenance",
    "engines",
)
_COSTS = ("usd_per_hour", "usd_per_million_output_tokens", "joules_per_token")


def point_of(index: list[int], result: EvaluationResult) -> SweepPoint:
    """The point of a search's result."""
    plan = (result.top_k_plans or result.infeasible_plans)[0]
    stats, economics, memory = result.search_stats, plan.economics, plan.memory
    row: dict[str, Any] = {
        "index": index,
        "feasible": plan.is_feasible,
        "reason": plan.infeasible_reason,
        "overshoot": max((lim.needed / lim.available for lim in plan.missed_limits), default=None),
        "plans": stats.evaluated_plans,
        "feasible_plans": stats.feasible_plans,
        **{name: getattr(plan, name) for name in _FIGURES},
        "memory_gb": memory and memory.total_gb,
        **{name: getattr(economics, name, None) for name in _COSTS},
    }
    return SweepPoint(**row)


def best_point(points: Sequence[SweepPoint]) -> int:
    """The place of the best one: the highest score, then the fewest chips, then the first.

    Where no point is feasible, the one that misses its limits by least.
    """

    def rank(place: int) -> tuple[bool, float, int, list[int]]:
        point = points[place]
        worse = point.overshoot if point.score is None else -point.score
        return (not point.feasible, worse or 0.0, point.chips, point.index)

    return min(range(len(points)), key=rank)
