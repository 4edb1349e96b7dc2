"""The result of a search, put together from what its chunks found."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llm_simulator.planner.results.aggregated import AggregatedPlans
from llm_simulator.planner.results.answer import answer_of
from llm_simulator.planner.results.choice import compared_with_first, decision
from llm_simulator.planner.results.decision import Decision
from llm_simulator.planner.results.disaggregated import DisaggregatedPlans
from llm_simulator.planner.results.figures import Shown, plan_of
from llm_simulator.planner.results.in_step import in_step_warning
from llm_simulator.planner.results.likelihood import limit_probabilities
from llm_simulator.planner.results.percentiles import refused, tried
from llm_simulator.planner.results.plan import (
    AnyPlan,
    InfeasiblePlan,
    MissedLimit,
    Plan,
    Simulated,
)
from llm_simulator.planner.results.points import point_table
from llm_simulator.planner.results.result import EvaluationResult, SearchStats
from llm_simulator.planner.results.sensitivity import best_sensitivity
from llm_simulator.planner.results.simulation import first_simulated, overload_warning
from llm_simulator.planner.results.trade_offs import trade_offs
from llm_simulator.planner.search.disaggregated import disaggregated_outcome
from llm_simulator.planner.search.outcome import (
    Aggregated,
    Candidate,
    Counts,
    Disaggregated,
    FrontPoint,
    Outcome,
    merged,
)
from llm_simulator.planner.search.prepared import PreparedSearch
from llm_simulator.planner.specs.warning import EvaluationWarning


def stats_of(counts: Counts, total_plans: int) -> SearchStats:
    """The statistics of what was counted so far, of ``total_plans`` in all."""
    pruned = sum(counts.pruned.values())
    return SearchStats(
        total_plans=total_plans,
        evaluated_plans=counts.evaluated - pruned,
        feasible_plans=counts.feasible,
        infeasible_plans=counts.evaluated - pruned - counts.feasible,
        infeasible_reasons=counts.reasons,
        pruned_plans=pruned,
        pruned_reasons=counts.pruned,
        illegal_plans=None if counts.illegal is None else sum(counts.illegal.values()),
        illegal_reasons=counts.illegal or {},
        refused_by_engine=counts.refused,
        evaluations=counts.evaluations,
        seconds=counts.seconds,
    )


def counts_of(stats: SearchStats) -> Counts:
    """What the statistics of a whole search counted."""
    return Counts(
        evaluated=stats.total_plans,
        evaluations=stats.evaluations,
        feasible=stats.feasible_plans,
        reasons=stats.infeasible_reasons,
        pruned=stats.pruned_reasons,
        illegal=None if stats.illegal_plans is None else stats.illegal_reasons,
        refused=dict(stats.refused_by_engine),
        seconds=stats.seconds,
    )


def search_result(
    prepared: PreparedSearch,
    outcomes: Sequence[Outcome],
    *,
    sensitivity: bool = True,
    choice: bool = True,
) -> EvaluationResult:
    """The result of a search whose chunks are done, whatever their order; all of them, or so far.

    With pools, its statistics count deployments: aggregated plans and pairs of pools. Without
    ``sensitivity`` the best plan is spared that part, without ``choice`` the result its decision.
    """
    problem = prepared.problem
    shared = merged(outcomes, problem.top_k)
    parts = [shared, *_pairs(prepared, outcomes, shared.front)]
    whole = merged(parts, problem.top_k) if len(parts) > 1 else shared
    ranking = _ranking(prepared, whole, _best_of_each(parts))
    plans = _plans(prepared, ranking)
    best = compared_with_first(problem, _feasible(plans, ranking.best))
    if ranking.best and sensitivity:
        first = ranking.best[0]
        found = best_sensitivity(problem, prepared.instances, first)
        best = [best[0].model_copy(update={"sensitivity": found}), *best[1:]]
    return EvaluationResult(
        answer=answer_of(best[0], prepared.max_chips) if best else None,
        top_k_plans=best,
        infeasible_plans=_infeasible(plans, ranking.nearest),
        best_of_serving=_feasible(plans, ranking.best_of_each),
        decision=_decision(prepared, ranking, plans, best) if choice else None,
        trade_offs=trade_offs(problem, prepared.instances, whole.front),
        search_stats=stats_of(_with_illegal(ranking.counts, prepared), whole.counts.evaluated),
        warnings=[
            *prepared.warnings,
            *ranking.warnings,
            *in_step_warning(problem, ranking.best),
        ],
        points=point_table(problem, whole.points) if whole.points.feasible else None,
    )


def _decision(
    prepared: PreparedSearch,
    ranking: "Ranking",
    plans: Mapping["Key", AnyPlan],
    best: Sequence[Plan],
) -> Decision | None:
    """How sure the first of the ``best`` is; robust may be a shown plan at another concurrency."""
    robust = _feasible(plans, ranking.robust)
    return decision(
        prepared.problem,
        best,
        robust=next(iter(robust), None),
        percentile=prepared.limit_percentile,
    )


def _with_illegal(counts: Counts, prepared: PreparedSearch) -> Counts:
    """The counts of a search with what it never tried."""
    found = prepared.illegal
    return (
        counts if found is None else replace(counts, illegal=found.reasons, refused=found.refused)
    )


@dataclass(frozen=True)
class Ranking:
    """Which candidates are shown, and what was counted and simulated on the way."""

    best: Sequence[Candidate]
    nearest: Sequence[Candidate]
    best_of_each: Sequence[Candidate]
    robust: Sequence[Candidate]
    """What a cautious search would show first; not where single requests decide."""
    counts: Counts
    warnings: Sequence[EvaluationWarning]
    simulated: Mapping[int, Simulated]
    """By the candidate's index."""
    scores: Mapping[int, float] = field(default_factory=dict)
    """Those that simulations decide."""
    missed: Mapping[int, Sequence[MissedLimit]] = field(default_factory=dict)
    """What some of ``nearest`` miss at the limits' percentile."""


