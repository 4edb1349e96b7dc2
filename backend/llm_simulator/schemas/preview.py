"""The answer to a preview."""

from llm_simulator.schemas.plans import InfeasiblePlan, Plan, SearchStats
from llm_simulator.schemas.record import Record


class PreviewResult(Record):
    """Ranked plans, the infeasible ones with their reason, and what was searched."""

    top_k_plans: list[Plan]
    infeasible_plans: list[InfeasiblePlan]
    search_stats: SearchStats
    warnings: list[str]
