"""Measured runs on separate pools: read from both kinds of tables, predicted and compared."""

import math

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.comparison import compared, summary
from llm_simulator.planner.calibration.pool_fit import fitted_pools
from llm_simulator.planner.calibration.pools import (
    COLUMNS,
    INFERENCEX_COLUMNS,
    pooled_latency,
    pooled_measurement_of,
    pooled_prediction,
    runs_on_pools,
)
from llm_simulator.planner.calibration.prediction import measured_deployment
from llm_simulator.planner.results.result import EvaluationResult
from tests.deployments import evaluated

CATALOGUE = builtin_catalogue()
ROW = {
    "model": "deepseek-r1",
    "chip": "h200-sxm",
    "framework": "trtllm",
    "framework_version": "0.8.1",
    "image": "nvcr.io/nvidia/ai-dynamo/tensorrtllm-runtime:0.8.1",
    "precision": "fp8",
    "input_tokens": "1024",
    "output_tokens": "1024",
    "concurrency": "256",
    "prefill_workers": "1",
    "prefill_tp": "1",
    "prefill_pp": "1",
    "prefill_attention_dp": "8",
    "prefill_moe_tp": "1",
    "prefill_ep": "8",
    "decode_workers": "2",
    "decode_tp": "8",
    "decode_pp": "1",
    "decode_attention_dp": "1",
    "decode_moe_tp": "1",
    "decode_ep": "8",
    "ttft_ms": "900",
    "tpot_ms": "20",
}
INFERENCEX = {
    "model": "deepseek-r1",
    "chip": "h200-sxm",
    "framework": "dynamo-trt",
    "image": "nvcr.io#nvidia/ai-dynamo/tensorrtllm-runtime:0.8.1",
    "precision": "fp8",
    "speculative": "none",
    "disaggregated": "True",
    "prefill_tp": "1",
    "prefill_ep": "1",
    "prefill_dp_attention": "True",
    "prefill_num_workers": "1.0",
    "num_prefill_gpu": "8",
    "decode_tp": "8",
    "decode_ep": "8",
    "decode_dp_attention": "False",
    "decode_num_workers": "2.0",
    "num_decode_gpu": "16",
    "input_tokens": "1024",
    "output_tokens": "1024",
    "concurrency": "256",
    "ttft_mean_ms": "900",
    "tpot_mean_ms": "20",
}


def predicted(**changes):
    return pooled_prediction(pooled_measurement_of(ROW | changes), CATALOGUE)


def test_a_row_is_the_deployment_it_was_measured_on():
    measured = pooled_measurement_of(ROW)
    prefill, decode = measured.pools.prefill, measured.pools.decode
    assert (prefill.instances, prefill.parallelism.dp, prefill.parallelism.ep) == (1, 8, 8)
    assert (decode.instances, decode.parallelism.tp) == (2, 8)
    assert measured.chips == 24


def test_a_version_of_the_image_s_own_is_none_of_the_engine():
    assert pooled_measurement_of(ROW).framework_version is None
    assert pooled_measurement_of(ROW | {"image": ""}).framework_version == "0.8.1"


def test_both_kinds_of_tables_say_the_same():
    assert set(COLUMNS) <= set(ROW)
    assert set(INFERENCEX_COLUMNS) <= set(INFERENCEX)
    assert pooled_measurement_of(INFERENCEX) == pooled_measurement_of(ROW)


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"concurrency": "256"}, 128),
        ({"concurrency": "36"}, 16),
        ({"concurrency": "36", "precision": "fp4"}, None),
        ({"concurrency": "96", "precision": "fp4"}, 32),
        ({"concurrency": "1"}, None),
        ({"concurrency": "36", "decode_max_batch_size": "20"}, 20),
        ({"concurrency": "36", "image": "lmsysorg/sglang:v0.5.8"}, None),
    ],
)
def test_the_recipes_of_tensorrt_llm_have_powers_of_two_for_places(changes, places):
    assert pooled_measurement_of(ROW | changes).pools.decode.max_batch_size == places


def test_rows_of_aggregated_runs_are_told_apart():
    assert runs_on_pools(ROW)
    assert runs_on_pools(INFERENCEX)
    assert not runs_on_pools(INFERENCEX | {"disaggregated": "False"})
    assert not runs_on_pools({"tp": "8"})


