"""``tier6 explain`` as a user runs it, and the trace that it writes."""

import json
from pathlib import Path

import pytest

from tests.cli.test_cli import _run

DENSE = ("--model", "llama-3.1-70b", "--topology", "servers-4x8", "--hardware", "h100-sxm")


def test_explain_prints_where_the_time_goes() -> None:
    run = _run("explain", *DENSE, "--plan", "tp=4,pp=2", "--api-price", "0.6,0.6")
    assert run.returncode == 0, run.stderr
    for words in (
        "TP4 PP2 on 8 chips",
        "TPOT: ",
        "mlp_up",
        "Links of one chip",
        "Memory, first stage",
        "Own chips cost",
        "Throughput depends most on",
    ):
        assert words in run.stdout


def test_a_trace_has_events_that_perfetto_draws(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    pools = ("--prefill-pool", "instances=2,tp=4", "--decode-pool", "tp=8")
    run = _run("explain", *DENSE, *pools, "--batch-size", "64", "--trace-out", str(file), "--json")
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    events = json.loads(file.read_text())["traceEvents"]
    spans = [event for event in events if event["ph"] == "X"]
    assert {"X", "M"} == {event["ph"] for event in events}
    assert all(isinstance(span["ts"], float) and span["dur"] >= 0 for span in spans)
    ends = max(span["ts"] + span["dur"] for span in spans if span["pid"] == 1)
    assert ends == pytest.approx(found["plan"]["ttft"] * 1000)
    assert {"kv_transfer", "first_decode_step"} <= {span["name"] for span in spans}


def test_a_plan_that_does_not_fit_gets_changes() -> None:
    load = ("--batch-size", "512", "--input-seq-length", "8192")
    run = _run("explain", *DENSE, *load, "--plan", "tp=4")
    assert run.returncode == 0, run.stderr
    assert "Does not fit: needs" in run.stdout
    assert "Keeps all limits at" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "plan: is needed"),
        (("--plan", "tp=3"), "plan.parallelism.tp: 3"),
        (("--plan", "tp"), "plan: write"),
        (("--plan", "tp=8", "--api-price", "cheap"), "api-price: write '0.6,2.4'"),
        (("--plan", "tp=8", "--prefill-pool", "tp=8", "--decode-pool", "tp=8"), "plan: stands"),
    ],
)
def test_nonsense_is_one_sentence(arguments: tuple[str, ...], message: str) -> None:
    run = _run("explain", *DENSE, *arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr
