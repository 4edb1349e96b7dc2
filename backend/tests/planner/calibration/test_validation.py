"""Measured runs read, predicted and compared, as a library and from the command line."""

import csv
import json
import sys

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli import main
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.calibration.comparison import compared, summary
from llm_simulator.planner.calibration.measurement import measurement_of
from llm_simulator.planner.calibration.prediction import (
    measured_deployment,
    measured_plan,
    prediction,
)
from llm_simulator.planner.serving.benchmark import (
    admitted_requests,
    benchmark_latency,
    running_deployment,
)
from llm_simulator.planner.serving.steady_state import steady_state
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.modules import Module

CATALOGUE = builtin_catalogue()
ROW = {
    "model": "llama-3.1-70b",
    "chip": "h100-sxm",
    "framework": "vllm",
    "framework_version": "0.9",
    "precision": "fp8",
    "input_tokens": "1024",
    "output_tokens": "1024",
    "concurrency": "64",
    "tp": "8",
    "pp": "1",
    "attention_dp": "1",
    "moe_tp": "1",
    "ep": "1",
    "ttft_ms": "300",
    "tpot_ms": "15",
}
EXPERTS = {
    "model": "deepseek-r1",
    "chip": "h200-sxm",
    "tp": "1",
    "attention_dp": "8",
    "ep": "8",
}


def test_a_row_becomes_the_deployment_it_was_measured_on():
    measured = measurement_of(ROW | EXPERTS)
    deployed = measured_deployment(measured, CATALOGUE)
    plan = measured_plan(measured, deployed.model)
    drawn = measured.model_copy(update={"source": "inferencex"})
    assert measured_deployment(drawn, CATALOGUE).workload.input_seq_length == 922
    assert (deployed.model.name, deployed.chip.name) == ("deepseek-v3", "h200-sxm")
    assert deployed.workload.input_seq_length == 1024
    assert (plan.chips[0], plan.attention_dp[0], plan.ep[0]) == (8, 8, 8)


@pytest.mark.parametrize(
    ("model", "precision", "attention", "bulk"),
    [
        ("llama-3.1-8b", "bf16", Dtype.BF16, Dtype.BF16),
        ("deepseek-r1", "fp4", Dtype.BF16, Dtype.NVFP4),
        ("gpt-oss-120b", "fp4", Dtype.BF16, Dtype.MXFP4),
        ("kimi-k2.5", "int4", Dtype.BF16, Dtype.INT4),
        ("qwen3-235b-a22b", "int4", Dtype.INT4, Dtype.INT4),
    ],
)
def test_a_precision_label_decides_the_formats(model, precision, attention, bulk):
    measured = measurement_of(ROW | {"model": model, "precision": precision, "tp": "1"})
    formats = measured_deployment(measured, CATALOGUE).formats
    assert (formats.of(Module.ATTENTION).weight, formats.bulk.weight) == (attention, bulk)


def _benchmarked(**changes):
    measured = measurement_of(ROW | changes)
    deployed = measured_deployment(measured, CATALOGUE)
    return deployed, measured_plan(measured, deployed.model)


def test_the_opening_burst_lengthens_ttft_and_leaves_tpot():
    deployed, plan = _benchmarked()
    steady = steady_state(deployed, plan)
    benchmark = benchmark_latency(deployed, plan, 0.5)
    assert benchmark.tpot[0] == steady.tpot[0]
    assert benchmark.ttft[0] > 1.05 * steady.ttft[0]


def test_one_request_meets_no_burst_but_may_wait_for_a_slot():
    deployed, plan = _benchmarked(concurrency="1")
    steady, benchmark = steady_state(deployed, plan), benchmark_latency(deployed, plan, 0.5)
    turn = steady.ttft + (deployed.workload.output_seq_length - 1) * steady.tpot
    slot = deployed.calibration.factors.slot_wait * turn
    assert benchmark.ttft[0] == pytest.approx(float(steady.ttft[0] + slot[0]), rel=0.05)


