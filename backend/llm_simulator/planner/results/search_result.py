"""The result of a search, put together from what its chunks found."""

import time
from collections.abc import Iterator, Sequence

from llm_simulator.planner.results.percentiles import kept_at
from llm_simulator.planner.results.pool_figures import ranked_results
from llm_simulator.planner.results.result import EvaluationResult, PlanResult, SearchStats
from llm_simulator.planner.results.sensitivity import best_sensitivity
from llm_simulator.planner.results.simulation import overload_warning
from llm_simulator.planner.results.trade_offs import trade_offs
from llm_simulator.planner.search.disaggregated import disaggregated_outcome
from llm_simulator.planner.search.outcome import (
    Candidate,
    FrontPoint,
    Outcome,
    merged,
    tally,
)
from llm_simulator.planner.search.pool_candidates import as_outcome
from llm_simulator.planner.search.prepared import PreparedSearch


def running_stats(outcomes: Sequence[Outcome], total_plans: int) -> SearchStats:
    """The search statistics of the chunks done so far, of ``total_plans`` in all.

    A plan tried for the pools of disaggregated serving counts as feasible where it fits in one.
    """
    pools = [outcome["pools"] for outcome in outcomes if "pools" in outcome]
    return _stats([*outcomes, *(as_outcome(part) for part in pools)], total_plans)


def _stats(
    outcomes: Sequence[Outcome], total_plans: int, illegal: dict[str, int] | None = None
) -> SearchStats:
    counts = tally(outcomes)
    pruned = sum(counts.pruned.values())
    return SearchStats(
        total_plans=total_plans,
        evaluated_plans=counts.evaluated - pruned,
        feasible_plans=counts.feasible,
        infeasible_plans=counts.evaluated - pruned - counts.feasible,
        infeasible_reasons=counts.reasons,
        pruned_plans=pruned,
        pruned_reasons=counts.pruned,
        illegal_plans=None if illegal is None else sum(illegal.values()),
        illegal_reasons=illegal or {},
        evaluations=counts.evaluations,
        seconds=sum(outcome["seconds"] for outcome in outcomes),
    )


def search_result(
    prepared: PreparedSearch, outcomes: Sequence[Outcome], *, sensitivity: bool = True
) -> EvaluationResult:
    """The result of a search whose chunks are done, whatever their order; all of them, or so far.

    With pools, its statistics count deployments: aggregated plans and pairs of pools. Without
    ``sensitivity`` the best plan is spared that part.
    """
    question = prepared.question
    shared = merged(outcomes, question.top_k)
    parts = [shared, *_pairs(prepared, outcomes, shared["front"])]
    whole = merged(parts, question.top_k)
    best_of_each = _best_of_each(parts) if len(parts) > 1 else []
    shown = _shown(prepared, [*whole["best"], *whole["nearest"], *best_of_each])
    best, nearest, best_of_serving = (
        [shown[candidate["index"]] for candidate in candidates]
        for candidates in (whole["best"], whole["nearest"], best_of_each)
    )
    warnings = [*prepared.warnings, *overload_warning(best)]
    places = list(range(len(best)))
    if prepared.limit_percentile is not None:
        kept = kept_at(prepared.limit_percentile, question, best)
        best, nearest, places = kept.plans, [*kept.missing, *nearest], kept.places
        warnings.append(kept.warning)
    best, nearest = best[: prepared.top_k], nearest[: prepared.top_k]
    if best and sensitivity:
        first = whole["best"][places[0]]
        best[0]["sensitivity"] = best_sensitivity(question, prepared.instances, first)
    return EvaluationResult(
        top_k_plans=best,
        infeasible_plans=nearest,
        best_of_serving=best_of_serving,
        trade_offs=trade_offs(question, prepared.instances, whole["front"]),
        search_stats=_stats(parts, whole["evaluated"], prepared.illegal),
        warnings=warnings,
    )


def _shown(prepared: PreparedSearch, candidates: Sequence[Candidate]) -> dict[int, PlanResult]:
    """The figures of each candidate by its index, worked out together."""
    wanted = {candidate["index"]: candidate for candidate in candidates}
    results = ranked_results(
        prepared.question, prepared.instances, prepared.max_chips, list(wanted.values())
    )
    return dict(zip(wanted, results, strict=True))


def _best_of_each(parts: Sequence[Outcome]) -> list[Candidate]:
    """The best aggregated and the best disaggregated deployment, where there is one."""
    return [part["best"][0] for part in parts if part["best"]]


def _pairs(
    prepared: PreparedSearch, outcomes: Sequence[Outcome], known: Sequence[FrontPoint]
) -> Iterator[Outcome]:
    """The outcome of all pairs of pools, where pools were asked for."""
    found = [outcome["pools"] for outcome in outcomes if "pools" in outcome]
    if found:
        began = time.perf_counter()
        ahead = prepared.total_plans
        outcome = disaggregated_outcome(prepared.question, found, prepared.max_chips, ahead, known)
        outcome["seconds"] = time.perf_counter() - began
        yield outcome
