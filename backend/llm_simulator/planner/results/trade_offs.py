"""The deployments that no other beats under several objectives at once: an exact Pareto front."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from llm_simulator.planner.costs.prices import usd_per_million_tokens
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.aggregated import table_of
from llm_simulator.planner.results.disaggregated import DisaggregatedPlans
from llm_simulator.planner.results.result import TradeOff, TradeOffPool, TradeOffPools, TradeOffs
from llm_simulator.planner.search.outcome import Aggregated, Disaggregated, FrontPoint
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.ranking import Served
from llm_simulator.planner.serving.steady_state import steady_state
from llm_simulator.units import MILLI


def trade_offs(
    problem: SearchProblem, instances: PlanTable, points: Sequence[FrontPoint]
) -> TradeOffs | None:
    """The front with the figures of each point, in its order; None where none was asked for."""
    if not problem.pareto:
        return None
    found: dict[int, TradeOff] = {}
    candidates = [point.candidate for point in points]
    shared = {row: c for row, c in enumerate(candidates) if isinstance(c, Aggregated)}
    if shared:
        plans = [*shared.values()]
        concurrency = np.array([plan.batch_size for plan in plans])
        figures = _figures(steady_state(problem.deployment, table_of(plans), concurrency))
        found |= {
            row: _point(figures, place, points[row], parallelism=plan.parallelism)
            for place, (row, plan) in enumerate(shared.items())
        }
    paired = {row: c for row, c in enumerate(candidates) if isinstance(c, Disaggregated)}
    if paired:
        pairs = DisaggregatedPlans.of(problem, instances, 0, [*paired.values()])
        figures = _figures(pairs.served)
        found |= {
            row: _point(figures, place, points[row], parallelism=None, pools=_pools(pairs, place))
            for place, row in enumerate(paired)
        }
    return TradeOffs(
        objectives=[objective.value for objective in problem.pareto],
        points=[found[row] for row in range(len(points))],
    )


def _pools(pairs: DisaggregatedPlans, row: int) -> TradeOffPools:
    prefill, decode = (
        TradeOffPool(
            parallelism=pool.degrees(row),
            instances=int(pool.count[row]),
            batch=int(pool.batch[row]),
        )
        for pool in (pairs.prefill, pairs.decode)
    )
    return TradeOffPools(prefill=prefill, decode=decode)


def _figures(served: Served) -> dict[str, Any]:
    """The figures of a point as columns."""
    cost = usd_per_million_tokens(served.usd_per_hour, served.throughput)
    return {
        "throughput": served.throughput,
        "tps_per_chip": served.throughput / served.chips,
        "request_rate": served.request_rate,
        "ttft": served.ttft / MILLI,
        "tpot": served.tpot / MILLI,
        "usd_per_million_output_tokens": cost,
        "joules_per_token": served.watts / served.throughput,
    }


def _point(figures: Mapping[str, Any], row: int, point: FrontPoint, **degrees: Any) -> TradeOff:
    """One point, which has this ``row`` of the ``figures``."""
    candidate = point.candidate
    fields: dict[str, Any] = {name: _known(column, row) for name, column in figures.items()}
    return TradeOff(
        **fields | degrees,
        serving="disaggregated" if isinstance(candidate, Disaggregated) else "aggregated",
        chips=candidate.chips,
        batch_size=candidate.batch_size,
        scores=list(point.scores),
    )


def _known(column: Any, row: int) -> float | None:
    """A figure for JSON, which has no NaN."""
    value = float(np.asarray(column)[row])
    return None if np.isnan(value) else value
