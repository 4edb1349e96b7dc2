"""Memory by stage, part and token, and what context and concurrency it leaves room for."""

from collections.abc import Iterator

import numpy as np

from llm_simulator.planner.costs.memory import (
    Held,
    ResidentMemory,
    StageMemory,
    held_by,
    stage_layers,
    stage_memory,
    weight_parts,
)
from llm_simulator.planner.explain.explanation import (
    ContextRoom,
    ExplainedMemory,
    Part,
    StageName,
)
from llm_simulator.planner.explain.explanation import StageMemory as ExplainedStage
from llm_simulator.planner.explain.only import only
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.results.aggregated import AggregatedPlans
from llm_simulator.planner.results.figures import Shown
from llm_simulator.planner.results.largest import largest_within
from llm_simulator.planner.results.memory_use import cache_of_request, longest_context
from llm_simulator.planner.results.plan import MemoryPart
from llm_simulator.planner.serving.instances import held_by_decode, held_by_prefill
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.units import GIGA, Count

GROWN_BY = 8192
"""Tokens over which a cache's growth is looked at, so that whole blocks don't show."""
SHORTEST_CONTEXT = 1024


def explained_memory(shown: Shown) -> list[ExplainedMemory]:
    """The memory of a table's only plan, or of both of its pools."""
    problem = shown.problem
    if isinstance(shown, AggregatedPlans):
        deployment, requests = problem.deployment, shown.requests
        held = held_by(deployment, requests)
        return [_part("all", deployment, shown.plans, shown.memory, held, 1)]
    in_prefill, in_decode = shown.memories
    prefill, decode = shown.prefill, shown.decode
    return [
        _part(
            "prefill",
            problem.deployment,
            prefill.plans,
            in_prefill,
            held_by_prefill(problem.deployment, prefill.plans, prefill.batch),
            int(prefill.count[0]),
        ),
        _part(
            "decode",
            problem.decoding,
            decode.plans,
            in_decode,
            held_by_decode(problem.decoding, decode.plans, decode.batch),
            int(decode.count[0]),
        ),
    ]


def _part(
    part: Part,
    deployment: Deployment,
    plan: PlanTable,
    memory: ResidentMemory,
    held: Held,
    instances: int,
) -> ExplainedMemory:
    request_bytes = cache_of_request(deployment, plan, memory, 0)
    room, ranks = float(memory.room[0]), instances * int(plan.dp[0])
    longest = int(largest_within(request_bytes, [room], longest_context(deployment.model))[0])
    tokens = int(held.tokens)
    one, grown = request_bytes(np.array([tokens, tokens + GROWN_BY], dtype=float)).tolist()
    lengths = sorted({*_lengths(longest), *([tokens] if tokens <= longest else [])})
    sizes = request_bytes(np.array(lengths, dtype=float)).tolist()
    return ExplainedMemory(
        part=part,
        stages=list(_stages(deployment, plan, held)),
        requests_per_rank=only(held.requests),
        request_tokens=tokens,
        request_gb=one / GIGA,
        token_bytes=(grown - one) / GROWN_BY,
        contexts=[
            ContextRoom(
                tokens=length,
                request_gb=size / GIGA,
                requests=ranks * int(room / size),
            )
            for length, size in zip(lengths, sizes, strict=True)
        ],
    )


def _lengths(longest: int) -> Iterator[int]:
    length = SHORTEST_CONTEXT
    while length < longest:
        yield length
        length *= 2
    if longest:
        yield longest


def _stages(deployment: Deployment, plan: PlanTable, held: Held) -> Iterator[ExplainedStage]:
    """Every kind of stage: the only one, or the first, those between, and the last."""
    on, layers = stage_memory(deployment, plan, held), stage_layers(deployment.model, plan)
    stages = int(plan.pp[0])
    names: tuple[StageName, ...] = ("only",) if stages == 1 else ("first", "middle", "last")
    parts = list(weight_parts(deployment, plan, layers))
    for row, name in enumerate(names):
        if stages != 2 or name != "middle":
            weights = [(part, _at(size, row) / GIGA) for part, size in parts]
            yield _stage(name, _at(layers.every, row), [w for w in weights if w[1]], on, row)


def _stage(
    name: StageName, layers: float, weights: list[tuple[str, float]], on: StageMemory, row: int
) -> ExplainedStage:
    cache, activations, runtime, room = (
        _at(figure, row) / GIGA for figure in (on.kv_cache, on.activations, on.runtime, on.room)
    )
    return ExplainedStage(
        stage=name,
        layers=layers,
        weights=[MemoryPart(name=part, gb=gb) for part, gb in weights],
        kv_cache_gb=cache,
        activations_gb=activations,
        runtime_gb=runtime,
        total_gb=_at(on.weights, row) / GIGA + cache + activations + runtime,
        room_gb=room,
    )


def _at(figure: Count, row: int) -> float:
    """The figure of the only plan on the stage of this ``row``."""
    whole = np.asarray(figure, dtype=float)
    if whole.ndim < 2:
        return float(whole.reshape(-1)[0])
    return float(whole[min(row, len(whole) - 1), 0])
