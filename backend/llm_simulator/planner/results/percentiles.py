"""Limits that a percentile of single requests has to keep: plans are simulated down the ranking."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from llm_simulator.planner.results.plan import InfeasiblePlan, MissedLimit, Plan, Simulated
from llm_simulator.planner.results.simulation import MOST_SIMULATED, simulated
from llm_simulator.planner.search.limits import LATENCY_NAMES
from llm_simulator.planner.search.outcome import Candidate, Counts
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.specs.search import Objective, Percentile
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.units import MILLI

MOST_REQUESTS = 4_000_000
"""Requests simulated for a limit, beyond the first MOST_SIMULATED plans: a minute of work."""
UNTRIED = "not_simulated"
"""Why a plan is pruned: better ones keep the limit, or the simulations were used up."""


@dataclass(frozen=True)
class Tried:
    """Plans that were simulated, best first."""

    kept: list[Candidate]
    """Those that keep the limits at the percentile, ranked."""
    missed: dict[int, list[MissedLimit]]
    """What the others miss, by the plan's index."""
    missing: list[Candidate]
    simulated: dict[int, Simulated]
    """Figures of all of them, by the plan's index."""
    scores: dict[int, float]
    """Of those kept, where simulations decide them."""

    def counted(self, counts: Counts) -> Counts:
        """The counts of the search with what the simulations found out."""
        untried = counts.feasible - len(self.simulated)
        found = Counts(
            reasons=dict(Counter(limits[0].code for limits in self.missed.values())),
            pruned={UNTRIED: untried} if untried else {},
        )
        return replace(counts + found, feasible=len(self.kept))

    def warning(self, percentile: Percentile, feasible: int) -> EvaluationWarning:
        """How many of the ``feasible`` plans were simulated."""
        tried, kept = len(self.simulated), len(self.kept)
        untried = feasible - tried
        rest = "; the other {untried} were not tried" if untried else ""
        return EvaluationWarning.of(
            "percentile_tried_best" if untried else "percentile_tried",
            "Of the {feasible} plans that keep the limits in the mean, the {simulated} best were "
            "simulated: {kept} keep them at {percentile}" + rest + ".",
            feasible=feasible,
            simulated=tried,
            kept=kept,
            percentile=percentile,
            untried=untried,
        )


def tried(
    percentile: Percentile, problem: SearchProblem, candidates: Sequence[Candidate], wanted: int
) -> Tried:
    """The best of the ``candidates``, simulated until ``wanted`` of them keep the limits.

    Goodput ranks by the requests that were within the limits, so at least MOST_SIMULATED are tried.
    """
    by_goodput = problem.objective is Objective.GOODPUT
    least = MOST_SIMULATED if by_goodput else 0
    kept, missing, missed, figures, requests = [], [], {}, {}, 0
    for candidate in candidates:
        enough = len(kept) >= wanted and len(figures) >= least
        if enough or (len(figures) >= MOST_SIMULATED and requests >= MOST_REQUESTS):
            break
        found = simulated(problem, candidate)
        if found is None:
            continue
        figures[candidate.index] = found
        requests += found.requests
        limits = list(_missed(percentile, problem, found))
        if limits:
            missed[candidate.index] = limits
            missing.append(candidate)
        else:
            kept.append(candidate)
    scores = {c.index: figures[c.index].goodput for c in kept} if by_goodput else {}
    if by_goodput:
        kept.sort(key=lambda candidate: -scores[candidate.index])
    return Tried(kept, missed, missing, figures, scores)


def _missed(
    percentile: Percentile, problem: SearchProblem, figures: Simulated
) -> Iterator[MissedLimit]:
    limits = (
        ("ttft", problem.limits.max_ttft, figures.ttft),
        ("tpot", problem.limits.max_tpot, figures.tpot),
        ("e2e_latency", problem.limits.max_e2e_latency, figures.end_to_end),
    )
    for name, limit, latency in limits:
        if limit is None or latency is None:
            continue
        needed = getattr(latency, f"{percentile}_ms")
        if needed > limit / MILLI:
            code = f"max_{name}_{percentile}"
            yield MissedLimit(code=code, needed=needed, available=limit / MILLI)


def _named(code: str) -> str:
    """The latency that a code such as ``max_ttft_p99`` limits."""
    name, _, percentile = code.removeprefix("max_").rpartition("_")
    return f"{LATENCY_NAMES[name]} at {percentile}"


def refused(plan: Plan, missed: Sequence[MissedLimit]) -> InfeasiblePlan:
    """The plan as one that misses limits at the percentile."""
    reasons = [
        f"{_named(miss.code)} {miss.needed:.2f} ms, "
        f"{miss.needed - miss.available:.2g} ms over the limit of {miss.available:g} ms"
        for miss in missed
    ]
    figures = {
        name: getattr(plan, name)
        for name in plan.model_fields_set & set(InfeasiblePlan.model_fields)
    }
    return InfeasiblePlan(
        **figures
        | {
            "rank": None,
            "score": None,
            "is_feasible": False,
            "infeasible_reason": "; ".join(reasons),
            "reason_code": missed[0].code,
            "missed_limits": list(missed),
        }
    )
