"""A plan under a load, to be worked out at any concurrency and with anything changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.planner.explain.given import PlanGiven, PoolGiven, plan_given
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.results.aggregated import AggregatedPlans
from llm_simulator.planner.results.disaggregated import ChosenPools, DisaggregatedPlans
from llm_simulator.planner.results.figures import Shown
from llm_simulator.planner.search.engines import engine_notes
from llm_simulator.planner.search.given import broken_rules, legal_pools
from llm_simulator.planner.search.outcome import Candidate
from llm_simulator.planner.search.prepared import (
    PreparedSearch,
    most_chips,
    prepare,
    problem_of,
)
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.serving.given_pools import GivenPools, loaded_pools
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.units import IntArray

NO_TRAFFIC = EvaluationWarning.of(
    "preview_without_traffic",
    "An explanation simulates no single requests: limits are judged by means.",
)
OF_THE_SEARCH = ("pareto", "limit_percentile", "serving")
"""Constraints that say nothing of one plan."""


@dataclass(frozen=True)
class Case:
    """One plan, aggregated or in pools, under a load."""

    problem: SearchProblem
    concurrency: int
    max_chips: int
    warnings: tuple[EvaluationWarning, ...]
    plan: PlanTable | None = None
    """The only row of an aggregated plan."""
    pools: GivenPools | None = None
    batches: tuple[int, int] | None = None
    """Of a rank of either pool; left out, what the load makes of it."""

    @property
    def deployment(self) -> Deployment:
        """That of an aggregated plan, or of the prefill pool."""
        return self.problem.deployment

    @property
    def is_legal(self) -> bool:
        """Whether every degree divides what it has to on the case's deployments."""
        problem, chips = self.problem, self.deployment.topology.chips
        if self.pools is None:
            assert self.plan is not None
            return not broken_rules(problem.deployment, self.plan, chips, "plan")
        prefill, decode = self.pools.prefill.plan, self.pools.decode.plan
        return not (
            broken_rules(problem.deployment, prefill, chips, "plan")
            or broken_rules(problem.decoding, decode, chips, "plan")
        )

    def shown(self, concurrencies: Sequence[int] | None = None) -> Shown:
        """All figures of the plan, a row per concurrency; left out, at its own."""
        sizes = np.array([self.concurrency] if concurrencies is None else concurrencies)
        if self.plan is not None:
            return AggregatedPlans(self.problem, _repeated(self.plan, len(sizes)), sizes)
        assert self.pools is not None
        prefill, decode = self._batches(sizes)
        return DisaggregatedPlans(
            self.problem,
            ChosenPools(
                _repeated(self.pools.prefill.plan, len(sizes)),
                prefill,
                np.full(len(sizes), self.pools.prefill.instances),
            ),
            ChosenPools(
                _repeated(self.pools.decode.plan, len(sizes)),
                decode,
                np.full(len(sizes), self.pools.decode.instances),
            ),
            sizes,
            self.max_chips,
        )

    def on(self, deployment: Deployment) -> "Case":
        """The same plan on another deployment, of both pools alike."""
        problem = replace(self.problem, deployment=deployment)
        if problem.decode_deployment is not None:
            decoding = replace(problem.decode_deployment, workload=deployment.workload)
            problem = replace(problem, decode_deployment=decoding)
        return replace(self, problem=problem)

    def _batches(self, sizes: IntArray) -> tuple[IntArray, IntArray]:
        assert self.pools is not None
        if self.batches is not None:
            prefill, decode = self.batches
            return np.full(len(sizes), prefill), np.full(len(sizes), decode)
        problem = self.problem
        found = loaded_pools(problem.deployment, problem.decoding, self.pools, sizes.tolist())
        return found.prefill.batch, found.decode.batch


def _repeated(plan: PlanTable, rows: int) -> PlanTable:
    return plan[np.zeros(rows, dtype=np.int64)]


def parts_read(deployment: Deployment) -> dict[str, Any]:
    """The parts of a request's body that stay as they are whatever its load is."""
    return {
        "topology": deployment.topology,
        "model": deployment.model,
        "hardware": deployment.chip,
        "economics": deployment.economics,
    }


def case_of(body: Mapping[str, Any], catalogue: Catalogue) -> Case:
    """The case that a request's ``body`` and its ``plan`` are; raises InvalidInput."""
    if body.get("sweep") is not None:
        raise InvalidInput.at("sweep", "has many points; explain one: set its fields, leave it out")
    rest = {name: part for name, part in body.items() if name not in ("plan", "sweep")}
    if body.get("plan") is None:
        return _own_plan(rest, catalogue)
    given = plan_given(body["plan"])
    batches = _batches_given(given)
    try:
        request = _request(_with(rest, given), catalogue)
        if batches is not None:
            return _pools_at_work(request, batches, margins=body.get("manual_pools") is None)
        return _prepared(prepare(request))
    except InvalidInput as error:
        raise InvalidInput([_renamed(problem) for problem in error.problems]) from error


