"""The command line as a user runs it: another process, its output, its exit code."""

import json
import subprocess
import sys

import pytest


def _run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "llm_simulator", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"COLUMNS": "140", "PATH": "/usr/bin:/bin"},
    )


POD = ("--model", "deepseek-v3", "--topology", "pod-64", "--hardware", "h200-sxm")


def test_evaluate_prints_ranked_plans_without_a_server():
    run = _run("evaluate", *POD)
    assert run.returncode == 0, run.stderr
    assert "TP2 DP4 EP8" in run.stdout
    assert "3865 plans" in run.stdout
    assert "USD per million output tokens" in run.stdout
    assert "Throughput depends most on" in run.stdout


def test_evaluate_prints_json_for_scripts():
    run = _run("evaluate", *POD, "--json", "--top-k", "3")
    assert len(json.loads(run.stdout)["top_k_plans"]) == 3


def test_pools_are_printed_with_both_plans():
    run = _run("evaluate", *POD, "--serving", "disaggregated", "--top-k", "2")
    assert run.returncode == 0, run.stderr
    assert " > 1 x " in run.stdout
    assert "Memory of plan 1 in prefill" in run.stdout


def test_a_request_file_is_evaluated(tmp_path):
    path = tmp_path / "request.json"
    load = {"batch_size": 8, "input_seq_length": 128, "output_seq_length": 128}
    body = {"model": "llama-3.1-8b", "topology": "server-8", "hardware": "mi300x"}
    path.write_text(json.dumps(body | {"inference": load}))
    run = _run("evaluate", "--request", str(path), "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["top_k_plans"][0]["is_feasible"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("evaluate", "--model", "x", "--topology", "pod-64"), "model: No model 'x'"),
        (("evaluate",), "model: is needed"),
        (("evaluate", *POD, "--batch-size", "0"), "inference.batch_size"),
        (("evaluate", *POD, "--plan", "tp=zwei"), "plan: write"),
        (("evaluate", *POD, "--chip-usd-per-hour", "-1"), "economics.chip_usd_per_hour"),
        (("evaluate", "--request", "/nowhere.json"), "nowhere.json can't be read"),
        (("catalogue", "chips", "h1000"), "Nearest: 'h100-sxm'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_two(arguments, message):
    run = _run(*arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_the_catalogue_lists_every_entry_with_its_source():
    run = _run("catalogue")
    assert "sg2262" in run.stdout
    assert "config.json" in run.stdout
    entry = json.loads(_run("catalogue", "models", "deepseek-r1").stdout)
    assert entry["name"] == "deepseek-v3"


def test_a_sweep_is_printed_as_a_table_and_as_csv():
    small = ("--model", "llama-3.1-8b", "--topology", "server-8", "--hardware", "h200-sxm")
    axis = ("--sweep", "chip.memory_bandwidth=2, 4, 8 TB/s")
    table = _run("evaluate", *small, *axis)
    assert table.returncode == 0, table.stderr
    [best] = [line for line in table.stdout.splitlines() if line.endswith("best")]
    assert best.startswith("8 TB/s")
    lines = _run("evaluate", *small, *axis, "--csv").stdout.splitlines()
    assert lines[0].startswith("chip.memory_bandwidth,dp,tp,")
    assert [line.split(",")[0] for line in lines[1:]] == ["2 TB/s", "4 TB/s", "8 TB/s"]


def test_a_sweep_that_can_not_be_is_one_sentence():
    run = _run("evaluate", *POD, "--sweep", "hardware=h100-sxm, h1000")
    assert run.returncode == 2
    assert run.stderr.startswith("sweep[0].values[1]: No chip 'h1000'")
