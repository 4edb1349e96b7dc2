"""The command line as a user runs it: its output, its errors, its exit code."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from llm_simulator.cli import main
from llm_simulator.planner.calibration.measurement import COLUMNS

BACKEND = Path(__file__).resolve().parents[2]


def _run(*arguments, encoding="utf-8", **environment):
    """The command in this process: to import all anew takes longer than most of them."""
    written = [io.BytesIO(), io.BytesIO()]
    out, errors = (io.TextIOWrapper(stream, encoding, write_through=True) for stream in written)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
        patch.setattr(sys, "argv", ["tier6", *arguments])
        for name, value in ({"COLUMNS": "140"} | environment).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as end:
            main()
    said = (stream.getvalue().decode(encoding) for stream in written)
    return subprocess.CompletedProcess(arguments, int(end.value.code or 0), *said)


def _process(*arguments, **environment):
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "llm_simulator", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            "COLUMNS": "140",
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(BACKEND),
            **environment,
        },
    )


POD = ("--model", "deepseek-v3", "--topology", "pod-64", "--hardware", "h200-sxm")


def test_evaluate_prints_ranked_plans_without_a_server():
    asked = ("--concurrency", "64", "--objective", "throughput_per_chip")
    run = _process("evaluate", *POD, *asked)
    assert run.returncode == 0, run.stderr
    assert "TP2 DP4 EP4 MOE_TP2 on 8 chips: " in run.stdout
    assert "with 64 requests in flight" in run.stdout
    assert "56 more chips are not used." in run.stdout
    assert "1823 plans" in run.stdout
    assert "Engines that start plan 1: SGLang" in run.stdout
    assert "TensorRT-LLM doesn't: tp must be 1 beside data-parallel attention" in run.stdout
    assert "no_engine 1893" in run.stdout
    assert "vLLM does not start 2403 (mixed_experts 510, sp 1893)" in run.stdout
    assert "USD per million output tokens" in run.stdout
    assert "Throughput depends most on" in run.stdout


def test_evaluate_prints_json_for_scripts():
    run = _run("evaluate", *POD, "--json", "--top-k", "3")
    assert len(json.loads(run.stdout)["top_k_plans"]) == 3


def test_concurrency_is_searched_unless_it_is_given():
    small = ("--model", "llama-3.1-8b", "--topology", "server-8", "--hardware", "h100-sxm")
    found = json.loads(_run("evaluate", *small, "--max-tpot", "0.02 s", "--json").stdout)
    best = found["top_k_plans"][0]
    assert best["batch_size"] > 64
    assert best["limits"] == [best["limits"][0] | {"code": "max_tpot", "limit": 20.0}]
    asked = ("--concurrency", "1k", "--input-seq-length", "0.5k")
    given = json.loads(_run("evaluate", *small, *asked, "--json").stdout)["top_k_plans"]
    assert {plan["batch_size"] for plan in given} == {1024}


def test_where_nothing_fits_it_is_said_what_would_and_the_exit_code_is_three():
    small = ("--model", "llama-3.1-8b", "--topology", "server-8", "--hardware", "h100-sxm")
    run = _run("evaluate", *small, "--concurrency", "64", "--max-tpot", "3")
    assert (run.returncode, "Traceback" in run.stderr) == (3, False)
    assert "No feasible plan" in run.stdout
    assert "What would make" in run.stdout
    [limit] = [line for line in run.stdout.splitlines() if "a TPOT limit of" in line]
    looser = limit.split()[4]
    run = _run("evaluate", *small, "--concurrency", "64", "--max-tpot", looser)
    assert run.returncode == 0, run.stdout


def test_a_search_is_counted_before_it_is_run():
    run = _run("evaluate", *POD, "--count")
    assert run.stdout.startswith("1,823 plans, 80,212 evaluations: about 0.5 s")
    alone = _run("evaluate", *POD, "--concurrency", "8", "--count", "--json")
    assert json.loads(alone.stdout)["evaluations"] == 1823


def test_a_report_is_written_beside_the_table(tmp_path):
    file = tmp_path / "report.html"
    asked = ("--concurrency", "64", "--report-out", str(file), "--report-language", "zh")
    run = _run("evaluate", *POD, *asked)
    assert run.returncode == 0, run.stderr
    text = file.read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert "<h1>deepseek-v3 部署在 h200-sxm</h1>" in text
    missing = _run("evaluate", *POD, "--report-out", str(tmp_path / "none" / "report.html"))
    assert missing.returncode == 2
    assert "can't be written" in missing.stderr


def test_pools_are_printed_with_both_plans():
    run = _run("evaluate", *POD, "--serving", "disaggregated", "--top-k", "2")
    assert run.returncode == 0, run.stderr
    assert " > 1 x " in run.stdout
    assert "Memory of plan 1 in prefill" in run.stdout
    assert "KV cache of each rank of plan 1 in decode: " in run.stdout


def test_given_pools_are_the_one_plan():
    pools = ("--prefill-pool", "instances=2,tp=8,ep=8", "--decode-pool", "dp=16,ep=16")
    run = _run("evaluate", *POD, *pools, "--concurrency", "64")
    assert run.returncode == 0, run.stderr
    assert "2 x TP8 EP8 > 1 x DP16 EP16" in run.stdout
    assert "1 plan in " in run.stdout


def test_of_a_cautious_plan_that_is_not_searched_nothing_is_said(tmp_path):
    traffic = {"requests_per_slot": 2}
    request = {
        **{"model": "llama-3.1-8b", "topology": "server-8", "hardware": "h100-sxm"},
        "inference": {"input_seq_length": 512, "output_seq_length": 64, "traffic": traffic},
        "search_constraints": {"max_tpot_ms": 100, "limit_percentile": "p99"},
    }
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request))
    run = _run("evaluate", "--request", str(path))
    assert run.returncode == 0, run.stderr
    assert "Plan 1 keeps TPOT <= 100 ms with" in run.stdout
    assert "with 80 %" not in run.stdout
    assert "cautious" not in run.stdout


def test_what_would_fit_at_a_percentile_is_not_looked_for(tmp_path):
    traffic = {"arrivals": "poisson", "request_rate": 40.0, "requests": 200, "seed": 1}
    request = {
        **{"model": "llama-3.1-8b", "topology": "server-8", "hardware": "h100-sxm"},
        "inference": {
            **{"batch_size": 16, "input_seq_length": 1024, "output_seq_length": 128},
            "traffic": traffic,
        },
        "search_constraints": {"max_ttft_ms": 200, "limit_percentile": "p99"},
    }
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request))
    run = _run("evaluate", "--request", str(path), "--plan", "tp=1")
    assert run.returncode == 3, run.stderr
    assert "was not looked for: it keeps the limits in the mean" in run.stdout
    assert "no single change" not in run.stdout


def test_images_are_said_beside_the_lengths():
    one = ("--topology", "server-8", "--hardware", "h100-sxm", "--plan", "tp=1")
    load = ("--input-seq-length", "4096", "--images-per-request", "2")
    run = _run("evaluate", "--model", "qwen3-vl-8b", *one, *load)
    assert run.returncode == 0, run.stderr
    assert "Each image is taken as 1024 tokens" in " ".join(run.stdout.split())
    run = _run("evaluate", "--model", "llama-3.1-8b", *one, *load)
    assert (run.returncode, "no vision encoder" in run.stderr) == (2, True)


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
        (("evaluate", *POD, "--concurrency", "many"), "'many' is no whole number"),
        (("evaluate", *POD, "--max-ttft", "2 miles"), "'2 miles' is no time"),
        (("evaluate", *POD, "--plan", "tp=zwei"), "plan: write"),
        (("evaluate", *POD, "--plan", "tp=2,tp=4"), "plan: says a degree twice"),
        (("evaluate", *POD, "--plan", "zz=2"), "manual_parallelism.zz: is not a known field"),
        (("evaluate", *POD, "--prefill-pool", "tp=8"), "decode-pool: is needed beside the other"),
        (
            ("evaluate", *POD, "--prefill-pool", "tp=3", "--decode-pool", "zz=8"),
            "manual_pools.decode.parallelism.zz: is not a known field",
        ),
        (("evaluate", *POD, "--chip-usd-per-hour", "-1"), "economics.chip_usd_per_hour"),
        (("evaluate", *POD, "--csv"), "csv: prints the points of a sweep"),
        (("evaluate", "--request", "/nowhere.json"), "nowhere.json can't be read: No such file"),
        (("evaluate", "--request", "folder"), "folder can't be read: Is a directory"),
        (("evaluate", "--request", "binary"), "binary can't be read: it is no text"),
        (("evaluate", "--request", "deep.json"), "deep.json can't be read as JSON"),
        (("evaluate", "--request", "list.json"), "request: must be a JSON object"),
        (("evaluate", *POD, "--hardware", "folder.json"), "hardware: folder.json can't be read"),
        (("evaluate", *POD, "--calibration", "binary"), "calibration: binary can't be read"),
        (("evaluate", *POD, "--calibration", "runs.csv"), "runs.csv can't be read as TOML"),
        (("evaluate", *POD, "--trace", "binary"), "trace: binary can't be read"),
        (("validate", "--measurements", "binary"), "measurements: binary can't be read"),
        (("validate", "--measurements", "long.csv"), "long.csv line 2 is longer"),
        (("validate", "--measurements", "runs.csv", "--output", "no/x.csv"), "can't be written"),
        (("catalogue", "chips", "h1000"), "Nearest: 'h100-sxm'"),
        (("catalogue", "calibrations", "h1000"), "No calibration of 'h1000'"),
        (("token", "create", "two\nlines"), "a name in one line is needed"),
        (("evaluat",), "Did you mean 'evaluate'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_two(
    arguments, message, nonsense, monkeypatch, capsys
):
    monkeypatch.chdir(nonsense)
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setattr("sys.argv", ["tier6", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert message in capsys.readouterr().err


@pytest.fixture(scope="module")
def nonsense(tmp_path_factory):
    """A folder of files that are not what a command wants."""
    folder = tmp_path_factory.mktemp("nonsense")
    (folder / "folder").mkdir()
    (folder / "folder.json").mkdir()
    (folder / "binary").write_bytes(bytes(range(256)))
    (folder / "list.json").write_text("[1, 2]")
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "long.csv").write_text(",".join(COLUMNS) + "\n" + "1," * len(COLUMNS) + "1\n")
    (folder / "runs.csv").write_text(",".join(COLUMNS) + "\n" + ",".join(["1"] * len(COLUMNS)))
    return folder


@pytest.mark.parametrize(
    "arguments",
    [("evaluate", "--help"), ("evaluate", *POD, "--top-k", "1"), ("catalogue",), ("evaluate",)],
)
def test_a_terminal_that_knows_only_ascii_gets_its_answer(arguments):
    run = _run(*arguments, encoding="ascii")
    assert run.stdout or "model: is needed" in run.stderr


@pytest.mark.parametrize("encoding", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}])
def test_a_process_told_of_such_a_terminal_prints_there(encoding):
    run = _process("evaluate", "--help", **encoding)
    assert (run.returncode, run.stderr) == (0, "")
    assert "--concurrency" in run.stdout


def test_the_list_of_commands_says_of_each_what_its_own_help_says():
    listed = _run("--help").stdout
    for name in ("evaluate", "serve", "catalogue", "validate", "calibrate", "token"):
        [line] = [line for line in listed.splitlines() if line.startswith(f"│ {name} ")]
        words = line.strip("│").split(maxsplit=1)[1].strip(" .")
        assert words in " ".join(_run(name, "--help").stdout.split())


def test_what_only_the_service_needs_of_a_request_is_no_error(tmp_path):
    body = {"model": "llama-3.1-8b", "topology": "server-8", "hardware": "mi300x"}
    of_the_service = {"experiment_name": "a", "description": "b", "priority": 3}
    path = tmp_path / "request.json"
    path.write_text(json.dumps(body | {"inference": "chat"} | of_the_service))
    assert _run("evaluate", "--request", str(path)).returncode == 0


def test_the_catalogue_lists_every_entry_with_its_source():
    run = _run("catalogue", COLUMNS="100")
    lines = {line.split()[0]: line for line in run.stdout.splitlines() if line.strip()}
    assert "671.0 B" in lines["deepseek-v3"]
    assert "https://huggingface.co" in lines["deepseek-v3"]
    assert "128.0 GB" in lines["sg2262"]
    assert max(map(len, lines.values())) <= 100
    entry = json.loads(_run("catalogue", "models", "deepseek-r1").stdout)
    assert entry["name"] == "deepseek-v3"


def test_chips_are_listed_with_power_price_and_whose_price_it_is():
    run = _run("catalogue", "chips", COLUMNS="400")
    lines = {line.split()[0]: line for line in run.stdout.splitlines() if line.strip()}
    assert all(text in lines["l40"] for text in ("300 W", "1.00", "hyperstack.cloud", "nvidia.com"))
    assert "no public price found" in lines["h20"]


@pytest.mark.parametrize(
    ("kind", "name", "figure", "value"),
    [
        ("models", "deepseek-v3", "num_experts", 256),
        ("chips", "h100-sxm", "memory_bandwidth", 3.35e12),
        ("topologies", "pod-64", "chips", 64),
        ("workloads", "chat", "output_seq_length", 1024),
    ],
)
def test_the_catalogue_is_json_for_scripts(kind, name, figure, value, monkeypatch, capsys):
    listed = {entry["name"]: entry for entry in _json_of("catalogue", kind, monkeypatch, capsys)}
    assert listed[name][figure] == value
    assert listed[name]["source"]


def test_the_whole_catalogue_is_json_by_kind(monkeypatch, capsys):
    rooms = _json_of("catalogue", monkeypatch, capsys)
    assert set(rooms) == {"models", "chips", "topologies", "workloads"}
    names = {entry["name"] for entry in rooms["models"]}
    assert {"deepseek-v3", "olmo-2-32b", "command-a", "falcon-180b"} <= names


def test_calibrations_are_json_with_their_errors(monkeypatch, capsys):
    files = _json_of("catalogue", "calibrations", "h100-sxm", monkeypatch, capsys)
    residuals = [each for file in files for each in file["residuals"]]
    assert residuals
    assert {each["subject"]["chip"] for each in residuals} == {"h100-sxm"}
    assert all(len(each["tpot_error"]) == 2 for each in residuals)


def _json_of(*arguments):
    *words, monkeypatch, capsys = arguments
    monkeypatch.setattr("sys.argv", ["tier6", *words, "--json"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    return json.loads(capsys.readouterr().out)


def test_a_sweep_is_printed_as_a_table_and_as_csv():
    small = ("--model", "llama-3.1-8b", "--topology", "server-8", "--hardware", "h200-sxm")
    axis = ("--sweep", "chip.memory_bandwidth=2, 4, 8 TB/s")
    table = _run("evaluate", *small, *axis)
    assert table.returncode == 0, table.stderr
    [best] = [line for line in table.stdout.splitlines() if line.endswith("best")]
    assert best.startswith("8 TB/s")
    assert "V S T" in best
    lines = _run("evaluate", *small, *axis, "--csv").stdout.splitlines()
    assert lines[0].startswith("chip.memory_bandwidth,dp,tp,")
    assert [line.split(",")[0] for line in lines[1:]] == ["2 TB/s", "4 TB/s", "8 TB/s"]
    assert lines[0].endswith(",engines")
    assert lines[1].endswith(",vllm sglang trtllm")


def test_plans_that_no_engine_starts_are_tried_where_asked_for():
    small = ("--model", "llama-3.1-8b", "--topology", "server-8", "--hardware", "h200-sxm")
    offered, every = (
        int(_run("evaluate", *small, *more).stdout.partition(" plans")[0].split()[-1])
        for more in ((), ("--unsupported-plans",))
    )
    assert offered < every


def test_a_sweep_that_can_not_be_is_one_sentence():
    run = _run("evaluate", *POD, "--sweep", "hardware=h100-sxm, h1000")
    assert run.returncode == 2
    assert run.stderr.startswith("sweep[0].values[1]: No chip 'h1000'")


def test_the_runs_that_settle_a_choice_are_written_to_be_measured(tmp_path):
    target = tmp_path / "runs.csv"
    arguments = (
        *("--model", "llama-3.1-70b", "--topology", "server-8", "--hardware", "h100-sxm"),
        *("--engine", "vllm", "--max-tpot-ms", "25", "--settle", str(target)),
    )
    done = _run("evaluate", *arguments)
    assert done.returncode == 0, done.stderr
    assert "Plan 1 keeps TPOT <= 25 ms with" in done.stdout
    written = target.read_text().splitlines()
    assert written[0].startswith("model,chip,framework,framework_version,precision,input_tokens")
    assert 1 < len(written) <= 4
    unmeasured = _run("calibrate", "--measurements", str(target), "--output", str(tmp_path / "c"))
    assert unmeasured.returncode == 2
    assert "line 2: row.ttft_ms" in unmeasured.stderr
    measured = tmp_path / "measured.csv"
    header, *runs = (line.split(",") for line in written)
    for row in runs:
        row[header.index("ttft_ms")], row[header.index("tpot_ms")] = "300", "20"
    measured.write_text("\n".join(",".join(row) for row in [header, *runs]))
    done = _run("calibrate", "--measurements", str(measured), "--output", str(tmp_path / "c"))
    assert done.returncode == 0, done.stderr
