"""The explanation of one plan, put together from what its figures are made of."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from llm_simulator.planner.costs.memory import held_by, resident_memory, running_requests
from llm_simulator.planner.explain.case import Case, case_of
from llm_simulator.planner.explain.changes import changes_of
from llm_simulator.planner.explain.explanation import (
    Capacity,
    Explanation,
    GroupReach,
    MessageTraffic,
    PhaseName,
    RankMap,
    Schedule,
    Traffic,
)
from llm_simulator.planner.explain.layer_schedule import layer_schedules
from llm_simulator.planner.explain.memory import explained_memory
from llm_simulator.planner.explain.only import only
from llm_simulator.planner.explain.phases import explained_phase
from llm_simulator.planner.explain.places import rank_map
from llm_simulator.planner.explain.reach import kept_by, last_kept, rows_at_once
from llm_simulator.planner.explain.schedule import request_schedule, round_schedule
from llm_simulator.planner.explain.traffic import (
    cache_traffic,
    group_reaches,
    step_traffic,
    tier_traffic,
)
from llm_simulator.planner.operators.speculation import accepted_tokens
from llm_simulator.planner.requests.catalogue import Catalogue
from llm_simulator.planner.results.aggregated import AggregatedPlans
from llm_simulator.planner.results.figures import Shown, missed_limit, plan_of
from llm_simulator.planner.results.largest import largest_within
from llm_simulator.planner.results.likelihood import limit_probabilities
from llm_simulator.planner.results.memory_use import cache_of_request, longest_context
from llm_simulator.planner.results.plan import AnyPlan, Sensitivity
from llm_simulator.planner.results.sensitivity import (
    most_at_once,
    plan_sensitivity,
    pool_sensitivity,
)
from llm_simulator.planner.serving.breakdown import Passage
from llm_simulator.planner.serving.instances import decode_memory
from llm_simulator.units import Array

FIRST = 1
"""The rank of the only plan."""


def explain(body: Mapping[str, Any], catalogue: Catalogue) -> Explanation:
    """The explanation of the plan in ``body``: a request with its ``plan``, or in manual mode.

    An infeasible plan is explained too. Raises InvalidInput for what is no request and no plan.
    """
    case = case_of(body, catalogue)
    shown = case.shown()
    # First of all: its rows are the plan with its hardware moved, and the plan as it is.
    sensitivity = _sensitivity(case, shown)
    plan = _plan(case, shown)
    passages: dict[PhaseName, Passage] = {
        "prefill": shown.breakdown.prompts,
        "decode": shown.breakdown.tokens,
    }
    corrections = _corrections(shown)
    messages = [
        message
        for phase, passage in passages.items()
        for message in step_traffic(phase, passage, corrections[phase])
    ]
    if not isinstance(shown, AggregatedPlans):
        messages.append(cache_traffic(shown.served, plan.kv_transfer_ms or 0.0))
    assert plan.latency is not None
    latencies = {"prefill": plan.latency.prefill, "decode": plan.latency.decode}
    return Explanation(
        plan=plan,
        limits=[missed_limit(limit, 0) for limit in shown.limits],
        phases=[
            explained_phase(
                phase,
                passage,
                latencies[phase],
                [message for message in messages if message.phase == phase],
                corrections[phase],
            )
            for phase, passage in passages.items()
        ],
        traffic=_traffic(shown, passages, messages),
        schedules=_schedules(shown, passages, plan, corrections),
        ranks=_ranks(case),
        groups=_groups(shown, passages),
        memory=explained_memory(shown),
        capacity=_capacity(case, shown),
        changes=changes_of(case, shown, body, catalogue),
        sensitivity=sensitivity,
        warnings=list(case.warnings),
    )


def _plan(case: Case, shown: Shown) -> AnyPlan:
    """The plan's figures, as an evaluation gives them."""
    plan = plan_of(shown, 0, FIRST, None)
    limits = limit_probabilities(
        case.problem.limits,
        plan,
        output_tokens=case.deployment.workload.output_seq_length,
        percentile=None,
    )
    return plan.model_copy(update={"limits": limits}) if limits else plan


def _corrections(shown: Shown) -> dict[PhaseName, float]:
    """Measured over predicted TTFT and TPOT; pools have none."""
    if not isinstance(shown, AggregatedPlans):
        return {"prefill": 1.0, "decode": 1.0}
    served = shown.serving
    return {
        "prefill": only(served.ttft_correction),
        "decode": only(served.tpot_correction),
    }


