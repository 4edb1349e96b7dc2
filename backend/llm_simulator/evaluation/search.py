"""A search chunk by chunk: prepare once, evaluate slices anywhere, assemble the result."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.evaluation.pool_figures import ranked_results
from llm_simulator.evaluation.request import EvaluationRequest
from llm_simulator.evaluation.result import EvaluationResult, SearchStats
from llm_simulator.evaluation.simulation import overload_warning
from llm_simulator.plans.enumeration import enumerate_plans
from llm_simulator.plans.legality import rules
from llm_simulator.plans.table import PlanTable
from llm_simulator.search.chunk import (
    Outcome,
    Question,
    chunk_outcome,
    merged,
    nothing_found,
    tally,
)
from llm_simulator.search.disaggregated import disaggregated_outcome
from llm_simulator.search.limits import Limits
from llm_simulator.search.pool_candidates import as_outcome, instance_plans, pool_outcome
from llm_simulator.specs.search import ServingMode
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
    """Aggregated deployments; empty when only disaggregated ones are asked for."""
    warnings: tuple[str, ...]
    instances: PlanTable
    """What pools of disaggregated deployments are made of; counted after ``plans``."""
    max_chips: int

    @property
    def total_plans(self) -> int:
        """Plans the search will evaluate, pairs of pools not counted."""
        return len(self.plans) + len(self.instances)

    @property
    def total_evaluations(self) -> int:
        """Plans at concurrencies."""
        return self.total_plans

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
    most = _most_chips(request)
    manual = request.search_mode == "manual"
    plans = _manual_plan(request) if manual else _legal_plans(request, most)
    none = plans[slice(0, 0)]
    serving = constraints.serving
    return PreparedSearch(
        question=question,
        plans=none if serving is ServingMode.DISAGGREGATED else plans,
        warnings=tuple(request.warnings()),
        instances=none if serving is ServingMode.AGGREGATED else _instances(plans, most, manual),
        max_chips=most,
    )


def _most_chips(request: EvaluationRequest) -> int:
    chips = request.deployment.topology.chips
    return min(request.search_constraints.max_chips or chips, chips)


def _instances(plans: PlanTable, most: int, manual: bool) -> PlanTable:
    """What pools may be made of; a plan given by hand serves in both of them."""
    found = plans if manual else instance_plans(plans, most)
    if len(found) == 0:
        raise InvalidInput.at(
            "search_constraints.allowed",
            "leaves no plan with a single copy of the model, and pools are made of such: the "
            "search finds out how many; allow a smaller dp or leave the list out",
        )
    return found


def _stricter(*limits_ms: float | None) -> float | None:
    """The smallest of the limits that are given, in seconds."""
    given = [limit * MILLI for limit in limits_ms if limit is not None]
    return min(given, default=None)


def _legal_plans(request: EvaluationRequest, most: int) -> PlanTable:
    constraints = request.search_constraints
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
    """The outcome of plans ``[start, stop)`` of a snapshot's search, instances after plans."""
    prepared = prepared_from(snapshot)
    began = time.perf_counter()
    ahead = len(prepared.plans)
    plans = prepared.plans[slice(start, min(stop, ahead))]
    instances = prepared.instances[slice(max(start - ahead, 0), max(stop - ahead, 0))]
    outcome = chunk_outcome(prepared.question, plans, start) if len(plans) else nothing_found()
    if len(instances):
        first = max(start - ahead, 0)
        outcome["pools"] = pool_outcome(prepared.question.deployment, instances, first)
    outcome["seconds"] = time.perf_counter() - began
    return outcome


def running_stats(outcomes: Sequence[Outcome], total_plans: int) -> SearchStats:
    """The search statistics of the chunks done so far, of ``total_plans`` in all.

    A plan tried for the pools of disaggregated serving counts as feasible where it fits in one.
    """
    pools = [outcome["pools"] for outcome in outcomes if "pools" in outcome]
    return _stats([*outcomes, *(as_outcome(part) for part in pools)], total_plans)


def _stats(outcomes: Sequence[Outcome], total_plans: int) -> SearchStats:
    evaluated, feasible, reasons = tally(outcomes)
    return SearchStats(
        total_plans=total_plans,
        evaluated_plans=evaluated,
        feasible_plans=feasible,
        infeasible_plans=evaluated - feasible,
        infeasible_reasons=reasons,
        seconds=sum(outcome["seconds"] for outcome in outcomes),
    )


def assemble(
    snapshot: Mapping[str, Any],
    outcomes: Sequence[Outcome],
    *,
    sensitivity: bool = True,  # noqa: ARG001 - the same as where it is computed
) -> EvaluationResult:
    """The result of a search whose chunks are all done, whatever their order.

    With pools, its statistics count deployments: aggregated plans and pairs of pools.
    """
    prepared = prepared_from(snapshot)
    parts = [*outcomes, *_pairs(prepared, outcomes)]
    whole = merged(parts, prepared.question.top_k)
    shown = partial(ranked_results, prepared.question, prepared.instances, prepared.max_chips)
    best = shown(whole["best"])
    return EvaluationResult(
        top_k_plans=best,
        infeasible_plans=shown(whole["nearest"]),
        search_stats=_stats(parts, whole["evaluated"]),
        warnings=[*prepared.warnings, *overload_warning(best)],
    )


def _pairs(prepared: PreparedSearch, outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """The outcome of all pairs of pools, where pools were asked for."""
    found = [outcome["pools"] for outcome in outcomes if "pools" in outcome]
    if found:
        began = time.perf_counter()
        ahead = prepared.total_plans
        outcome = disaggregated_outcome(prepared.question, found, prepared.max_chips, ahead)
        outcome["seconds"] = time.perf_counter() - began
        yield outcome
