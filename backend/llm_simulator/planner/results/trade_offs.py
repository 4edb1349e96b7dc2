"""The deployments that no other beats under several objectives at once: an exact Pareto front."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from llm_simulator.planner.costs.economics import usd_per_million_tokens
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.figures import table_of
from llm_simulator.planner.results.pool_figures import pairs_of
from llm_simulator.planner.results.result import TradeOff, TradeOffs
from llm_simulator.planner.search.outcome import FrontPoint
from llm_simulator.planner.search.question import Question
from llm_simulator.planner.search.ranking import Served
from llm_simulator.planner.serving.steady_state import steady_state
from llm_simulator.units import MILLI


def trade_offs(
    question: Question, instances: PlanTable, points: Sequence[FrontPoint]
) -> TradeOffs | None:
    """The front with the figures of each point, in its order; None where none was asked for."""
    if not question.pareto:
        return None
    shared = [row for row, point in enumerate(points) if "prefill" not in point]
    paired = [row for row, point in enumerate(points) if "prefill" in point]
    found: dict[int, TradeOff] = {}
    if shared:
        chosen = [points[row] for row in shared]
        concurrency = np.array([point["batch_size"] for point in chosen])
        served = steady_state(question.deployment, table_of(chosen), concurrency)
        found |= dict(zip(shared, _shown(served, chosen), strict=True))
    if paired:
        chosen = [points[row] for row in paired]
        pairs = pairs_of(question, instances, chosen)
        shown = _shown(pairs.matched, chosen)
        for row, trade_off in enumerate(shown):
            trade_off["pools"] = {
                name: {
                    "parallelism": pool.plans[np.array([row])].rows()[0],
                    "instances": int(pool.count[row]),
                    "batch": int(pool.batch[row]),
                }
                for name, pool in (("prefill", pairs.prefill), ("decode", pairs.decode))
            }
        found |= dict(zip(paired, shown, strict=True))
    return TradeOffs(
        objectives=[objective.value for objective in question.pareto],
        points=[found[row] for row in range(len(points))],
    )


def _shown(served: Served, points: Sequence[FrontPoint]) -> list[TradeOff]:
    cost = usd_per_million_tokens(served.usd_per_hour, served.throughput)
    columns: dict[str, Any] = {
        "throughput": served.throughput,
        "tps_per_chip": served.throughput / served.chips,
        "request_rate": served.request_rate,
        "ttft": served.ttft / MILLI,
        "tpot": served.tpot / MILLI,
        "usd_per_million_output_tokens": cost,
        "joules_per_token": served.watts / served.throughput,
    }
    return [
        TradeOff(
            parallelism=point["parallelism"] or None,
            serving="disaggregated" if "prefill" in point else "aggregated",
            chips=point["chips"],
            batch_size=point["batch_size"],
            scores=point["scores"],
            **{name: _known(column, row) for name, column in columns.items()},  # pyright: ignore[reportArgumentType]
        )
        for row, point in enumerate(points)
    ]


def _known(column: Any, row: int) -> float | None:
    """A figure for JSON, which has no NaN."""
    value = float(np.asarray(column)[row])
    return None if np.isnan(value) else value
