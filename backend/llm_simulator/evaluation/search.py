"""A search chunk by chunk: prepare once, evaluate slices anywhere, assemble the result."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.evaluation.figures import plan_results
from llm_simulator.evaluation.request import EvaluationRequest
from llm_simulator.evaluation.result import EvaluationResult, SearchStats
from llm_simulator.evaluation.simulation import overload_warning
from llm_simulator.plans.enumeration import enumerate_plans
from llm_simulator.plans.legality import rules
from llm_simulator.plans.table import PlanTable
from llm_simulator.search.chunk import Outcome, Question, chunk_outcome, merged, tally
from llm_simulator.search.limits import Limits
from llm_simulator.units import MILLI

MIN_CHUNK = 512
"""Plans per chunk below which fixed costs per chunk would show."""
MAX_CHUNK = 65_536
"""Plans per chunk at most: bounds a worker's memory and the time to cancel."""
CHUNKS_WANTED = 40
"""Chunks of a middle-sized search: enough for smooth progress."""


@dataclass(frozen=True)
class PreparedSearch:
    """A request with its plans laid out."""

    question: Question
    plans: PlanTable
    warnings: tuple[str, ...]

    @property
    def total_plans(self) -> int:
        """Plans the search will evaluate."""
        return len(self.plans)

    @property
    def chunks(self) -> tuple[tuple[int, int], ...]:
        """Slices ``[start, stop)`` that cover the plans in order."""
        size = min(max(-(-self.total_plans // CHUNKS_WANTED), MIN_CHUNK), MAX_CHUNK)
        starts = range(0, self.total_plans, size)
        return tuple((start, min(start + size, self.total_plans)) for start in starts)


def prepare(request: EvaluationRequest) -> PreparedSearch:
    """The search of a request; raises InvalidInput when no legal plan is left to try."""
    constraints = request.search_constraints
    workload = request.deployment.workload
    question = Question(
        deployment=request.deployment,
        limits=Limits(
            max_ttft=_stricter(workload.max_ttft_ms, constraints.max_ttft_ms),
            max_tpot=_stricter(workload.max_tpot_ms, constraints.max_tpot_ms),
        ),
        objective=constraints.objective,
        top_k=constraints.top_k,
    )
    plans = _manual_plan(request) if request.search_mode == "manual" else _legal_plans(request)
    return PreparedSearch(question, plans, tuple(request.warnings()))


def _stricter(*limits_ms: float | None) -> float | None:
    """The smallest of the limits that are given, in seconds."""
    given = [limit * MILLI for limit in limits_ms if limit is not None]
    return min(given, default=None)


def _legal_plans(request: EvaluationRequest) -> PlanTable:
    constraints = request.search_constraints
    chips = request.deployment.topology.chips
    most = min(constraints.max_chips or chips, chips)
    plans = enumerate_plans(request.deployment.model, most, constraints.allowed.model_dump())
    if len(plans) == 0:
        raise InvalidInput.at(
            "search_constraints.allowed",
            f"leaves no legal plan on {most} chips; allow more degrees or leave a list out",
        )
    return plans


def _manual_plan(request: EvaluationRequest) -> PlanTable:
    assert request.manual_parallelism is not None
    plans = PlanTable.of(request.manual_parallelism.model_dump())
    chips = request.deployment.topology.chips
    problems = [
        FieldProblem(_manual_field(rule.degree), f"{_given(request, rule.degree)}{rule.reason}")
        for rule in rules(plans, request.deployment.model, chips)
        if not rule.holds[0]
    ]
    if problems:
        raise InvalidInput(problems)
    return plans


def _manual_field(degree: str) -> str:
    return "manual_parallelism" if degree == "chips" else f"manual_parallelism.{degree}"


def _given(request: EvaluationRequest, degree: str) -> str:
    return "" if degree == "chips" else f"{getattr(request.manual_parallelism, degree)} "


@lru_cache(maxsize=4)
def _prepared(snapshot: str) -> PreparedSearch:
    """The search of a snapshot, kept for its next chunk: a worker meets a few tasks in turn."""
    return prepare(EvaluationRequest.parse(json.loads(snapshot)))


def prepared_from(snapshot: Mapping[str, Any]) -> PreparedSearch:
    """The search that ``snapshot`` describes."""
    return _prepared(json.dumps(snapshot, sort_keys=True))


def evaluate_chunk(snapshot: Mapping[str, Any], start: int, stop: int) -> Outcome:
    """The outcome of plans ``[start, stop)`` of a snapshot's search."""
    prepared = prepared_from(snapshot)
    began = time.perf_counter()
    outcome = chunk_outcome(prepared.question, prepared.plans[slice(start, stop)], start)
    outcome["seconds"] = time.perf_counter() - began
    return outcome


def running_stats(outcomes: Sequence[Outcome], total_plans: int) -> SearchStats:
    """The search statistics of the chunks done so far, of ``total_plans`` in all."""
    evaluated, feasible, reasons = tally(outcomes)
    return SearchStats(
        total_plans=total_plans,
        evaluated_plans=evaluated,
        feasible_plans=feasible,
        infeasible_plans=evaluated - feasible,
        infeasible_reasons=reasons,
        seconds=sum(outcome["seconds"] for outcome in outcomes),
    )


def assemble(snapshot: Mapping[str, Any], outcomes: Sequence[Outcome]) -> EvaluationResult:
    """The result of a search whose chunks are all done, whatever their order."""
    prepared = prepared_from(snapshot)
    whole = merged(outcomes, prepared.question.top_k)
    best = plan_results(prepared.question, whole["best"])
    return EvaluationResult(
        top_k_plans=best,
        infeasible_plans=plan_results(prepared.question, whole["nearest"]),
        search_stats=running_stats(outcomes, prepared.total_plans),
        warnings=[*prepared.warnings, *overload_warning(best)],
    )
