"""A request and a row of measurements that ask the same get the same answer."""

import pytest

from llm_simulator.planner.calibration.measurement import measurement_of
from llm_simulator.planner.calibration.prediction import measured_deployment, prediction
from llm_simulator.planner.requests.calibrations import read_calibration
from llm_simulator.planner.specs.dtypes import Dtype
from tests.deployments import CATALOGUE, evaluated

SAME = 1e-9

ONE_OF_EACH = {
    # model, chip, engine and version, label and format of the weights, chips and degrees
    "C52": ("deepseek-r1", "b200-sxm", "trtllm", None, "fp4", "nvfp4", {"tp": 8, "moe_tp": 8}),
    "R1 H200": ("deepseek-r1", "h200-sxm", "trtllm", None, "fp8", None, {"tp": 8, "moe_tp": 8}),
    "R1 attention DP": ("deepseek-r1", "h200-sxm", "sglang", "0.5.9", "fp8", None,
                        {"tp": 2, "attention_dp": 4, "ep": 8}),
    "70B": ("llama-3.1-70b", "h100-sxm", "vllm", None, "fp8", "fp8", {"tp": 4}),
    "70B stages": ("llama-3.1-70b", "h100-sxm", "vllm", "0.15.1", "bf16", None, {"tp": 4, "pp": 2}),
    "gpt-oss": ("gpt-oss-120b", "b200-sxm", "vllm", None, "fp4", None, {"tp": 2, "moe_tp": 2}),
    "Qwen3": ("qwen3-235b-a22b", "h100-sxm", "sglang", None, "fp8", "fp8", {"tp": 8, "ep": 8}),
    "one chip": ("llama-3.1-8b", "l40s", "vllm", None, "bf16", None, {}),
}  # fmt: skip

NO_BURST = {
    "title": "no burst",
    "source": "a test",
    "entered": "2026-11-27",
    "levels": [{"factors": {"opening_burst": -20, "slot_wait": -20}}],
    "residuals": [],
}
"""Takes away what only a benchmark has, whose slots all start at once."""


def asked_both_ways(name, concurrency, calibration=None, source=None, **formats):
    """The plan that ``evaluate`` finds for a case, and what ``validate`` predicts for its row."""
    model, chip, engine, version, label, weights, degrees = ONE_OF_EACH[name]
    said = {"engine": engine, "engine_version": version, "weight_dtype": weights} | formats
    load = {"batch_size": concurrency, "input_seq_length": 1600, "output_seq_length": 600}
    shared = {"tp": 1, "pp": 1, "attention_dp": 1, "moe_tp": 1, "ep": 1} | degrees
    result = evaluated(
        {
            "model": model,
            "hardware": chip,
            "topology": "server-8",
            "inference": load | {field: value for field, value in said.items() if value},
            "search_mode": "manual",
            "manual_parallelism": {
                "dp" if degree == "attention_dp" else degree: size
                for degree, size in shared.items()
            },
            "calibration": calibration,
        }
    )
    row = {
        "model": model,
        "chip": chip,
        "framework": engine,
        "framework_version": version,
        "precision": label,
        "input_tokens": 1600,
        "output_tokens": 600,
        "concurrency": concurrency,
        "source": source,
        "ttft_ms": 1,
        "tpot_ms": 1,
    }
    written = {column: str(value) for column, value in (row | shared | formats).items() if value}
    catalogue = CATALOGUE
    if calibration is not None:
        catalogue = catalogue.with_calibration(read_calibration(calibration, "calibration"))
    return result["top_k_plans"][0], prediction(measurement_of(written), catalogue)


@pytest.mark.parametrize("name", ONE_OF_EACH)
@pytest.mark.parametrize("concurrency", [1, 16])
def test_a_row_takes_as_long_per_token_as_its_request(name, concurrency):
    plan, predicted = asked_both_ways(name, concurrency)
    assert predicted.tpot_ms == pytest.approx(plan["tpot"], rel=SAME)
    assert predicted.tpot_low_ms == pytest.approx(plan["tpot_low"], rel=SAME)
    assert predicted.tpot_high_ms == pytest.approx(plan["tpot_high"], rel=SAME)
    assert predicted.provenance == plan["provenance"]


