"""By how many percent a plan's figures change per percent of each hardware figure.

Everything that takes time together makes 1 % per percent.
ResidentMemory capacity takes no time: it decides how many requests fit.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np

from llm_simulator.planner.costs.memory import (
    ResidentMemory,
    held_by,
    requests_per_rank,
    resident_memory,
    running_requests,
)
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.aggregated import table_of
from llm_simulator.planner.results.disaggregated import ChosenPools, matched
from llm_simulator.planner.results.elasticities import Elasticities
from llm_simulator.planner.results.largest import largest_within
from llm_simulator.planner.results.plan import (
    Bottleneck,
    Bottlenecks,
    Effect,
    MemoryHeadroom,
    Sensitivity,
)
from llm_simulator.planner.search.outcome import Candidate, Disaggregated
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.ranks import Ranks
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.hardware_figures import (
    PEAK,
    STEP,
    HardwareFigure,
    moved_by,
    pool_figures,
    scaled_rows,
)
from llm_simulator.planner.serving.instances import decode_memory
from llm_simulator.planner.serving.steady_state import SteadyState, state_of
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import GIGA, Array, IntArray

LARGEST_BATCH = 1_000_000
"""Requests per rank up to which is looked: what a request may ask for."""

Served = Callable[[Deployment, int], SteadyState | MatchedPools]
"""What users see of one plan on a deployment with so many rows of hardware figures."""

Metric = Literal["throughput", "ttft", "tpot"]
_METRICS: Mapping[Metric, str] = {"throughput": "Throughput", "ttft": "TTFT", "tpot": "TPOT"}


def best_sensitivity(
    problem: SearchProblem, instances: PlanTable, candidate: Candidate
) -> Sensitivity | None:
    """The sensitivities of a search's ``candidate``; pools are made of ``instances``.

    None for pools of two kinds of chip, whose figures are not varied together.
    """
    if problem.decode_deployment is not None:
        return None
    running = problem.deployment.at_concurrency(candidate.batch_size)
    if isinstance(candidate, Disaggregated):
        prefill = ChosenPools.of(instances, [candidate.prefill])
        decode = ChosenPools.of(instances, [candidate.decode])
        return pool_sensitivity(running, prefill, decode)
    return plan_sensitivity(running, table_of([candidate]), problem.ranks)


def plan_sensitivity(
    deployment: Deployment, plan: PlanTable, ranks: Ranks | None = None
) -> Sensitivity:
    """The sensitivities of one aggregated plan, a table of one row, some of whose ``ranks`` may be
    known already."""
    ranks = ranks or Ranks(deployment)
    requests = np.asarray(requests_per_rank(deployment, plan))
    found = ranks.moved(plan, requests)
    served = state_of(found.rows, deployment.workload.batch_size)

    def held(requests: Array) -> ResidentMemory:
        return resident_memory(deployment, plan, held_by(deployment, requests))

    return _sensitivity(
        found.figures,
        _elasticities(served, len(found.figures), STEP),
        _headroom(
            ranks.memory(plan, requests), held, requests, int(plan.dp[0]), most_at_once(deployment)
        ),
    )


def pool_sensitivity(
    deployment: Deployment, prefill: ChosenPools, decode: ChosenPools
) -> Sensitivity:
    """The sensitivities of one pair of pools; memory is that of the decode pool."""
    chips = int(prefill.plans.chips[0] * prefill.count[0] + decode.plans.chips[0] * decode.count[0])
    ranks = int(decode.plans.dp[0] * decode.count[0])
    population = np.array([deployment.workload.batch_size])
    needed = decode_memory(deployment, decode.plans, decode.batch)

    def served(changed: Deployment, rows: int) -> MatchedPools:
        pools = (prefill.repeated(rows), decode.repeated(rows))
        return matched(changed, changed, *pools, population)

    figures = tuple(pool_figures(deployment, chips))
    return _sensitivity(
        figures,
        elasticities(deployment, figures, served),
        _headroom(
            needed,
            partial(decode_memory, deployment, decode.plans),
            decode.batch,
            ranks,
            most_at_once(deployment),
        ),
    )


def elasticities(
    deployment: Deployment,
    figures: Sequence[HardwareFigure],
    served: Served,
    step: float = STEP,
) -> Elasticities:
    """Percent of throughput, TTFT and TPOT per percent of each figure; shape [figures, 3]."""
    factors = moved_by(len(figures), step)
    found = served(scaled_rows(deployment, figures, factors), factors.shape[1])
    return _elasticities(found, len(figures), step)


def _elasticities(found: SteadyState | MatchedPools, count: int, step: float) -> Elasticities:
    """The same of what is served by the rows of ``moved_by``."""
    rows = 2 * count + 1
    logs = np.log([np.broadcast_to(getattr(found, metric), rows) for metric in _METRICS]).T
    changes = logs[:-1] - logs[-1]
    return Elasticities(
        more=changes[:count] / np.log1p(step), less=changes[count:] / np.log1p(-step), step=step
    )


def _sensitivity(
    figures: Sequence[HardwareFigure], found: Elasticities, memory: MemoryHeadroom
) -> Sensitivity:
    is_peak = np.array([figure.field.startswith(PEAK) for figure in figures])
    found = found.with_sum(is_peak)
    named = [_Named(PEAK, "peak FLOP/s", None, "FLOP/s")]
    named += [_Named(f.field, f.words, f.value, f.unit) for f in figures]
    by_metric = [dict(zip(_METRICS, row, strict=True)) for row in found.slope.tolist()]
    # All peaks stand for each of them.
    causes = np.flatnonzero([True, *~is_peak])
    return Sensitivity(
        effects=[
            Effect(figure=each.field, value=each.value, unit=each.unit, **slopes)
            for each, slopes in zip(named, by_metric, strict=True)
        ],
        bottleneck=Bottlenecks(
            throughput=_bottleneck("throughput", found, named, causes),
            ttft=_bottleneck("ttft", found, named, causes),
            tpot=_bottleneck("tpot", found, named, causes),
        ),
        memory=memory,
    )


class _Named(NamedTuple):
    """A row of the elasticities."""

    field: str
    words: str
    value: float | None
    unit: str


def _bottleneck(
    metric: Metric, found: Elasticities, named: Sequence[_Named], causes: IntArray
) -> Bottleneck:
    column = list(_METRICS).index(metric)
    slopes = found.slope[:, column]
    largest = int(causes[np.argmax(np.abs(slopes[causes]))])
    words = f"{_METRICS[metric]} depends most on {named[largest].words}: 1 % more changes it by "
    if found.is_bend[largest, column]:
        words += f"{found.more[largest, column]:+.2f} %, 1 % less by "
        words += f"{-found.less[largest, column]:+.2f} %."
    else:
        words += f"{slopes[largest]:+.2f} %."
    for row in np.flatnonzero(found.is_step[:, column]).tolist():
        words += (
            f" {100 * found.step:g} % of {named[row].words} makes a step of "
            f"{found.jump[row, column]:+.1f} %, which is no slope."
        )
    return Bottleneck(figure=named[largest].field, effect=float(slopes[largest]), sentence=words)


def most_at_once(deployment: Deployment) -> int:
    """Requests of a rank at which looking for the largest number that fits ends."""
    return int(running_requests(deployment, LARGEST_BATCH))


def _headroom(
    needed: ResidentMemory,
    held: Callable[[Array], ResidentMemory],
    requests: Array | IntArray,
    ranks: int,
    most: int,
) -> MemoryHeadroom:
    """What is left of the memory where a rank's ``requests`` need so much, and those of all
    ``ranks`` that it would hold, each running ``most`` at most."""
    usable, used = float(needed.usable[0]), float(needed.total[0])
    limits = (usable, usable * 1.01)
    each = max(float(np.ravel(needed.kv_cache)[0] / requests[0]), 1.0)
    guesses = [float(requests[0]) + (limit - used) / each for limit in limits]
    fitting, more = largest_within(lambda n: held(n).total, limits, most, guesses=guesses).tolist()
    return MemoryHeadroom(
        usable_gb=usable / GIGA,
        headroom_gb=(usable - used) / GIGA,
        max_batch_size=ranks * fitting,
        max_batch_size_with_one_percent_more=ranks * more,
    )
