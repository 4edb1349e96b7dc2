"""``tier6 explore`` as a user runs it."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.test_cli import _run

BASE = ("--model", "llama-3.1-8b", "--topology", "server-8", "--hardware", "h100-sxm")
GRID = ("--figure", "memory_bandwidth=1..2 step 0.5", "--figure", "price=1, 1.5")


def test_explore_prints_the_front_and_what_to_raise() -> None:
    run = _run("explore", *BASE, *GRID, "--price-share", "memory_bandwidth=0.4")
    assert run.returncode == 0, run.stderr
    for words in ("6 candidates", "wins below", "base", "best", "Most worth raising", "h100-sxm"):
        assert words in run.stdout


def test_csv_has_every_candidate_and_json_the_result(tmp_path: Path) -> None:
    run = _run("explore", *BASE, *GRID, "--csv")
    assert run.returncode == 0, run.stderr
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert [row["number"] for row in rows] == [str(number) for number in range(6)]
    listed = tmp_path / "chips.json"
    listed.write_text(json.dumps([{"name": "wide", "memory_bandwidth": 2}]))
    shown = json.loads(_run("explore", *BASE, "--list", str(listed), "--json").stdout)
    [wide] = shown["candidates"]["rows"]
    assert wide["name"] == "wide"
    assert wide["ttft"] == float(rows[4]["ttft_ms"])


def test_where_nothing_fits_the_exit_code_says_so() -> None:
    run = _run("explore", *BASE, "--figure", "memory_capacity=4 GB")
    assert run.returncode == 3, run.stderr
    assert "memory" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "candidates: are needed"),
        (("--figure", "speed=2"), "candidates.grid.speed: No figure of a candidate 'speed'."),
        (("--figure", "price"), "figure: write"),
        ((*GRID, "--price-share", "price=1"), "candidates.price_shares.price: "),
        ((*GRID, "--price-share", "peak_flops=x"), "candidates.price_shares.peak_flops: a share"),
    ],
)
def test_nonsense_is_one_sentence(arguments: tuple[str, ...], message: str) -> None:
    run = _run("explore", *BASE, *arguments)
    assert run.returncode == 2
    assert run.stderr.startswith(message)
