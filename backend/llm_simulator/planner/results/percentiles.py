"""Limits that a percentile of single requests has to keep, judged on simulated plans."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from llm_simulator.planner.results.result import MissedLimit, PlanResult
from llm_simulator.planner.search.prepared import MOST_SIMULATED
from llm_simulator.planner.search.question import Question
from llm_simulator.planner.specs.search import Objective, Percentile
from llm_simulator.units import MILLI

_NAMES = {"ttft": "TTFT", "tpot": "TPOT"}


@dataclass(frozen=True)
class Kept:
    """Plans that keep the limits at the percentile, ranked, and those that don't."""

    plans: list[PlanResult]
    places: list[int]
    """Where each of ``plans`` stood before."""
    missing: list[PlanResult]
    warning: str


def kept_at(percentile: Percentile, question: Question, plans: Sequence[PlanResult]) -> Kept:
    """Which of the ``plans`` keep the limits of ``question`` at the ``percentile``.

    Plans that were not simulated, the worst of more than MOST_SIMULATED, are left out. Goodput
    ranks by the requests that were within the limits.
    """
    by_goodput = question.objective is Objective.GOODPUT
    kept, missing = [], []
    simulated = [(place, plan) for place, plan in enumerate(plans) if plan["simulated"] is not None]
    for place, plan in simulated:
        missed = list(_missed(percentile, question, plan))
        if missed:
            missing.append(_refused(plan, missed, percentile))
        else:
            kept.append((place, _with_goodput(plan) if by_goodput else plan))
    kept.sort(key=lambda found: -(found[1]["score"] or 0.0))
    for rank, (_, plan) in enumerate(kept, start=1):
        plan["rank"] = rank
    warning = (
        f"Of the plans that keep the limits in the mean, the {len(simulated)} best (at most "
        f"{MOST_SIMULATED}) were simulated; {len(kept)} keep them at {percentile}."
    )
    places, ranked = [place for place, _ in kept], [plan for _, plan in kept]
    return Kept(ranked, places, missing, warning)


def _missed(percentile: Percentile, question: Question, plan: PlanResult) -> Iterator[MissedLimit]:
    limits = {"ttft": question.limits.max_ttft, "tpot": question.limits.max_tpot}
    for name, limit in limits.items():
        figures = None if plan["simulated"] is None else plan["simulated"][name]
        if limit is None or figures is None:
            continue
        needed = figures[f"{percentile}_ms"]
        if needed > limit / MILLI:
            code = f"max_{name}_{percentile}"
            yield MissedLimit(code=code, needed=needed, available=limit / MILLI)


def _refused(plan: PlanResult, missed: Sequence[MissedLimit], percentile: Percentile) -> PlanResult:
    """The plan, infeasible with a reason."""
    reasons = [
        f"{_NAMES[miss['code'].split('_')[1]]} at {percentile} {miss['needed']:.2f} ms, "
        f"{miss['needed'] - miss['available']:.2g} ms over the limit of {miss['available']:g} ms"
        for miss in missed
    ]
    plan["rank"] = plan["score"] = None
    plan["is_feasible"] = False
    plan["infeasible_reason"] = "; ".join(reasons)
    plan["reason_code"] = missed[0]["code"]
    plan["missed_limits"] = list(missed)
    return plan


def _with_goodput(plan: PlanResult) -> PlanResult:
    assert plan["simulated"] is not None
    plan["score"] = plan["simulated"]["goodput"]
    return plan
