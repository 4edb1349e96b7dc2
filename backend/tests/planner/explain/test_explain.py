"""What is said of a plan: its sums are the result's figures, whatever the plan."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from llm_simulator import explain as explain_typed
from llm_simulator.errors import InvalidInput
from llm_simulator.evaluate import evaluate_request
from llm_simulator.planner.operators.speculation import accepted_tokens
from llm_simulator.planner.plans.coordinates import ranks_on_chips
from llm_simulator.planner.specs.speculation import Speculation
from tests.deployments import CATALOGUE, plan


def explain(request: Any, given: Any) -> Any:
    """The explanation, whose optional parts a test knows to be there."""
    return explain_typed(request, given)


LLAMA = {
    "model": "llama-3.1-70b",
    "topology": "servers-4x8",
    "hardware": "h100-sxm",
    "inference": {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 512},
}
DEEPSEEK = {
    "model": "deepseek-v3",
    "topology": "pod-64",
    "hardware": "h200-sxm",
    "inference": {
        "batch_size": 256,
        "input_seq_length": 1024,
        "output_seq_length": 512,
        "engine": "vllm",
    },
}
POOLS = {
    "prefill": {"instances": 2, "parallelism": {"tp": 4}},
    "decode": {"instances": 1, "parallelism": {"tp": 8}},
}


def load(request, **changes):
    """The request with another load."""
    return request | {"inference": request["inference"] | changes}


CASES = {
    "one stage": (LLAMA, {"parallelism": {"tp": 8}}),
    "stages": (LLAMA, {"parallelism": {"tp": 2, "pp": 6}}),
    "two stages": (LLAMA, {"parallelism": {"tp": 2, "pp": 2, "dp": 4}}),
    "chunks": (load(LLAMA, input_seq_length=20_000), {"parallelism": {"tp": 4, "pp": 4}}),
    "experts": (DEEPSEEK, {"parallelism": {"dp": 64, "ep": 64}}),
    "shares of a cache": (DEEPSEEK, {"parallelism": {"tp": 8, "ep": 8, "dcp": 8}}),
    "experts on stages": (DEEPSEEK, {"parallelism": {"tp": 8, "pp": 2, "ep": 8}}),
    "drafts": (
        load(DEEPSEEK, speculative={"draft_tokens": 1, "acceptance_rate": 0.8, "method": "mtp"}),
        {"parallelism": {"dp": 16, "ep": 16}},
    ),
    "overlap": (
        load(DEEPSEEK, two_batch_overlap=True, batch_size=8192),
        {"parallelism": {"dp": 64, "ep": 64}},
    ),
    "pools": (LLAMA, {"pools": POOLS}),
    "calibrated pools": (load(LLAMA, engine="vllm"), {"pools": POOLS}),
    "infeasible": (load(LLAMA, input_seq_length=60_000), {"parallelism": {"tp": 2}}),
}
EACH = pytest.mark.parametrize(("request_", "given"), CASES.values(), ids=list(CASES))
CLOSE = {"rel": 1e-9, "abs": 1e-12}


@EACH
def test_operators_add_up_to_the_latencies_by_every_cause(request_, given):
    found = explain(request_, given)
    shown = (found.plan.latency.prefill, found.plan.latency.decode)
    for phase, figure, latency in zip(
        found.phases, (found.plan.ttft, found.plan.tpot), shown, strict=True
    ):
        assert phase.total_ms == pytest.approx(figure, **CLOSE)
        for cause in ("time", "compute", "memory", "communication", "overhead", "waiting"):
            total = "total_ms" if cause == "time" else f"{cause}_ms"
            added = sum(getattr(operator, f"{cause}_ms") for operator in phase.operators)
            assert added == pytest.approx(getattr(latency, total), **CLOSE)


@EACH
def test_messages_take_the_time_that_communication_takes(request_, given):
    found = explain(request_, given)
    for phase in found.phases:
        sent = sum(m.time_ms for m in found.traffic.messages if m.phase == phase.phase)
        own = sum(o.communication_ms for o in phase.operators if o.name != "first_decode_step")
        assert sent == pytest.approx(own, **CLOSE)


@EACH
def test_tiers_carry_what_their_messages_put_on_the_wire(request_, given):
    found = explain(request_, given)
    for tier in found.traffic.tiers:
        carried = sum(
            on.bytes
            for message in found.traffic.messages
            for on in message.tiers
            if (message.phase, on.tier) == (tier.phase, tier.tier)
        )
        assert tier.bytes == pytest.approx(carried, **CLOSE)
    for message in found.traffic.messages:
        assert message.bytes == pytest.approx(sum(on.bytes for on in message.tiers), **CLOSE)
        assert message.bytes > 0


@EACH
def test_no_operator_is_faster_than_the_data_sheet(request_, given):
    for phase in explain(request_, given).phases:
        for operator in phase.operators:
            assert (operator.compute_reach or 0) <= 1
            assert (operator.memory_reach or 0) <= 1


@EACH
def test_schedules_are_as_long_as_the_figures(request_, given):
    found = explain(request_, given)
    request, decoding, *layers = found.schedules
    speculation = request_["inference"].get("speculative")
    accepted = accepted_tokens(speculation and Speculation(**speculation))
    assert request.length_ms == pytest.approx(found.plan.ttft, **CLOSE)
    assert decoding.length_ms == pytest.approx(found.plan.tpot * accepted, **CLOSE)
    for schedule in (request, decoding, *layers):
        assert {span.lane for span in schedule.spans} <= set(schedule.lanes)
        assert min(span.start_ms for span in schedule.spans) >= 0
        assert max(span.end_ms for span in schedule.spans) <= schedule.length_ms * (1 + 1e-9)
        assert max(span.end_ms for span in schedule.spans) == pytest.approx(schedule.length_ms)
        _no_overlaps(schedule)


def _no_overlaps(schedule):
    for lane in schedule.lanes:
        spans = sorted((s for s in schedule.spans if s.lane == lane), key=lambda s: s.start_ms)
        for one, other in pairwise(spans):
            assert one.end_ms <= other.start_ms + 1e-9 * schedule.length_ms


@pytest.mark.parametrize("name", ["one stage", "stages", "experts", "experts on stages"])
def test_layers_make_up_the_operators_of_layers(name):
    """Of the slowest stage: its step is its layers, what lies before and behind, and handing on."""
    found = explain(*CASES[name])
    phase = found.phases[1]
    layers = [s for s in found.schedules if s.name == "decode_layer"]
    shown = {operator.name: operator.time_ms for operator in phase.operators}
    if name in ("one stage", "experts"):
        names = {span.name for schedule in layers for span in schedule.spans}
        behind = ("embedding", "lm_head", "sampling")
        assert not names & set(behind)
        logits = sum(m.time_ms for m in _of(found, "decode") if m.pattern == "all_gather")
        added = sum(schedule.layers * schedule.length_ms for schedule in layers)
        reductions = [m for m in _of(found, "decode") if m.pattern == "all_reduce"]
        # One reduction more than those of the layers follows the embedding.
        more = sum(m.time_ms / m.times for m in reductions)
        rest = sum(
            ms
            for operator, ms in shown.items()
            if operator in behind or operator in ("host_overhead", "prefill_interference")
        )
        assert added + rest + logits + more == pytest.approx(phase.total_ms, rel=1e-9)
    else:
        assert 0 < sum(schedule.layers for schedule in layers) < 80


def _of(found, phase):
    return [message for message in found.traffic.messages if message.phase == phase]


@EACH
def test_memory_by_stage_and_part_is_that_of_the_result(request_, given):
    found = explain(request_, given)
    uses = [found.plan.memory]
    if found.plan.pools is not None:
        uses = [found.plan.pools.prefill.memory, found.plan.pools.decode.memory]
    for part, shown in zip(found.memory, uses, strict=True):
        totals = [stage.total_gb for stage in part.stages]
        assert any(total == pytest.approx(shown.total_gb, **CLOSE) for total in totals)
        for stage in part.stages:
            added = sum(weight.gb for weight in stage.weights)
            added += stage.kv_cache_gb + stage.activations_gb + stage.runtime_gb
            assert stage.total_gb == pytest.approx(added, **CLOSE)


@EACH
def test_the_plan_is_what_an_evaluation_finds(request_, given):
    found = explain(request_, given)
    manual = request_ | {"search_mode": "manual"}
    if "pools" in given:
        manual |= {"manual_pools": given["pools"]}
    else:
        manual |= {"manual_parallelism": given["parallelism"]}
    result: Any = evaluate_request(manual)
    [plan_] = result.top_k_plans or result.infeasible_plans
    for figure in ("ttft", "tpot", "throughput", "chips", "latency", "memory", "is_feasible"):
        assert getattr(found.plan, figure) == getattr(plan_, figure)
    if result.top_k_plans:
        assert found.sensitivity == plan_.sensitivity


@pytest.mark.parametrize("serving", ["aggregated", "disaggregated"])
def test_a_plan_of_a_search_is_explained_as_it_is(serving):
    request_ = LLAMA | {"search_constraints": {"serving": serving, "top_k": 3}}
    for shown in evaluate_request(request_).top_k_plans:
        found = explain(request_, shown)
        assert (found.plan.ttft, found.plan.tpot) == (shown.ttft, shown.tpot)
        assert found.plan.pools == shown.pools
        assert explain(request_, shown.model_dump(mode="json")).plan == found.plan


def test_several_concurrencies_are_explained_at_the_best():
    request_ = LLAMA | {"search_constraints": {"batch_sizes": [1, 16, 256]}}
    assert explain(request_, {"parallelism": {"tp": 8}}).plan.batch_size == 256
    given = {"parallelism": {"tp": 8}, "batch_size": 7}
    assert explain(request_, given).plan.batch_size == 7


def test_ranks_sit_where_the_placement_counts_them():
    topology = CATALOGUE.topologies["servers-4x8"].spec
    ranks = ranks_on_chips(plan(tp=4, pp=2, dp=4), topology)
    assert ranks.index["tp"].tolist() == [0, 1, 2, 3] * 8
    assert ranks.index["pp"].tolist() == ([0] * 4 + [1] * 4) * 4
    assert ranks.index["dp"].tolist() == np.repeat(range(4), 8).tolist()
    assert ranks.place["chip"].tolist() == [*range(8)] * 4
    found = explain(DEEPSEEK, {"parallelism": {"dp": 64, "ep": 64}})
    [ranks] = found.ranks
    assert ranks.ep == ranks.dp == list(range(64))
    [group] = found.groups
    assert (group.group, group.ranks, group.stride) == ("expert", 64, 1)


def test_neighbours_in_tp_share_out_a_cache():
    [ranks] = explain(DEEPSEEK, {"parallelism": {"tp": 8, "ep": 8, "dcp": 4}}).ranks
    assert ranks.dcp == [0, 1, 2, 3] * 2
    [alone] = explain(DEEPSEEK, {"parallelism": {"tp": 8, "ep": 8}}).ranks
    assert alone.dcp == [0] * 8


def test_pools_sit_side_by_side():
    prefill, decode = explain(LLAMA, {"pools": POOLS}).ranks
    assert prefill.instance == [0] * 4 + [1] * 4
    assert (prefill.board, decode.board) == ([0] * 8, [1] * 8)


@pytest.mark.parametrize(
    ("changes", "given", "field"),
    [
        ({}, None, "plan"),
        ({}, {}, "plan"),
        ({}, {"parallelism": {"tp": 3}}, "plan.parallelism.tp"),
        ({}, {"parallelism": {"tp": 64}}, "plan.parallelism"),
        ({}, {"parallelism": {"tq": 3}}, "plan.parallelism.tq"),
        ({}, {"parallelism": {"tp": "many"}}, "plan.parallelism.tp"),
        ({}, {"parallelism": {"tp": 8}, "batch_size": 0}, "plan.batch_size"),
        ({}, {"parallelism": {"tp": 8}, "colour": "red"}, "plan.colour"),
        ({}, {"pools": {"prefill": {"parallelism": {"tp": 4}}}}, "plan.pools.decode"),
        ({}, {"pools": POOLS | {"decode": {"parallelism": {"tp": 5}}}}, "plan.pools.decode"),
        ({"sweep": ["hardware=h200-sxm"]}, {"parallelism": {"tp": 8}}, "sweep"),
        ({"hardware": "h1000"}, {"parallelism": {"tp": 8}}, "hardware"),
        ({"search_constraints": 3}, {"parallelism": {"tp": 8}}, "search_constraints"),
    ],
)
def test_nonsense_is_named(changes, given, field):
    with pytest.raises(InvalidInput) as error:
        explain(LLAMA | changes, given)
    assert error.value.problems[0].field.startswith(field)


def test_a_batch_of_one_pool_needs_that_of_the_other():
    pools = {"prefill": POOLS["prefill"] | {"batch": 2}, "decode": POOLS["decode"]}
    with pytest.raises(InvalidInput, match=r"plan\.pools\.decode\.batch"):
        explain(LLAMA, {"pools": pools})


def test_steps_are_those_of_a_rank():
    step = explain(LLAMA, {"parallelism": {"tp": 8}}).phases[1].step
    assert (step.decoding, step.prompts, step.context) == (64, 0, 1024 + 256)


def test_a_pair_of_pools_that_needs_more_chips_than_there_are_is_explained():
    request_ = LLAMA | {"topology": "server-8"}
    pools = {
        "prefill": {"instances": 2, "parallelism": {"tp": 4}, "batch": 4},
        "decode": {"instances": 1, "parallelism": {"tp": 8}, "batch": 64},
    }
    found = explain(request_, {"pools": pools})
    assert found.plan.reason_code == "chips"
    assert found.phases[0].total_ms == pytest.approx(found.plan.ttft, **CLOSE)
