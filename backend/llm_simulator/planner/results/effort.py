"""How much a search is, before it is run."""

from llm_simulator.planner.results.record import Record
from llm_simulator.planner.search.layout import Layout

EVALUATIONS_PER_SECOND = 800_000
"""Of one core: DeepSeek-V3 on 1,024 H200 at 24 concurrencies, 1.1 million in 1.3 s."""
SECONDS_OF_A_RESULT = 0.4
"""What the figures of the plans shown, their sensitivities and the decision take."""


class Effort(Record):
    """What a search would try, none of it evaluated. Pairs of pools, judged by bounds after all
    instances are known, are not counted."""

    plans: int
    """Aggregated plans, and instances that pools are made of."""
    evaluations: int
    """Plans at concurrencies; those of instances at most."""
    chunks: int
    seconds: float
    """Of one core, about."""
    candidates: int | None = None
    """Hypothetical chips asked for; null of any other request."""


def effort_of(work: Layout, candidates: int | None = None) -> Effort:
    """The effort of a request's work, of so many hypothetical chips if any.

    >>> effort_of(Layout(total_plans=100, total_evaluations=800_000, chunks=())).seconds
    1.4
    """
    return Effort(
        plans=work.total_plans,
        evaluations=work.total_evaluations,
        chunks=len(work.chunks),
        seconds=round(SECONDS_OF_A_RESULT + work.total_evaluations / EVALUATIONS_PER_SECOND, 2),
        candidates=candidates,
    )