@pytest.mark.parametrize("name", ONE_OF_EACH)
@pytest.mark.parametrize("concurrency", [1, 16])
def test_first_tokens_differ_by_the_burst_in_which_all_slots_start_and_nothing_else(
    name, concurrency
):
    plan, predicted = asked_both_ways(name, concurrency, NO_BURST)
    assert predicted.ttft_ms == pytest.approx(plan["ttft"], rel=SAME)
    assert predicted.ttft_high_ms == pytest.approx(plan["ttft_high"], rel=SAME)
    _, starting_at_once = asked_both_ways(name, concurrency)
    assert starting_at_once.ttft_ms > predicted.ttft_ms


def test_a_stated_cache_format_counts_both_ways():
    plan, predicted = asked_both_ways("70B", 16, kv_cache_dtype="fp8")
    wider, _ = asked_both_ways("70B", 16)
    assert predicted.tpot_ms == pytest.approx(plan["tpot"], rel=SAME)
    assert plan["tpot"] < wider["tpot"]


@pytest.mark.parametrize(
    ("source", "lengths"),
    [("inferencex", (1440, 540)), ("InferenceX", (1440, 540)), ("gap-analysis", (1600, 600))],
)
def test_a_known_benchmark_says_more_than_its_columns(source, lengths):
    """InferenceX draws lengths from 0.8 of those stated on; TensorRT-LLM has an fp8 cache."""
    columns = {"model": "llama-3.1-70b", "chip": "h100-sxm", "framework": "trtllm", "tp": "4"}
    columns |= {"precision": "fp8", "input_tokens": "1600", "output_tokens": "600", "ep": "1"}
    columns |= dict.fromkeys(("concurrency", "pp", "attention_dp", "moe_tp"), "1")
    row = columns | {"ttft_ms": "1", "tpot_ms": "1"}
    own = measured_deployment(measurement_of(row), CATALOGUE).workload
    known = measured_deployment(measurement_of(row | {"source": source}), CATALOGUE).workload
    assert (own.input_seq_length, own.output_seq_length, own.kv_cache_dtype) == (1600, 600, None)
    assert (known.input_seq_length, known.output_seq_length) == lengths
    assert known.kv_cache_dtype is Dtype.FP8


def test_cached_prompts_are_those_stated_or_of_the_sweep():
    row = _run_of_8b() | {"source": "gap-analysis", "framework_version": "0.12.0"}
    assert measurement_of(row).prefix_cache_hit_rate == 0.7
    assert measurement_of(row | {"prefix_cache_hit_rate": "0.2"}).prefix_cache_hit_rate == 0.2
    assert measurement_of(row | {"source": "my lab"}).prefix_cache_hit_rate == 0
    hits = [
        prediction(measurement_of(_run_of_8b() | {"prefix_cache_hit_rate": rate}), CATALOGUE)
        for rate in ("0", "0.5")
    ]
    assert hits[1].tpot_ms < hits[0].tpot_ms
    assert hits[1].ttft_ms < hits[0].ttft_ms


def _run_of_8b() -> dict[str, str]:
    """A row of vLLM on one H200, as text."""
    columns = {"model": "llama-3.1-8b", "chip": "h200-sxm", "framework": "vllm", "precision": "fp8"}
    load = {"input_tokens": "2000", "output_tokens": "100", "concurrency": "64"}
    latencies = {"ttft_ms": "121.73", "tpot_ms": "9.74"}
    plan = dict.fromkeys(("tp", "pp", "attention_dp", "moe_tp", "ep"), "1")
    return columns | load | latencies | plan


def test_a_source_that_nobody_knows_changes_nothing():
    _, own = asked_both_ways("70B", 16)
    _, named = asked_both_ways("70B", 16, source="my lab")
    assert named == own
