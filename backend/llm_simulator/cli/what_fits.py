"""What would fit where nothing does: the nearest plan's smallest changes, each evaluated."""

import math
from typing import get_args

from rich.console import Console

from llm_simulator.cli.plan_names import plan_name
from llm_simulator.planner.results.plan import InfeasiblePlan, MissedLimit
from llm_simulator.planner.results.result import EvaluationResult
from llm_simulator.planner.specs.search import Percentile

RATE = "min_request_rate"
LIMITS = {
    "max_ttft": "a TTFT limit",
    "max_tpot": "a TPOT limit",
    "max_e2e_latency": "an E2E latency limit",
    RATE: "a rate",
}
"""Limits that a user may loosen, by their code."""

AT_A_PERCENTILE = tuple(f"_{percentile}" for percentile in get_args(Percentile))
"""Ends of the codes of limits that only a percentile misses."""


def print_what_fits(result: EvaluationResult, console: Console) -> None:
    """Prints after which change of the request the plan nearest to fitting keeps all limits."""
    if not result.infeasible_plans:
        return
    nearest = result.infeasible_plans[0]
    console.print(f"What would make {plan_name(nearest)} on {nearest.chips} chips fit:")
    sentences = [change.sentence for change in result.ways_out]
    for sentence in [*sentences, *_looser_limits(nearest)]:
        console.print(f"  {sentence}", highlight=False)
    if nearest.reason_code.endswith(AT_A_PERCENTILE):
        console.print(
            "  was not looked for: it keeps the limits in the mean, by which changes are judged"
        )
    elif not sentences:
        console.print("  no single change of load, chips, memory or formats")


def _looser_limits(plan: InfeasiblePlan) -> list[str]:
    """The limits that the plan keeps as it is, where no more than limits is missed."""
    missed = plan.missed_limits
    if any(miss.code not in LIMITS for miss in missed):
        return []
    return [
        "; ".join(
            f"{LIMITS[miss.code]} of {_kept(miss)} in place of {_asked(miss):g}" for miss in missed
        )
    ]


def _kept(miss: MissedLimit) -> str:
    """The limit that is just kept."""
    if miss.code == RATE:
        return f"{miss.available:.4g} requests/s"
    return f"{math.ceil(miss.needed * 100) / 100:g} ms"


def _asked(miss: MissedLimit) -> float:
    return miss.needed if miss.code == RATE else miss.available
