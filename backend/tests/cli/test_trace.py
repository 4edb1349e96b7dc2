"""``tier6 evaluate --trace FILE``: a trace is read, simulated and shown; a bad line is named."""

import subprocess
import sys

import pytest

from llm_simulator.cli.trace import trace_traffic
from llm_simulator.errors import InvalidInput

PLAN = ("--model", "llama-3.1-8b", "--hardware", "h100-sxm", "--plan", "tp=1")


@pytest.fixture
def trace(tmp_path):
    def written(text):
        path = tmp_path / "trace.csv"
        path.write_text(text)
        return path

    return written


def test_a_trace_is_simulated_and_shown(trace):
    path = trace("arrival_s,input_tokens,output_tokens\n0,100,10\n0.5,2000,20\n")
    command = ["evaluate", *PLAN, "--topology", "server-8", "--trace", str(path)]
    shown = subprocess.run(
        [sys.executable, "-m", "llm_simulator", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert "TTFT of plan 1, simulated: mean " in shown.stdout
    assert "Of 2 simulated requests 100.0 % keep the limits" in shown.stdout


def test_columns_may_stand_in_any_order_beside_others(trace):
    path = trace("id,output_tokens,arrival_s,input_tokens\na,10,0.25,100\n")
    assert trace_traffic(path) == {"arrivals": "trace", "trace": [(0.25, 100, 10)]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arrival_s,input_tokens\n0,1\n", "no column output_tokens"),
        ("arrival_s,input_tokens,output_tokens\n0,1,1\n0,ten,1\n", "line 3"),
        ("arrival_s,input_tokens,output_tokens\n0,1\n", "line 2"),
    ],
)
def test_a_file_that_is_no_trace_is_one_sentence(trace, text, message):
    with pytest.raises(InvalidInput, match=message):
        trace_traffic(trace(text))


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(InvalidInput, match=r"none\.csv can't be read"):
        trace_traffic(tmp_path / "none.csv")
