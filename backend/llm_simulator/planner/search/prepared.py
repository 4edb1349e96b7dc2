"""A search laid out: what is asked, which plans there are, and in which chunks they are tried."""

import math
import time
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TypedDict

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.costs.power import missing_power
from llm_simulator.planner.costs.prices import missing_price
from llm_simulator.planner.plans.enumeration import enumerate_plans
from llm_simulator.planner.plans.illegal import IllegalPlans, illegal_plans
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.search.chunk import chunk_outcome
from llm_simulator.planner.search.engines import engine_notes, plans_of_one_engine
from llm_simulator.planner.search.given import (
    both_plans,
    broken_rules,
    given_outcome,
    given_pools,
)
from llm_simulator.planner.search.layout import Chunk, Layout, slices
from llm_simulator.planner.search.limits import Limits
from llm_simulator.planner.search.outcome import Outcome
from llm_simulator.planner.search.points import MOST_POINTS, SPARE
from llm_simulator.planner.search.pool_candidates import (
    BATCHES_PER_OCTAVE,
    instance_plans,
    ladder,
    pool_outcome,
)
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.serving.given_pools import GivenPools, without_margins
from llm_simulator.planner.specs.search import (
    LADDER,
    REPLICA_LADDER,
    Objective,
    Percentile,
    ServingMode,
    ladder_of,
)
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.units import MILLI

MIN_CHUNK = 65_536
"""Evaluations per chunk below which fixed costs per chunk would show."""
MAX_CHUNK = 131_072
"""Evaluations per chunk at most: bounds a worker's memory and the time to cancel."""
MOST_CONCURRENCIES = 4
"""Concurrencies of a front of pairs over three or more objectives."""
CHUNKS_WANTED = 40
"""Chunks of a middle-sized search: enough for smooth progress."""
MOST_TRIED = 200
"""Plans simulated at most to find those that keep a limit at a percentile."""
SEARCHES_KEPT = 4
"""Prepared searches that a process remembers: a worker meets a few tasks in turn."""


