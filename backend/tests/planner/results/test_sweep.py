"""Sweeps: the same as single evaluations, however they are cut up; nonsense is refused by name."""

import json
import pickle

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.evaluate import (
    assemble,
    evaluate_chunk,
    layout,
    outcome_as_json,
    outcome_from_json,
    parse_request,
    running_stats,
    stored_request,
)
from llm_simulator.planner.results import sweep as sweeping
from tests.deployments import CATALOGUE
from tests.deployments import evaluated as evaluate_request

BODY = {
    "model": "llama-3.1-8b",
    "topology": "server-8",
    "hardware": "h200-sxm",
    "inference": {
        "batch_size": 64,
        "input_seq_length": 1024,
        "output_seq_length": 256,
        "engine": "vllm",
    },
    "search_constraints": {"top_k": 3},
}
FIGURES = (
    *("parallelism", "engines", "chips", "throughput", "ttft", "tpot", "score", "ttft_high"),
    "provenance",
)


def swept(*axes, **changes):
    return evaluate_request({**BODY, **changes, "sweep": list(axes)})


def single(**changes):
    return evaluate_request({**BODY, **changes})


def figures(plan):
    return {name: plan[name] for name in FIGURES}


def without_time(result):
    stats = {k: v for k, v in result["search_stats"].items() if k != "seconds"}
    return {**result, "search_stats": stats}


def problem_of(*axes, **changes):
    with pytest.raises(InvalidInput) as caught:
        layout(parse_request({**BODY, **changes, "sweep": list(axes)}, CATALOGUE))
    [problem] = caught.value.problems
    return problem.field, problem.message


def test_every_point_is_what_its_own_evaluation_finds():
    loads = [{**BODY["inference"], "input_seq_length": length} for length in (1024, 4096)]
    result = swept("hardware=h200-sxm, a100-sxm", "inference.input_seq_length=[1k, 4k]")
    points = iter(result["sweep"]["points"])
    for row, chip in enumerate(("h200-sxm", "a100-sxm")):
        for column, load in enumerate(loads):
            alone = single(hardware=chip, inference=load)
            point = next(points)
            assert point["index"] == [row, column]
            assert figures(point) == figures(alone["top_k_plans"][0])
            assert point["feasible_plans"] == alone["search_stats"]["feasible_plans"]


def test_the_result_shows_the_best_point_and_counts_all():
    result = swept("chip.memory_bandwidth=3..5 TB/s step 1")
    chip = {"base": "h200-sxm", "memory_bandwidth": "5 TB/s"}
    best = single(hardware=chip)
    assert result["sweep"]["best"] == [2]
    assert result["top_k_plans"] == best["top_k_plans"]
    assert result["sweep"]["axes"] == [
        {
            "field": "chip.memory_bandwidth",
            "values": [3.0, 4.0, 5.0],
            "labels": ["3 TB/s", "4 TB/s", "5 TB/s"],
            "unit": "TB/s",
        }
    ]
    plans = best["search_stats"]["total_plans"]
    assert result["search_stats"]["total_plans"] == 3 * plans
    throughput = [point["throughput"] for point in result["sweep"]["points"]]
    assert throughput == sorted(throughput)


def test_another_chip_has_its_own_calibration_and_a_changed_figure_keeps_it():
    chips = swept("hardware=h200-sxm, ascend-910b")["sweep"]["points"]
    assert [point["provenance"] for point in chips] == ["calibrated", "transferred"]
    figure = swept("chip.memory_bandwidth=4, 5 TB/s", "inference.engine=vllm")
    assert {p["provenance"] for p in figure["sweep"]["points"]} == {"calibrated"}


def test_formats_and_links_follow_each_point():
    """An A100 does not multiply in fp8, and its boards are wired by its own link."""
    topology = {"pods": 1, "racks_per_pod": 1, "boards_per_rack": 1, "chips_per_board": 8}
    changes = {"model": "qwen3-32b", "topology": topology}
    points = swept("hardware=h200-sxm, a100-sxm", **changes)["sweep"]["points"]
    alone = single(hardware="a100-sxm", **changes)
    assert figures(points[1]) == figures(alone["top_k_plans"][0])


