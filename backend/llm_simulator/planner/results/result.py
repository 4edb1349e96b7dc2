"""What an evaluation found, as stored and sent: plans, trade-offs, statistics, a sweep's table."""

from typing import Any

from pydantic import Field

from llm_simulator.planner.results.answer import Answer
from llm_simulator.planner.results.candidates_table import CandidatesTable
from llm_simulator.planner.results.change import Change
from llm_simulator.planner.results.decision import Decision
from llm_simulator.planner.results.plan import InfeasiblePlan, Parallelism, Plan, Serving
from llm_simulator.planner.results.points import PointTable
from llm_simulator.planner.results.record import Record
from llm_simulator.planner.results.sweep_table import SweepTable
from llm_simulator.planner.specs.calibration import Engine
from llm_simulator.planner.specs.warning import EvaluationWarning


class TradeOffPool(Record):
    """One pool of a point: the plan of an instance, how many of them, their batch per rank."""

    parallelism: Parallelism
    instances: int
    batch: int


class TradeOffPools(Record):
    """Both pools of a point."""

    prefill: TradeOffPool
    decode: TradeOffPool


class TradeOff(Record):
    """A deployment that no other beats under all objectives; ``scores``: higher is better."""

    parallelism: Parallelism | None
    serving: Serving
    chips: int
    batch_size: int
    scores: list[float]
    throughput: float | None
    tps_per_chip: float | None
    request_rate: float | None
    ttft: float | None
    tpot: float | None
    usd_per_million_output_tokens: float | None
    joules_per_token: float | None
    pools: TradeOffPools | None = None


class TradeOffs(Record):
    """The Pareto front over some objectives, the best under the first one first."""

    objectives: list[str]
    points: list[TradeOff]


class SearchStats(Record):
    """How many plans a search looked at and what became of them: feasible and infeasible add up to
    evaluated, with the pruned ones to total."""

    total_plans: int
    evaluated_plans: int
    feasible_plans: int
    infeasible_plans: int
    infeasible_reasons: dict[str, int]
    pruned_plans: int = 0
    """Plans that a bound shows can't be among those shown; not evaluated."""
    pruned_reasons: dict[str, int] = Field(default_factory=dict)
    illegal_plans: int | None = None
    """Combinations of degrees that are no plans; None where they aren't counted."""
    illegal_reasons: dict[str, int] = Field(default_factory=dict)
    """By the rule of the model or the named engine; without one, what ``no_engine`` starts."""
    refused_by_engine: dict[Engine, dict[str, int]] = Field(default_factory=dict)
    """Combinations that the model allows and an engine doesn't start, by the engine's rule."""
    evaluations: int = 0
    """Plans at concurrencies that were answered."""
    seconds: float


class Findings(Record):
    """What was found beside plans."""

    answer: Answer | None = None
    """The first plan in words. Null without a feasible plan, and at the points of a sweep."""
    best_of_serving: list[Plan] = Field(default_factory=list)
    """Where both ways to serve were tried: the best aggregated, the best disaggregated one."""
    trade_offs: TradeOffs | None = None
    """Where several objectives were given: what no other deployment beats in all of them."""
    decision: Decision | None = None
    """How sure the choice of the first plan is. Null without a feasible plan."""
    sweep: SweepTable | None = None
    """Of a sweep: all its points. The plans are those of its best point, the statistics of all."""
    candidates: CandidatesTable | None = None
    """Of hypothetical chips: the best plan of each. The plans are those of the best candidate."""
    ways_out: list[Change] = Field(default_factory=list)
    """Without a feasible plan: single changes after which the first of ``infeasible_plans`` keeps
    all limits, each evaluated. Not of sweeps and hypothetical chips, nor while a search runs."""


class EvaluationResult(Findings):
    """What an evaluation found."""

    top_k_plans: list[Plan]
    infeasible_plans: list[InfeasiblePlan]
    search_stats: SearchStats
    warnings: list[EvaluationWarning]
    points: PointTable | None = Field(default=None, exclude=True)
    """Every feasible point, where they were kept; not part of the JSON."""

    def as_json(self) -> dict[str, Any]:
        """The result as it is stored and printed; what a kind of plan does not have is left out."""
        return self.model_dump(mode="json", exclude_unset=True)
