"""A disaggregated deployment that a request gives: checked, and judged at each concurrency."""

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np

from llm_simulator.errors import FieldProblem, InvalidInput
from llm_simulator.planner.plans.legality import rules
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.search.caution import judged
from llm_simulator.planner.search.disaggregated import Found, pair_limits
from llm_simulator.planner.search.limits import first_missed, worst_overshoot
from llm_simulator.planner.search.outcome import Outcome
from llm_simulator.planner.search.pairs import Pairs
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.search.ranking import latency, score, scores
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.given_pools import GivenPool, GivenPools, loaded_pools
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.pools import ManualPool, ManualPools
from llm_simulator.units import IntArray

PREFILL, DECODE = 0, 1
"""Places of both plans in the table that ``both_plans`` makes."""


def given_pools(request: EvaluationRequest, pools: ManualPools) -> GivenPools:
    """The pools of a request; raises InvalidInput naming every rule that a plan breaks."""
    decoding = request.decoding or request.deployment
    return checked_pools(request.deployment, decoding, pools, "manual_pools")


def checked_pools(
    deployment: Deployment, decoding: Deployment, pools: ManualPools, field: str
) -> GivenPools:
    """The pools that stand at ``field``; raises InvalidInput naming every rule a plan breaks."""
    given, chips = legal_pools(deployment, decoding, pools, field), deployment.topology.chips
    if given.chips > chips:
        raise InvalidInput.at(field, f"uses {given.chips} chips, the topology has {chips}")
    return given


def legal_pools(
    deployment: Deployment, decoding: Deployment, pools: ManualPools, field: str
) -> GivenPools:
    """The same whatever the chips of both together; raises InvalidInput."""
    chips = deployment.topology.chips
    given = GivenPools(_pool(pools.prefill), _pool(pools.decode))
    problems = [
        *broken_rules(deployment, given.prefill.plan, chips, f"{field}.prefill.parallelism"),
        *broken_rules(decoding, given.decode.plan, chips, f"{field}.decode.parallelism"),
    ]
    if problems:
        raise InvalidInput(problems)
    return given


def broken_rules(
    deployment: Deployment, plan: PlanTable, chips: int, field: str
) -> list[FieldProblem]:
    """What makes a plan given at ``field`` no plan, degree by degree."""
    return list(_broken_rules(deployment, plan, chips, field))


def _broken_rules(
    deployment: Deployment, plan: PlanTable, chips: int, field: str
) -> Iterator[FieldProblem]:
    for rule in rules(plan, deployment, chips):
        if rule.holds[0]:
            continue
        if rule.degree == "chips":
            yield FieldProblem(field, rule.reason)
        else:
            degree = int(getattr(plan, rule.degree)[0])
            yield FieldProblem(f"{field}.{rule.degree}", f"{degree} {rule.reason}")


def both_plans(pools: GivenPools) -> PlanTable:
    """The plan of a prefill instance, then that of a decode instance."""
    plans = (pools.prefill.plan, pools.decode.plan)
    return PlanTable(
        **{
            field.name: np.concatenate([getattr(plan, field.name) for plan in plans])
            for field in fields(PlanTable)
        }
    )


def given_outcome(problem: SearchProblem, pools: GivenPools, max_chips: int) -> Outcome:
    """The outcome of a given deployment at every concurrency of ``problem``."""
    matched = loaded_pools(problem.deployment, problem.decoding, pools, problem.concurrencies)
    found = _judged(problem, pools, matched, max_chips)
    if problem.cautious:
        return found
    robust = _judged(problem.with_caution(), pools, matched, max_chips).best
    return replace(found, robust=robust)


def _judged(
    problem: SearchProblem, pools: GivenPools, matched: MatchedPools, max_chips: int
) -> Outcome:
    """The outcome of what is ``matched``: the pools at one concurrency a row."""
    limits = pair_limits(problem, matched, max_chips)
    rows = len(problem.concurrencies)
    served = judged(problem, matched)

    def both(prefill: int, decode: int) -> IntArray:
        return np.tile((prefill, decode), (rows, 1))

    pairs = Pairs(
        plans=both(PREFILL, DECODE),
        batches=np.stack((matched.prefill.batch, matched.decode.batch), axis=-1),
        instances=both(pools.prefill.instances, pools.decode.instances),
        population=np.array(problem.concurrencies),
        chips=np.broadcast_to(matched.chips, rows),
        order=np.arange(rows),
        missed=first_missed(limits, rows),
        value=score(problem.objective, served),
        latency=latency(served),
        overshoot=worst_overshoot(limits),
        scores=scores(problem.pareto, served),
    )
    found = Found(problem.top_k, ())
    found.absorb(pairs, tuple(limit.code for limit in limits))
    return found.outcome(rows, 0)


def _pool(pool: ManualPool) -> GivenPool:
    plan = PlanTable.of(pool.parallelism.model_dump())
    return GivenPool(plan, pool.instances, pool.max_batch_size)
