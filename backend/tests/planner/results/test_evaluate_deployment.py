"""The public entry: whole results as a user reads them."""

import json
from itertools import pairwise

import numpy as np
import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.evaluate import assemble, evaluate_chunk, layout
from llm_simulator.planner.search.prepared import prepare
from llm_simulator.planner.specs.calibration import ENGINES
from tests.deployments import evaluated as evaluate_request
from tests.deployments import evaluated_deployment, read

LOAD = {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 1024}
POD = {"topology": "pod-64", "model": "deepseek-v3", "hardware": "h200-sxm", "inference": LOAD}


@pytest.fixture(scope="module")
def pod():
    return evaluated_deployment(**POD)


def test_all_legal_plans_are_accounted_for(pod):
    stats = pod["search_stats"]
    assert stats["total_plans"] == stats["evaluated_plans"] == 1823
    assert stats["feasible_plans"] + stats["infeasible_plans"] == stats["total_plans"]
    assert sum(stats["infeasible_reasons"].values()) == stats["infeasible_plans"]


def test_ranks_follow_scores(pod):
    plans = pod["top_k_plans"]
    assert [plan["rank"] for plan in plans] == list(range(1, 21))
    scores = [plan["score"] for plan in plans]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(plans[0]["throughput"])


def test_breakdowns_add_up_to_the_headline_figures(pod):
    for plan in pod["top_k_plans"]:
        for phase, total in (("prefill", plan["ttft"]), ("decode", plan["tpot"])):
            latency = plan["latency"][phase]
            kinds = sum(
                latency[f"{kind}_ms"]
                for kind in ("compute", "memory", "communication", "overhead", "waiting")
            )
            operators = sum(operator["time_ms"] for operator in latency["operators"])
            assert latency["total_ms"] == pytest.approx(total)
            assert kinds == pytest.approx(total)
            assert operators == pytest.approx(total)


def test_memory_parts_add_up_and_fit(pod):
    for plan in pod["top_k_plans"]:
        memory = plan["memory"]
        assert sum(part["gb"] for part in memory["parts"]) == pytest.approx(memory["total_gb"])
        assert memory["total_gb"] <= memory["usable_gb"] < memory["capacity_gb"]
        assert memory["capacity_gb"] == pytest.approx(150.75, abs=0.01)


def test_infeasible_plans_say_by_how_much(pod):
    nearest = pod["infeasible_plans"][0]
    assert nearest["is_feasible"] is False
    assert nearest["reason_code"] == "memory"
    assert "GB over the usable 138.2 GB" in nearest["infeasible_reason"]
    assert nearest["rank"] is None
    assert nearest["score"] is None


def test_the_result_is_plain_json(pod):
    assert json.loads(json.dumps(pod, allow_nan=False)) == pod
    first, second = pod["top_k_plans"][:2]
    assert len(json.dumps(second)) < 11_000
    # The first one has its sensitivities beside.
    assert len(json.dumps(first)) < 13_000


def test_results_are_the_same_from_run_to_run_whatever_the_order_of_chunks(pod):
    request = read(POD)
    outcomes = [evaluate_chunk(request, chunk) for chunk in layout(request).chunks]
    again = assemble(request, outcomes[::-1]).as_json()
    assert again["top_k_plans"] == pod["top_k_plans"]
    assert again["infeasible_plans"] == pod["infeasible_plans"]


def test_chunks_cover_every_plan_once_and_show_progress():
    every = {"search_constraints": {"batch_sizes": "ladder", "serving": "both"}}
    for topology, parts in (("server-8", 2), ("pod-64", 4), ("cluster-1024", 40)):
        prepared = prepare(read(POD | every | {"topology": topology}))
        chunks = prepared.layout.chunks
        assert len(chunks) == parts
        for table, rows in (("plans", prepared.plans), ("instances", prepared.instances)):
            own = [chunk for chunk in chunks if chunk.table == table]
            assert own[0].start == 0
            assert own[-1].stop == len(rows)
            assert all(a.stop == b.start for a, b in pairwise(own))