def _pools_at_work(request: EvaluationRequest, batches: tuple[int, int], *, margins: bool) -> Case:
    """Pools that run given ``batches``, on more chips than there are if need be; a search loads
    them with the ``margins`` of the request."""
    assert request.manual_pools is not None
    problem = problem_of(request)
    pools = legal_pools(problem.deployment, problem.decoding, request.manual_pools, "manual_pools")
    if pools.chips <= problem.deployment.topology.chips:
        problem = prepare(request).problem
    if margins:
        problem = replace(problem, deployment=request.deployment)
    notes = engine_notes(request, (pools.prefill.plan, pools.decode.plan))
    return _case(
        problem,
        most_chips(request),
        (*request.warnings(), *notes),
        pools=pools,
        batches=batches,
    )


def _own_plan(rest: Mapping[str, Any], catalogue: Catalogue) -> Case:
    """The plan that the request itself gives."""
    if rest.get("manual_parallelism") is None and rest.get("manual_pools") is None:
        raise InvalidInput.at("plan", "is needed: parallelism (dp, tp, pp, ep, …), or pools")
    return _prepared(prepare(_request({**rest, "search_mode": "manual"}, catalogue)))


def _request(body: Mapping[str, Any], catalogue: Catalogue) -> EvaluationRequest:
    """The request without what only a search has."""
    given = body.get("search_constraints")
    rest = dict(body)
    if isinstance(given, Mapping):
        kept = {name: part for name, part in given.items() if name not in OF_THE_SEARCH}
        serving = "aggregated" if body.get("manual_pools") is None else "disaggregated"
        rest["search_constraints"] = kept | {"serving": serving, "top_k": 1}
        if serving == "aggregated" and given.get("serving") in ("both", "disaggregated"):
            # The chip of decode pools has no part in an aggregated plan.
            rest["decode_hardware"] = rest["decode_calibration"] = None
    return EvaluationRequest.parse(rest, catalogue)


def _with(body: Mapping[str, Any], given: PlanGiven) -> dict[str, Any]:
    """The body asking for the plan that is ``given``."""
    degrees, pools = given.parallelism, given.pools
    whole = {
        **body,
        "search_mode": "manual",
        "manual_parallelism": degrees.model_dump() if degrees and not pools else None,
        "manual_pools": pools.manual if pools else None,
    }
    constraints = body.get("search_constraints")
    if given.batch_size is not None and (constraints is None or isinstance(constraints, Mapping)):
        whole["search_constraints"] = {**(constraints or {}), "batch_sizes": [given.batch_size]}
    return whole


def _renamed(problem: FieldProblem) -> FieldProblem:
    """The problem where the plan is given."""
    for name, place in (("manual_parallelism", "parallelism"), ("manual_pools", "pools")):
        if problem.field.startswith(name):
            return FieldProblem(f"plan.{place}{problem.field.removeprefix(name)}", problem.message)
    if problem.field == "search_constraints.batch_sizes[0]":
        return FieldProblem("plan.batch_size", problem.message)
    return problem


def _batches_given(given: PlanGiven) -> tuple[int, int] | None:
    """The batches of a rank of either pool, if they are given."""
    if given.pools is None or not (given.pools.prefill.batch or given.pools.decode.batch):
        return None
    return (
        _batch_of("prefill", given.pools.prefill),
        _batch_of("decode", given.pools.decode),
    )


def _batch_of(name: str, pool: PoolGiven) -> int:
    field, dp = f"plan.pools.{name}.batch", pool.parallelism.dp
    if pool.batch is None:
        raise InvalidInput.at(field, "is needed beside that of the other pool; or leave both out")
    if pool.batch % dp:
        raise InvalidInput.at(field, f"{pool.batch} must be a multiple of the {dp} ranks (dp)")
    return pool.batch // dp


def _prepared(found: PreparedSearch) -> Case:
    """The case of a prepared evaluation of one plan, at the best of its concurrencies."""
    case = _case(
        found.problem,
        found.max_chips,
        found.warnings,
        plan=None if found.given else found.plans,
        pools=found.given,
    )
    if len(found.problem.concurrencies) == 1:
        return case
    return replace(case, concurrency=_best(found).batch_size)


def _case(
    problem: SearchProblem,
    most: int,
    warnings: tuple[EvaluationWarning, ...],
    *,
    plan: PlanTable | None = None,
    pools: GivenPools | None = None,
    batches: tuple[int, int] | None = None,
) -> Case:
    """The case at the first concurrency, with no single requests simulated."""
    simulated = problem.deployment.workload.traffic is not None
    return Case(
        problem=_without_traffic(problem),
        concurrency=problem.concurrencies[0],
        max_chips=most,
        warnings=(*warnings, NO_TRAFFIC) if simulated else warnings,
        plan=plan,
        pools=pools,
        batches=batches,
    )


def _best(found: PreparedSearch) -> Candidate:
    """The plan at the concurrency where it does best, or is nearest to fitting."""
    [chunk] = found.layout.chunks[:1]
    outcome = found.evaluated(chunk)
    return (outcome.best or outcome.nearest)[0]


def _without_traffic(problem: SearchProblem) -> SearchProblem:
    """The problem with no single requests simulated."""

    def quiet(deployment: Deployment) -> Deployment:
        workload = deployment.workload.model_copy(update={"traffic": None})
        return replace(deployment, workload=workload)

    if problem.deployment.workload.traffic is None:
        return problem
    decoding = problem.decode_deployment
    return replace(
        problem,
        deployment=quiet(problem.deployment),
        decode_deployment=None if decoding is None else quiet(decoding),
    )