def test_a_run_is_predicted_as_a_request_for_the_same_pools_is_answered():
    measured = pooled_measurement_of(ROW | {"source": "own"})
    load = {"batch_size": 256, "input_seq_length": 1024, "output_seq_length": 1024}
    body = {
        "model": "deepseek-v3",
        "hardware": "h200-sxm",
        "topology": "pod-64",
        "inference": load | {"engine": "trtllm"},
        "search_mode": "manual",
        "manual_pools": measured.pools.model_dump(),
    }
    [plan] = EvaluationResult.model_validate(evaluated(body)).top_k_plans
    expected = predicted(source="own")
    assert plan.tpot == pytest.approx(expected.tpot_ms)
    assert plan.pools is not None
    # One request in ten finds half of all the others before it.
    burst = 1000 * 256 / 2 / plan.pools.prefill.rate / 10
    assert expected.ttft_ms == pytest.approx(plan.ttft + burst)


def test_a_batch_limit_makes_requests_wait_and_decode_faster():
    free, limited = predicted(), predicted(decode_max_batch_size="64")
    assert limited.tpot_ms < free.tpot_ms
    # 128 of 256 requests decode at once.
    assert limited.ttft_ms > 0.9 * 1023 * limited.tpot_ms


def test_ranks_that_do_not_divide_the_experts_hold_copies():
    wide = {"decode_workers": "1", "decode_tp": "1", "decode_attention_dp": "48"}
    assert predicted(**wide, decode_ep="48").tpot_ms > 0


def test_what_ran_had_room_for_a_cache():
    # 671 GB of weights on four chips of 186 GB: by our count a single request fits beside them.
    four = {"tp": "4", "attention_dp": "1", "moe_tp": "4", "ep": "1"}
    both = {
        f"{pool}_{name}": value for pool in ("prefill", "decode") for name, value in four.items()
    }
    found = predicted(**both, chip="gb200", framework="sglang", concurrency="32")
    assert found.ttft_ms < 2_000


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (ROW | {"prefill_workers": ""}, "prefill_workers"),
        (ROW | {"decode_moe_tp": "0"}, "decode_moe_tp"),
        (ROW | {"decode_ep": "two"}, "decode_ep"),
        (ROW | {"concurrency": ""}, "concurrency"),
        (INFERENCEX | {"speculative": "mtp"}, "speculative"),
        (INFERENCEX | {"num_decode_gpu": ""}, "num_decode_gpu"),
    ],
)
def test_what_a_row_does_not_say_is_named(row, field):
    with pytest.raises(InvalidInput) as caught:
        pooled_measurement_of(row)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_an_illegal_plan_names_its_pool():
    with pytest.raises(InvalidInput) as caught:
        predicted(decode_tp="7", decode_ep="7")
    assert {p.field.rsplit(".", 1)[0] for p in caught.value.problems} == {"row.decode.parallelism"}


def test_throughput_is_off_by_the_time_of_a_request():
    run = predicted()
    measured = {"ttft_ms": str(2 * run.ttft_ms), "tpot_ms": str(2 * run.tpot_ms)}
    found = summary(compared([ROW | measured], CATALOGUE))
    assert found.throughput is not None
    assert found.throughput.mean == pytest.approx(1.0)
    assert found.tpot is not None
    assert found.tpot.bias == pytest.approx(-0.5)


def test_pools_that_decode_slower_are_found_out_by_engine_and_chip():
    slower = {("sglang", "b200-sxm"): 1.5, ("sglang", "h200-sxm"): 1.0, ("trtllm", "b200-sxm"): 1.0}
    runs, known = [], {}
    for (engine, chip), factor in slower.items():
        own = {"image": "", "framework_version": "", "framework": engine, "chip": chip}
        for requests in (4, 16, 64, 96, 128, 256):
            run = pooled_measurement_of(ROW | own | {"concurrency": str(requests)})
            deployed = measured_deployment(run, CATALOGUE)
            known[engine, chip] = factor * deployed.calibration.factors.pool_decode
            ttft, tpot = pooled_latency(run, deployed, known[engine, chip])
            runs.append(run.model_copy(update={"ttft_ms": 1e3 * ttft, "tpot_ms": 1e3 * tpot}))
    levels, residuals = fitted_pools(runs, CATALOGUE)
    found = {
        (level.subject.engine, level.subject.family): math.exp(level.factors["pool_decode"])
        for level in levels
    }
    family = {chip: CATALOGUE.chips[chip].spec.family for _, chip in slower}
    assert found == pytest.approx(
        {(engine, family[chip]): factor for (engine, chip), factor in known.items()}, rel=0.06
    )
    assert [item.subject.engine for item in residuals] == [None, "sglang", "trtllm"]
    assert residuals[0].runs == len(runs)