def test_a_manual_plan_is_evaluated_alone():
    result = evaluated_deployment(
        **POD,
        search_mode="manual",
        manual_parallelism={"dp": 8, "tp": 8, "pp": 1, "ep": 64, "sp": 1, "moe_tp": 1},
    )
    (plan,) = result["top_k_plans"]
    assert (plan["chips"], plan["attention_dp"], plan["replicas"]) == (64, 8, 1)
    assert result["search_stats"]["total_plans"] == 1


def test_a_manual_plan_that_does_not_fit_is_a_result_with_a_reason():
    result = evaluated_deployment(
        **POD, search_mode="manual", manual_parallelism={"tp": 4, "ep": 4}
    )
    assert result["top_k_plans"] == []
    assert "GB per chip" in result["infeasible_plans"][0]["infeasible_reason"]


def test_plans_say_which_engines_start_them():
    result = evaluated_deployment(**POD, search_constraints={"top_k": 200})
    plans = result["top_k_plans"]
    assert all(plan["parallelism"]["sp"] == 1 and plan["engines"] for plan in plans)
    for plan in plans:
        assert {*plan["engines"]} | {no["engine"] for no in plan["refused_by"]} == {*ENGINES}
    codes = {(no["engine"], no["code"]) for plan in plans for no in plan["refused_by"]}
    assert codes == {("vllm", "mixed_experts"), ("trtllm", "attention_dp")}
    stats = result["search_stats"]
    assert stats["refused_by_engine"]["sglang"] == {"sp": stats["illegal_reasons"]["no_engine"]}


def test_a_manual_plan_that_no_engine_starts_is_evaluated_with_a_sentence():
    by_hand = {"search_mode": "manual", "manual_parallelism": {"tp": 4, "sp": 2, "moe_tp": 8}}
    result = evaluated_deployment(**POD, **by_hand)
    (plan,) = result["top_k_plans"]
    assert plan["engines"] == []
    assert "No known engine starts this plan: sp must be 1" in str(result["warnings"])
    with pytest.raises(InvalidInput, match="SGLang has no option"):
        evaluated_deployment(**POD | {"inference": LOAD | {"engine": "sglang"}}, **by_hand)


def test_plans_that_no_engine_starts_are_tried_on_request():
    allowed = {"sp": [2], "tp": [4], "pp": [1]}
    with pytest.raises(InvalidInput, match="unsupported_plans"):
        evaluated_deployment(**POD, search_constraints={"allowed": allowed})
    asked = {"allowed": allowed, "unsupported_plans": True}
    result = evaluated_deployment(**POD, search_constraints=asked)
    assert {plan["parallelism"]["sp"] for plan in result["top_k_plans"]} == {2}
    assert "no_engine" not in result["search_stats"]["illegal_reasons"]


def test_pools_run_one_engine():
    """Sparse attention has plans of vLLM alone, which shares prompts, and of SGLang alone."""
    body = POD | {"model": "deepseek-v3.2"}
    result = evaluated_deployment(**body, search_constraints={"serving": "disaggregated"})
    assert all("vllm" in plan["engines"] for plan in result["top_k_plans"])
    assert "Both pools run one engine, here vLLM" in result["warnings"][-1]["message"]


def test_an_engine_on_a_chip_that_it_does_not_run_on_is_noted():
    body = POD | {"hardware": "mi300x", "inference": LOAD | {"engine": "trtllm"}}
    result = evaluated_deployment(**body, search_constraints={"max_chips": 8})
    assert "TensorRT-LLM does not start on mi300x" in str(result["warnings"])
    assert "trtllm" not in result["top_k_plans"][0]["engines"]


def test_a_missed_limit_is_told_with_its_distance():
    result = evaluated_deployment(**POD, search_constraints={"max_tpot_ms": 1})
    assert result["top_k_plans"] == []
    reason = result["infeasible_plans"][0]["infeasible_reason"]
    assert reason.startswith("TPOT ")
    assert "over the limit of 1 ms" in reason


def test_the_stricter_of_two_limits_counts():
    load = LOAD | {"max_tpot_ms": 20}
    both = evaluated_deployment(**POD | {"inference": load}, search_constraints={"max_tpot_ms": 30})
    assert both["search_stats"]["infeasible_reasons"]["max_tpot"] > 0
    assert all(plan["tpot"] <= 20 for plan in both["top_k_plans"])