def test_requests_that_do_not_fit_into_the_cache_wait_for_whole_turns():
    """Llama-3.1-70B fp8 leaves one H200 room for about 50 requests of 8k/1k; 128 are offered."""
    crowded = {"model": "llama-3.1-70b", "chip": "h200-sxm", "framework": "trtllm", "tp": "1"}
    lengths = {"input_tokens": "8192", "output_tokens": "1024"}
    known = {"precision": "fp8", "source": "inferencex"}
    deployed, plan = _benchmarked(**crowded, **lengths, **known, concurrency="128")
    admitted = float(admitted_requests(deployed, plan, 1.0)[0])
    assert 45 <= admitted <= 55
    running, turns = running_deployment(deployed, plan, 1.0)
    assert running.workload.batch_size == admitted
    assert float(turns[0]) == pytest.approx(128 / admitted - 1)
    alone = benchmark_latency(running, plan, 1.0)
    assert benchmark_latency(deployed, plan, 1.0).ttft[0] > 10 * alone.ttft[0]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"tpot_ms": "0"}, "tpot_ms"),
        ({"concurrency": "many"}, "concurrency"),
        ({"tp": "1.5"}, "tp"),
        ({"ttft_ms": ""}, "ttft_ms"),
    ],
)
def test_an_impossible_row_names_its_column(change, column):
    with pytest.raises(InvalidInput) as caught:
        measurement_of(ROW | change)
    assert caught.value.problems[0].field == f"row.{column}"


@pytest.mark.parametrize(
    "change", [{"model": "gpt-5"}, {"chip": "tpu"}, {"precision": "fp2"}, {"tp": "3"}]
)
def test_a_row_that_can_not_be_predicted_is_counted_and_named(change):
    (run,) = compared([ROW | change], CATALOGUE)
    assert run.predicted is None
    assert next(iter(change)) in str(run.problem)
    assert summary([run]).coverage == 0
    assert summary([run]).tpot is None


def test_errors_are_relative_to_what_was_measured():
    exact = prediction(measurement_of(ROW), CATALOGUE)
    half = ROW | {"tpot_ms": str(exact.tpot_ms * 2), "ttft_ms": str(exact.ttft_ms)}
    whole = ROW | {"tpot_ms": str(exact.tpot_ms), "ttft_ms": str(exact.ttft_ms)}
    result = summary(compared([half, whole, whole], CATALOGUE))
    assert result.tpot
    assert result.ttft
    assert result.tpot.mean == pytest.approx(0.5 / 3)
    assert result.tpot.median == pytest.approx(0)
    assert result.ttft.mean == pytest.approx(0)


@pytest.fixture
def validate(monkeypatch, capsys):
    """The command in this process: its exit code, its output, its errors."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tier6", "validate", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, *capsys.readouterr()

    return run


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "runs.csv"
    rows = [ROW, ROW | EXPERTS, ROW | {"chip": "tpu"}]
    with path.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(ROW))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_command_prints_errors_by_group_and_what_it_could_not_predict(file, validate):
    code, output, errors = validate("--measurements", str(file))
    assert code == 0, errors
    assert "2 of 3" in output
    assert "Own runs, 2 rows: source is not inferencex or gap-analysis" in output
    assert "Not predicted, 1 row: chip: No chip 'tpu'." in output


def test_the_output_repeats_every_row_with_its_prediction(file, tmp_path, validate):
    predictions = tmp_path / "predictions.csv"
    _, output, _ = validate("--measurements", str(file), "--output", str(predictions), "--json")
    overall = json.loads(output)["overall"]
    assert (overall["rows"], overall["predicted"]) == (3, 2)
    with predictions.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["framework_version"] for row in rows] == ["0.9"] * 3
    assert float(rows[0]["predicted_tpot_ms"]) == pytest.approx(
        prediction(measurement_of(ROW), CATALOGUE).tpot_ms, rel=1e-3
    )
    assert rows[2]["predicted_tpot_ms"] == ""
    assert "No chip 'tpu'" in rows[2]["problem"]


def test_a_file_of_another_form_is_refused_with_the_missing_columns(tmp_path, validate):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    code, _, errors = validate("--measurements", str(path))
    assert code == 2
    assert "has no column model" in errors


def test_an_output_that_can_not_be_written_is_one_sentence(file, validate):
    code, _, errors = validate("--measurements", str(file), "--output", "/nowhere/predictions.csv")
    assert code == 2
    assert "output: /nowhere/predictions.csv can't be written" in errors
    assert "Traceback" not in errors