@dataclass(frozen=True)
class PreparedSearch:
    """A request with its plans laid out."""

    problem: SearchProblem
    plans: PlanTable
    """Aggregated deployments; empty when only disaggregated ones are asked for."""
    warnings: tuple[EvaluationWarning, ...]
    instances: PlanTable
    """What pools of disaggregated deployments are made of."""
    max_chips: int
    request: EvaluationRequest
    given: GivenPools | None = None
    """The one disaggregated deployment to evaluate, if a request gives it."""

    @property
    def top_k(self) -> int:
        """Plans that are shown."""
        return self.request.search_constraints.top_k

    @property
    def limit_percentile(self) -> Percentile | None:
        """Percentile of single requests that has to keep the limits; None for the mean."""
        return self.request.search_constraints.limit_percentile

    @cached_property
    def illegal(self) -> IllegalPlans | None:
        """Combinations of degrees that are no plans, by rule; None where they aren't counted."""
        if self.request.search_mode == "manual":
            return None
        constraints = self.request.search_constraints
        return illegal_plans(
            self.problem.deployment,
            self.max_chips,
            constraints.allowed.model_dump(),
            unsupported=constraints.unsupported_plans,
        )

    @property
    def total_plans(self) -> int:
        """Plans the search will evaluate, pairs of pools not counted."""
        if self.given is not None:
            return len(self.problem.concurrencies)
        return len(self.plans) + len(self.instances)

    @property
    def total_evaluations(self) -> int:
        """Plans at concurrencies, and at most those of instances at batches."""
        return len(self.plans) * self._per_plan + len(self.instances) * self._per_instance

    @cached_property
    def layout(self) -> Layout:
        """Chunks that cover the plans in order, then the instances."""
        wanted = -(-self.total_evaluations // CHUNKS_WANTED)
        size = min(max(wanted, MIN_CHUNK), MAX_CHUNK)
        return Layout(
            total_plans=self.total_plans,
            total_evaluations=self.total_evaluations,
            chunks=(
                *slices("plans", len(self.plans), size // self._per_plan),
                *slices("instances", len(self.instances), size // self._per_instance),
            ),
        )

    def evaluated(self, chunk: Chunk, *, points: bool = False) -> Outcome:
        """The outcome of one chunk, with its feasible ``points`` where they are wanted."""
        began = time.perf_counter()
        rows = slice(chunk.start, chunk.stop)
        if self.given is not None:
            found = given_outcome(self.problem, self.given, self.max_chips)
        elif chunk.table == "plans":
            most = self._most_points(chunk) if points else 0
            plans = self.plans[rows]
            found = chunk_outcome(self.problem, plans, chunk.start, most_points=most)
        else:
            pools = pool_outcome(self.problem, self.instances[rows], chunk.start)
            found = Outcome(pools=pools)
        return found.took(time.perf_counter() - began)

    def _most_points(self, chunk: Chunk) -> int:
        """Points that a chunk of plans keeps at most."""
        return math.ceil(SPARE * MOST_POINTS * len(chunk) / len(self.plans))

    @property
    def _per_plan(self) -> int:
        return len(self.problem.of_plans)

    @cached_property
    def _per_instance(self) -> int:
        """Batches that an instance is tried at in either pool, at most."""
        most = self.problem.concurrencies[-1]
        return 2 * len(ladder(most, BATCHES_PER_OCTAVE)) + len(self.problem.concurrencies)


@lru_cache(maxsize=SEARCHES_KEPT)
def prepared(request: EvaluationRequest) -> PreparedSearch:
    """The search of a request, kept for its next chunk."""
    return prepare(request)


def prepare(request: EvaluationRequest) -> PreparedSearch:
    """The search of a request; raises InvalidInput when no legal plan is left to try."""
    constraints, pools = request.search_constraints, request.manual_pools
    given = None if pools is None else given_pools(request, pools)
    problem = problem_of(request)
    if given is not None:
        problem = replace(problem, deployment=without_margins(problem.deployment))
    _check_figures(problem)
    _check_effort(problem, constraints.serving)
    most = most_chips(request)
    if given is not None:
        instances = both_plans(given)
        nothing = instances[slice(0, 0)]
        notes = engine_notes(request, (given.prefill.plan, given.decode.plan))
        warnings = (*request.warnings(), *notes)
        return PreparedSearch(problem, nothing, warnings, instances, most, request, given)
    manual = request.search_mode == "manual"
    plans = _manual_plan(request) if manual else _legal_plans(request, most)
    none = plans[slice(0, 0)]
    notes = engine_notes(request, (plans, plans) if manual else None)
    serving, instances, left_out = constraints.serving, none, []
    if serving is not ServingMode.AGGREGATED:
        of_one, left_out = plans_of_one_engine(request, plans)
        instances = _instances(of_one, most, manual)
    return PreparedSearch(
        problem=problem,
        plans=none if serving is ServingMode.DISAGGREGATED else plans,
        warnings=(*request.warnings(), *notes, *left_out),
        instances=instances,
        max_chips=most,
        request=request,
    )


def problem_of(request: EvaluationRequest) -> SearchProblem:
    """What a request asks of each plan."""
    constraints, workload = request.search_constraints, request.deployment.workload
    return SearchProblem(
        deployment=request.deployment,
        limits=Limits(
            max_ttft=_stricter(workload.max_ttft_ms, constraints.max_ttft_ms),
            max_tpot=_stricter(workload.max_tpot_ms, constraints.max_tpot_ms),
            min_request_rate=constraints.min_request_rate,
            max_e2e_latency=_stricter(workload.max_e2e_latency_ms, constraints.max_e2e_latency_ms),
        ),
        objective=constraints.objective,
        # With percentiles plans are simulated down the ranking: some of the first may fail.
        top_k=max(constraints.top_k, MOST_TRIED if constraints.limit_percentile else 0),
        **_concurrencies(request),
        pareto=constraints.pareto or (),
        decode_deployment=request.decoding,
        risk=constraints.risk,
        # Of a shape other replicas may keep at a percentile what the best in the mean does not.
        fold=constraints.fold and constraints.limit_percentile is None,
    )


def _check_figures(problem: SearchProblem) -> None:
    """Raises InvalidInput where an objective needs a price or a power that nobody knows."""
    needed = {Objective.COST: missing_price, Objective.ENERGY: missing_power}
    for field, objectives in (("objective", (problem.objective,)), ("pareto", problem.pareto)):
        for objective in objectives:
            for deployed in {
                problem.deployment.chip.name: problem.deployment,
                problem.decoding.chip.name: problem.decoding,
            }.values():
                reason = needed[objective](deployed) if objective in needed else None
                if reason is not None:
                    raise InvalidInput.at(f"search_constraints.{field}", reason)


def _check_effort(problem: SearchProblem, serving: ServingMode) -> None:
    """Raises InvalidInput where a front of pairs would take minutes."""
    many = len(problem.pareto) > 2 and len(problem.concurrencies) > MOST_CONCURRENCIES
    if many and serving is not ServingMode.AGGREGATED:
        raise InvalidInput.at(
            "search_constraints.pareto",
            f"three or more objectives with pools take at most {MOST_CONCURRENCIES} concurrencies; "
            "shorten batch_sizes, choose two objectives, or serving aggregated",
        )


class _Concurrencies(TypedDict):
    concurrencies: tuple[int, ...]
    per_replica: tuple[int, ...] | None


def _concurrencies(request: EvaluationRequest) -> _Concurrencies:
    """What each plan is tried at; on the ladder each replica, as many as there may be.

    Simulated deployments climb it as a whole: their requests are counted one by one.
    """
    sizes, workload = request.search_constraints.batch_sizes, request.deployment.workload
    if not isinstance(sizes, str):
        return {"concurrencies": sizes or (workload.batch_size,), "per_replica": None}
    if workload.traffic is not None:
        return {"concurrencies": LADDER, "per_replica": None}
    return {"concurrencies": ladder_of(most_chips(request)), "per_replica": REPLICA_LADDER}


def most_chips(request: EvaluationRequest) -> int:
    """Chips that a deployment may take."""
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
    allowed = constraints.allowed.model_dump()
    plans = enumerate_plans(
        request.deployment, most, allowed, unsupported=constraints.unsupported_plans
    )
    if len(plans) == 0:
        every = enumerate_plans(request.deployment, most, allowed, unsupported=True)
        raise InvalidInput.at(
            "search_constraints.allowed",
            f"leaves no plan on {most} chips that a known engine starts; allow more degrees, or "
            "set search_constraints.unsupported_plans"
            if len(every)
            else f"leaves no legal plan on {most} chips; allow more degrees or leave a list out",
        )
    return plans


def _manual_plan(request: EvaluationRequest) -> PlanTable:
    assert request.manual_parallelism is not None
    plans = PlanTable.of(request.manual_parallelism.model_dump())
    chips = request.deployment.topology.chips
    problems = broken_rules(request.deployment, plans, chips, "manual_parallelism")
    if problems:
        raise InvalidInput(problems)
    return plans