def test_the_search_uses_at_most_max_chips():
    result = evaluated_deployment(
        **POD, search_constraints={"max_chips": 16, "objective": "throughput"}
    )
    assert {plan["chips"] for plan in result["top_k_plans"]} <= set(range(1, 17))


def test_requests_longer_than_the_model_was_made_for_are_noted():
    load = LOAD | {"input_seq_length": 200_000}
    result = evaluated_deployment(**POD | {"inference": load}, search_constraints={"max_chips": 8})
    (warning,) = result["warnings"]
    assert warning["code"] == "context_length"
    assert warning["values"]["positions"] == 163840
    assert "163840" in warning["message"]


def test_progress_counts_plans():
    seen = []
    constraints = {"batch_sizes": list(range(1, 80))}
    evaluated_deployment(
        **POD,
        search_constraints=constraints,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert len(seen) > 1
    assert seen[-1] == (1823, 1823)


def _asked(**changes):
    inference = {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 1024}
    return evaluated_deployment(
        topology="server-8",
        model="llama-3.1-70b",
        hardware="h200-sxm",
        inference=inference | changes,
    )


def test_every_figure_has_an_interval_around_it_and_says_what_it_rests_on():
    for engine, provenance in (("vllm", "calibrated"), (None, "first_principles")):
        for plan in _asked(engine=engine)["top_k_plans"]:
            for name in ("ttft", "tpot", "throughput"):
                assert plan[f"{name}_low"] < plan[name] < plan[f"{name}_high"]
            assert plan["provenance"] == provenance
            assert plan["basis"].endswith(".")


def test_the_engine_changes_the_figures():
    figures = {engine: _asked(engine=engine)["top_k_plans"][0]["tpot"] for engine in ENGINES}
    assert len(set(figures.values())) == len(ENGINES)


def test_a_load_outside_of_what_was_measured_says_so():
    (far,) = _asked(engine="vllm", input_seq_length=100_000)["warnings"]
    assert far["code"] == "prompts_outside_measured"
    assert "Prompts of 100000 tokens lie outside" in far["message"]
    assert "(115 to 14000)" in far["message"]
    codes = {warning["code"] for warning in _asked(engine="vllm")["warnings"]}
    assert "prompts_outside_measured" not in codes


def test_a_calibration_of_ones_own_comes_on_top():
    level = {"subject": {"engine": "vllm", "chip": "h200-sxm"}, "tpot": [0.5, *[0.0] * 64]}
    own = {"title": "t", "source": "s", "entered": "d", "levels": [level], "residuals": []}
    request = {
        "topology": "server-8",
        "model": "llama-3.1-70b",
        "hardware": "h200-sxm",
        "inference": {
            "engine": "vllm",
            "batch_size": 64,
            "input_seq_length": 1024,
            "output_seq_length": 1024,
        },
        "search_mode": "manual",
        "manual_parallelism": {"tp": 8},
    }
    plain, corrected = (
        evaluate_request(body)["top_k_plans"][0]
        for body in (request, request | {"calibration": own})
    )
    assert corrected["tpot"] == pytest.approx(plain["tpot"] * np.exp(0.5))
    assert corrected["ttft"] == pytest.approx(plain["ttft"])


def test_a_snapshot_with_its_calibration_gives_the_same_figures():
    request = read(
        {
            "topology": "server-8",
            "model": "llama-3.1-70b",
            "hardware": "h200-sxm",
            "inference": {
                "engine": "sglang",
                "batch_size": 8,
                "input_seq_length": 256,
                "output_seq_length": 256,
            },
        }
    )
    assert read(request.snapshot()).snapshot() == request.snapshot()
    again = evaluate_request(request.snapshot())
    assert again["top_k_plans"][0]["provenance"] == "transferred"


def test_pools_are_never_called_calibrated():
    result = evaluated_deployment(
        topology="server-8",
        model="llama-3.1-70b",
        hardware="h200-sxm",
        inference=LOAD | {"engine": "vllm"},
        search_constraints={"serving": "disaggregated"},
    )
    best = result["top_k_plans"][0]
    shared = _asked(engine="vllm")["top_k_plans"][0]
    assert best["provenance"] == "transferred"
    widths = [plan["tpot_high"] / plan["tpot_low"] for plan in (best, shared)]
    assert widths[0] > widths[1]