def _ranking(
    prepared: PreparedSearch, whole: Outcome, best_of_each: Sequence[Candidate]
) -> Ranking:
    problem, top_k, percentile = prepared.problem, prepared.top_k, prepared.limit_percentile
    if percentile is None:
        simulated = first_simulated(problem, [*whole.best, *best_of_each])
        warnings = overload_warning(simulated[c.index] for c in whole.best if c.index in simulated)
        return Ranking(
            best=whole.best,
            nearest=whole.nearest,
            best_of_each=best_of_each,
            robust=whole.robust,
            counts=whole.counts,
            warnings=warnings,
            simulated=simulated,
        )
    judged = tried(percentile, problem, whole.best, top_k)
    return Ranking(
        best=judged.kept[:top_k],
        nearest=[*judged.missing, *whole.nearest][:top_k],
        best_of_each=(),
        robust=(),
        counts=judged.counted(whole.counts),
        warnings=[
            *overload_warning(judged.simulated.values()),
            judged.warning(percentile, whole.counts.feasible),
        ],
        simulated=judged.simulated,
        scores=judged.scores,
        missed=judged.missed,
    )


Key = tuple[int, int]
"""A candidate's index and its concurrency."""


def _key(candidate: Candidate) -> Key:
    return candidate.index, candidate.batch_size


def _plans(prepared: PreparedSearch, ranking: Ranking) -> dict[Key, AnyPlan]:
    """The figures of each candidate, worked out together."""
    candidates = (*ranking.best, *ranking.nearest, *ranking.best_of_each, *ranking.robust)
    wanted: dict[Key, Candidate] = {}
    for candidate in candidates:
        wanted.setdefault(_key(candidate), candidate)
    places: dict[Key, tuple[Shown, int]] = {}
    table: Shown
    if not wanted:
        return {}
    shared = [c for c in wanted.values() if isinstance(c, Aggregated)]
    if shared:
        table = AggregatedPlans.of(prepared.problem, shared)
        places |= _places(table, shared)
    pairs = [c for c in wanted.values() if isinstance(c, Disaggregated)]
    if pairs:
        table = DisaggregatedPlans.of(
            prepared.problem, prepared.instances, prepared.max_chips, pairs
        )
        places |= _places(table, pairs)
    found: dict[Key, AnyPlan] = {}
    for rank, (key, candidate) in enumerate(wanted.items(), start=1):
        index = candidate.index
        plan = plan_of(*places[key], rank, ranking.simulated.get(index))
        if isinstance(plan, Plan) and index in ranking.missed:
            plan = refused(plan, ranking.missed[index])
        elif index in ranking.scores:
            plan = plan.model_copy(update={"score": ranking.scores[index]})
        limits = limit_probabilities(
            prepared.problem.limits,
            plan,
            output_tokens=prepared.problem.deployment.workload.output_seq_length,
            percentile=prepared.limit_percentile,
        )
        more = {"limits": limits} if limits else {}
        if isinstance(candidate, Aggregated) and candidate.folded is not None:
            more |= {"folded": candidate.folded}
        found[key] = plan.model_copy(update=more) if more else plan
    return found


def _places(table: Shown, candidates: Sequence[Candidate]) -> dict[Key, tuple[Shown, int]]:
    return {_key(candidate): (table, row) for row, candidate in enumerate(candidates)}


def _feasible(plans: Mapping[Key, AnyPlan], candidates: Sequence[Candidate]) -> list[Plan]:
    found = (plans[_key(candidate)] for candidate in candidates)
    return [plan for plan in found if isinstance(plan, Plan)]


def _infeasible(
    plans: Mapping[Key, AnyPlan], candidates: Sequence[Candidate]
) -> list[InfeasiblePlan]:
    found = (plans[_key(candidate)] for candidate in candidates)
    return [plan for plan in found if isinstance(plan, InfeasiblePlan)]


def _best_of_each(parts: Sequence[Outcome]) -> list[Candidate]:
    """The best aggregated and the best disaggregated deployment, where both were tried."""
    return [part.best[0] for part in parts if part.best] if len(parts) > 1 else []


def _pairs(
    prepared: PreparedSearch, outcomes: Sequence[Outcome], known: Sequence[FrontPoint]
) -> Iterator[Outcome]:
    """The outcome of all pairs of pools, where pools were asked for."""
    found = [outcome.pools for outcome in outcomes if outcome.pools is not None]
    if found:
        began = time.perf_counter()
        ahead = prepared.total_plans
        outcome = disaggregated_outcome(prepared.problem, found, prepared.max_chips, ahead, known)
        yield outcome.took(time.perf_counter() - began)