def test_points_whose_engines_differ_are_cut_up_by_their_own_plans(monkeypatch):
    """Gaudi has fewer plans: neither SGLang nor TensorRT-LLM runs on it."""
    monkeypatch.setattr(sweeping, "EVALUATIONS_PER_CHUNK", 1)
    load = {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 256}
    body = {**BODY, "model": "gpt-oss-20b", "inference": load}
    request = parse_request({**body, "sweep": ["hardware=gaudi-3, h200-sxm"]}, CATALOGUE)
    points = in_chunks(request)["sweep"]["points"]
    assert [point["engines"] for point in points] == [["vllm"], ["vllm", "sglang", "trtllm"]]
    tried = [
        evaluate_request({**body, "hardware": name})["search_stats"]["total_plans"]
        for name in ("gaudi-3", "h200-sxm")
    ]
    assert [point["plans"] for point in points] == tried
    assert tried[0] < tried[1]


@pytest.mark.parametrize("serving", ["aggregated", "both"])
def test_how_a_sweep_is_cut_up_changes_nothing(serving, monkeypatch):
    constraints = {"top_k": 3, "serving": serving}
    body = {
        **BODY,
        "search_constraints": constraints,
        "sweep": ["inference.batch_size=16, 64", "chip.memory_bandwidth=2, 4 TB/s"],
    }
    request = parse_request(body, CATALOGUE)
    whole = without_time(in_chunks(request))
    assert len(layout(request).chunks) <= 4
    monkeypatch.setattr(sweeping, "EVALUATIONS_PER_CHUNK", 1)
    monkeypatch.setattr("llm_simulator.planner.search.prepared.MIN_CHUNK", 20)
    assert len(layout(request).chunks) > 4
    assert without_time(in_chunks(request, backwards=True)) == whole


def in_chunks(request, *, backwards=False):
    """The result of a request that travels, with each of its chunks, to a worker."""
    work = layout(request)
    sent = [pickle.dumps((request, chunk)) for chunk in work.chunks]
    found = [outcome_as_json(evaluate_chunk(*pickle.loads(call))) for call in sent]
    outcomes = [outcome_from_json(json.loads(json.dumps(outcome))) for outcome in found]
    stats = running_stats(outcomes, work.total_plans)
    assert stats.evaluated_plans == stats.total_plans == work.total_plans
    return assemble(request, outcomes[::-1] if backwards else outcomes).as_json()


def test_a_snapshot_reads_as_the_same_sweep():
    body = {**BODY, "sweep": ["model=llama-3.1-8b, qwen3-32b", "chip.memory_capacity_gb=40, 80"]}
    snapshot = parse_request(body, CATALOGUE).snapshot()
    assert parse_request(snapshot, CATALOGUE).snapshot() == snapshot
    assert stored_request(snapshot, CATALOGUE) == parse_request(body, CATALOGUE)
    assert without_time(evaluate_request(snapshot)) == without_time(evaluate_request(body))


def test_points_where_nothing_fits_say_why():
    result = swept("chip.memory_capacity=2, 8, 141 GB", model="llama-3.1-70b")
    small, larger, best = result["sweep"]["points"]
    assert not small["feasible"]
    assert small["reason_code"] == "memory"
    assert small["overshoot"] > larger["overshoot"] > 1
    assert best["feasible"]
    assert result["sweep"]["best"] == [2]


def test_without_any_feasible_point_the_nearest_is_shown():
    result = swept("chip.memory_capacity=2, 8 GB", model="llama-3.1-70b")
    assert result["sweep"]["best"] == [1]
    assert result["top_k_plans"] == []
    assert result["infeasible_plans"]