def _traffic(
    shown: Shown, passages: Mapping[PhaseName, Passage], messages: list[MessageTraffic]
) -> Traffic:
    counts: dict[PhaseName, int] = dict.fromkeys(passages, int(shown.served.chips[0]))
    if not isinstance(shown, AggregatedPlans):
        counts = {
            "prefill": int(shown.served.prefill_chips[0]),
            "decode": int(shown.served.decode_chips[0]),
        }
    deployed = {
        phase: (passage.cost_model.deployment, counts[phase]) for phase, passage in passages.items()
    }
    return Traffic(messages=messages, tiers=tier_traffic(messages, deployed))


def _schedules(
    shown: Shown,
    passages: Mapping[PhaseName, Passage],
    plan: AnyPlan,
    corrections: Mapping[PhaseName, float],
) -> list[Schedule]:
    assert plan.latency is not None
    aggregated = isinstance(shown, AggregatedPlans)
    requests = shown.requests if aggregated else shown.decode.batch
    prompts, tokens = passages["prefill"], passages["decode"]
    accepted = accepted_tokens(tokens.cost_model.deployment.workload.speculative)
    return [
        request_schedule(prompts, plan.latency.prefill, corrections["prefill"]),
        round_schedule(
            tokens, plan.latency.decode, corrections["decode"], float(requests[0]), accepted
        ),
        *layer_schedules("prefill_layer", prompts, corrections["prefill"]),
        *layer_schedules("decode_layer", tokens, corrections["decode"]),
    ]


def _ranks(case: Case) -> list[RankMap]:
    topology = case.deployment.topology
    if case.plan is not None:
        return [rank_map("all", case.plan, topology)]
    assert case.pools is not None
    prefill, decode = case.pools.prefill, case.pools.decode
    return [
        rank_map("prefill", prefill.plan, topology, instances=prefill.instances),
        rank_map("decode", decode.plan, topology, instances=decode.instances, first=prefill.chips),
    ]


def _groups(shown: Shown, passages: Mapping[PhaseName, Passage]) -> list[GroupReach]:
    if isinstance(shown, AggregatedPlans):
        return group_reaches("all", passages["decode"].cost_model.network)
    return [
        found
        for part, passage in passages.items()
        for found in group_reaches(part, passage.cost_model.network)
    ]


def _capacity(case: Case, shown: Shown) -> Capacity:
    """The largest concurrency and context, by memory and within the limits."""
    problem = case.problem
    aggregated = isinstance(shown, AggregatedPlans)
    deployment = problem.deployment if aggregated else problem.decoding
    memory = shown.memory if aggregated else shown.memories[1]
    plan = shown.plans
    instances = 1 if aggregated else int(shown.decode.count[0])
    ranks = instances * int(plan.dp[0])

    def resident(requests: Array) -> Array:
        if aggregated:
            return resident_memory(deployment, plan, held_by(deployment, requests)).total
        return decode_memory(deployment, plan, requests).total

    on_rank = running_requests(deployment, np.ceil(case.concurrency / ranks))
    room, requests = float(memory.room[0]), float(on_rank)
    if not aggregated:
        requests = float(shown.decode.batch[0])
    guesses = [room / max(float(np.ravel(memory.kv_cache)[0]), 1.0) * requests]
    usable = [float(memory.usable[0])]
    at_once = most_at_once(deployment)
    most = ranks * int(largest_within(resident, usable, at_once, guesses=guesses)[0])
    request_bytes = cache_of_request(deployment, plan, memory, 0)
    longest = longest_context(deployment.model)
    alone, together = largest_within(request_bytes, [room, room / requests], longest).tolist()
    return Capacity(
        largest_concurrency=most or None,
        largest_concurrency_within_limits=_within_limits(case, most),
        largest_context=alone or None,
        largest_context_at_concurrency=together or None,
    )


def _within_limits(case: Case, most: int) -> int | None:
    """The largest concurrency that keeps all limits; None where none does."""
    if case.problem.limits.none or not most:
        return most or None

    def kept(numbers: list[int]) -> Any:
        return kept_by(case.shown(numbers), without=("min_request_rate",))

    found = last_kept(kept, 1, most, rows_at_once(case))
    if found is None or not kept_by(case.shown([found]))[0]:
        return None
    return found


def _sensitivity(case: Case, shown: Shown) -> Sensitivity | None:
    """What the plan's figures depend on; not of pools of two kinds of chip."""
    running = case.deployment.at_concurrency(case.concurrency)
    if isinstance(shown, AggregatedPlans):
        return plan_sensitivity(running, shown.plans, case.problem.ranks)
    if case.problem.decode_deployment is not None:
        return None
    return pool_sensitivity(running, shown.prefill, shown.decode)
