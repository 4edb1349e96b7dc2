"""Where TTFT and TPOT of disaggregated deployments come from, operator by operator."""

from dataclasses import replace

import numpy as np

from llm_simulator.planner.costs.step_cost import StepCostModel
from llm_simulator.planner.operators.speculation import accepted_tokens
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.breakdown import Breakdown, OperatorSeconds, operator_times
from llm_simulator.planner.serving.disaggregated import MatchedPools
from llm_simulator.planner.serving.instances import (
    decode_step,
    host_overhead,
    prefill_step,
    prompt_chunks,
)


def pool_breakdown(
    pools: MatchedPools, prefill_plans: PlanTable, decode_plans: PlanTable
) -> Breakdown:
    """The breakdown of every pair of ``pools``, columns of shape [Q] beside both plan tables."""
    deployment, decoding = pools.deployment, pools.decoding
    overhead = host_overhead(deployment, pools.prefill.batch)
    chunks = prompt_chunks(deployment)
    accepted = accepted_tokens(deployment.workload.speculative)
    prompts = prefill_step(deployment, pools.prefill.batch)
    tokens = decode_step(decoding, decode_plans, pools.decode.batch)
    prefill = operator_times(
        StepCostModel(deployment, prefill_plans).operator_costs(prompts),
        chunks + prefill_plans.pp - 1,
    )
    decode = operator_times(
        StepCostModel(decoding, decode_plans).operator_costs(tokens), decode_plans.pp / accepted
    )
    token_overhead = host_overhead(decoding, pools.decode.batch) / accepted
    decode += (OperatorSeconds("host_overhead", overhead=token_overhead),)
    return Breakdown(
        prefill=(
            *prefill,
            OperatorSeconds("host_overhead", overhead=chunks * overhead),
            OperatorSeconds("kv_transfer", communication=np.asarray(pools.transfer)),
            _together("first_decode_step", decode),
            OperatorSeconds("queueing", waiting=pools.queueing),
        ),
        decode=decode,
    )


def _together(name: str, times: tuple[OperatorSeconds, ...]) -> OperatorSeconds:
    """All of ``times`` as one row, each second still charged to its cause."""
    total = OperatorSeconds(name)
    for time in times:
        total = replace(
            total,
            compute=total.compute + time.compute,
            memory=total.memory + time.memory,
            communication=total.communication + time.communication,
            overhead=total.overhead + time.overhead,
        )
    return total