@pytest.mark.parametrize(
    ("axes", "field", "hint"),
    [
        (["chip.memory_bandwith=1, 2 TB/s"], "sweep[0].field", "'memory_bandwidth'"),
        (["chip.memory_bandwidth=2 TB/s, 3 GB"], "sweep[0].values[1]", "3.35 TB/s"),
        (["hardware=h100-sxm, h1000"], "sweep[0].values[1]", "'h100-sxm'"),
        (["hardware=h200-sxm", "inference.batch_size=2, -2"], "sweep[1].values[1]", "-2"),
        (["inference.batch_size=1.5, 2"], "sweep[0].values[0]", "integer"),
        (["hardware=h200-sxm, a100-sxm", "inference.activation_dtype=bf16, fp8"],
         "sweep[1].values[1]", "a100-sxm"),
        (["inference.batch_size=1..9999 step 1"], "sweep[0].values.step", "2,500"),
        (["inference.batch_size=1..60 step 1", "chip.memory_bandwidth=1..60 TB/s step 1"],
         "sweep", "2,500"),
        ([{"field": "hardware"}], "sweep[0]", "'values'"),
        ([{"field": "hardware", "values": []}], "sweep[0].values", "1 to"),
        ([{"field": "hardware", "values": [None]}], "sweep[0].values[0]", "needed"),
        ([{"field": "hardware", "values": ["a"], "valeus": 1}], "sweep[0].valeus", "known"),
        ([{"field": 3, "values": [1]}], "sweep[0].field", "path"),
        ([{"field": "inference.batch_size", "range": {"from": 4, "to": 2, "step": 1}}],
         "sweep[0].range.to", "above"),
        ([{"field": "inference.batch_size", "range": {"from": 0, "to": 2, "count": 3,
                                                      "scale": "log"}}],
         "sweep[0].range.from", "log"),
        (["chip.memory_bandwidth=2 GB/s..8 TB/s step 1"], "sweep[0].values", "one unit"),
        (["search_constraints.objective=ttft, tpot"], "sweep[0].field", "one objective"),
        (["calibration.factors.gemm=1, 2"], "sweep[0].field", "model, chip and engine"),
        (["inference.traffic.requests=1, 2"], "sweep[0].field", "not given"),
        (["topology.links.rack.bandwidth_gbps=1, 2"], "sweep[0].field", "no link b2b"),
        (["hardware=h200-sxm", "chip=a100-sxm"], "sweep[1].field", "first axis"),
        (["nonsense"], "sweep[0]", "step 0.5"),
        (["inference.batch_size=1e999999999, 2"], "sweep[0].values[0]", "integer"),
        ([], "sweep", "one or two"),
    ],
)  # fmt: skip
def test_nonsense_is_one_error_that_names_its_place(axes, field, hint):
    found, message = problem_of(*axes)
    assert found == field
    assert hint in message


def test_a_wrong_part_beside_the_axes_is_named_itself():
    field, message = problem_of("chip.memory_bandwidth=2, 3 TB/s", model="llama-9")
    assert field == "model"
    assert "llama-3" in message


def test_a_plan_by_hand_that_a_point_does_not_allow_is_refused():
    manual = {"search_mode": "manual", "manual_parallelism": {"tp": 8}}
    field, message = problem_of("topology=server-8, pod-64", "manual_parallelism.tp=8, 3", **manual)
    assert field == "sweep[1].values[1]"
    assert "3" in message


def test_a_load_may_leave_its_concurrency_to_the_search():
    load = {name: value for name, value in BODY["inference"].items() if name != "batch_size"}
    changes = {"inference": load, "search_constraints": {"batch_sizes": "ladder", "top_k": 1}}
    [point] = swept("chip.memory_bandwidth=4 TB/s", **changes)["sweep"]["points"]
    chip = {"base": "h200-sxm", "memory_bandwidth": "4 TB/s"}
    [best] = single(hardware=chip, **changes)["top_k_plans"]
    assert figures(point) == figures(best)
    assert point["batch_size"] == best["batch_size"] > 64


def test_pools_of_another_chip_are_calibrated_at_each_point():
    constraints = {"serving": "disaggregated", "top_k": 1}
    changes = {"decode_hardware": "b200-sxm", "search_constraints": constraints}
    points = swept("model=llama-3.1-8b, qwen3-32b", **changes)["sweep"]["points"]
    [best] = single(model="qwen3-32b", **changes)["top_k_plans"]
    assert figures(points[1]) == figures(best)
