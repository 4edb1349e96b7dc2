"""The choice among shown plans: how sure it is, its robust alternative, the runs that settle it."""

from collections.abc import Sequence

import numpy as np

from llm_simulator.planner.requests.calibrations import precision_of
from llm_simulator.planner.results.correlation import places
from llm_simulator.planner.results.decision import Decision, RunColumns, SettlingRun
from llm_simulator.planner.results.likelihood import FIGURES, Scores, latency_room
from llm_simulator.planner.results.plan import Plan
from llm_simulator.planner.results.settling import Worth, settled
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.specs.search import Percentile

MOST_COMPARED = 12
"""Plans among which runs are to decide: they are different engines, best ranked first."""


def compared_with_first(problem: SearchProblem, plans: Sequence[Plan]) -> list[Plan]:
    """The ranked plans, each with the probability that the first one is better."""
    if len(plans) < 2:
        return list(plans)
    better = Scores.of(problem, plans).first_is_better.tolist()
    others = [
        plan.model_copy(update={"beaten_by_first": probability})
        for plan, probability in zip(plans[1:], better[1:], strict=True)
    ]
    return [plans[0], *others]


def decision(
    problem: SearchProblem,
    plans: Sequence[Plan],
    *,
    robust: Plan | None,
    percentile: Percentile | None = None,
) -> Decision | None:
    """How sure the choice of the first of ``plans`` is; ``robust`` is a cautious search's first."""
    if not plans:
        return None
    shown = next((plan for plan in plans if robust is not None and _same(plan, robust)), None)
    first_is_robust = None if percentile else problem.cautious or shown is plans[0]
    if robust is not None:
        robust = shown or robust.model_copy(update={"rank": len(plans) + 1})
    other = None if first_is_robust else robust
    certain = Decision(first_is_robust=first_is_robust, robust=other, regret=0.0, runs=[])
    if len(plans) == 1 and (robust is None or robust is plans[0]):
        return certain
    compared = _different([*plans, *([] if robust is None else [robust])])
    tokens = problem.deployment.workload.output_seq_length
    room = [
        latency_room(problem.limits, plan, output_tokens=tokens, percentile=percentile)
        for plan in compared
    ]
    limits = np.array([[each[figure] for each in room] for figure in FIGURES])
    worth = Worth(Scores.of(problem, compared), limits)
    measurable = [row for row, plan in enumerate(compared) if _can_be_measured(plan)]
    found = settled(worth, measurable)
    runs = [
        _run(problem, compared[row], regret)
        for row, regret in zip(found.runs, found.left, strict=True)
    ]
    return certain.model_copy(update={"regret": found.regret, "runs": runs})


def _same(one: Plan, other: Plan) -> bool:
    """Whether both are the same deployment at the same concurrency."""
    names = ("parallelism", "replicas", "pools", "batch_size")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _different(plans: Sequence[Plan]) -> list[Plan]:
    """The first plans that are different engines at work: replicas of one are right or wrong
    together."""
    places_of_both = [places(plans, figure).names for figure in FIGURES]
    found = dict(zip(reversed([*zip(*places_of_both, strict=True)]), reversed(plans), strict=True))
    kept = sorted(found.values(), key=lambda plan: plan.rank)
    last = [plans[-1]] if plans[-1] in kept[MOST_COMPARED:] else []
    return [*kept[:MOST_COMPARED], *last]


def _can_be_measured(plan: Plan) -> bool:
    """Whether a file of measurements has columns for it."""
    return plan.pools is None and plan.parallelism.sp == plan.parallelism.dcp == 1


def _run(problem: SearchProblem, plan: Plan, regret: float) -> SettlingRun:
    """One engine of the plan."""
    one = plan.parallelism.model_copy(update={"dp": plan.attention_dp})
    figures = {
        name: getattr(plan, name)
        for figure in FIGURES
        for name in (figure, f"{figure}_low", f"{figure}_high")
    }
    return SettlingRun(
        rank=plan.rank,
        parallelism=one,
        chips=plan.chips // plan.replicas,
        regret=regret,
        columns=_columns(problem, plan),
        **figures,
    )


def _columns(problem: SearchProblem, plan: Plan) -> RunColumns:
    deployed, degrees = problem.deployment, plan.parallelism
    load = deployed.workload
    return RunColumns(
        model=deployed.model.name,
        chip=deployed.chip.name,
        framework=load.engine,
        framework_version=load.engine_version,
        precision=precision_of(deployed.formats),
        input_tokens=load.input_seq_length,
        output_tokens=load.output_seq_length,
        concurrency=-(-(plan.batch_size or plan.replicas) // plan.replicas),
        tp=degrees.tp,
        pp=degrees.pp,
        attention_dp=plan.attention_dp,
        moe_tp=degrees.moe_tp,
        ep=degrees.ep,
        kv_cache_dtype=load.kv_cache_dtype,
    )
