"""How fast sliders follow: users at once who ask for previews, no two of the same figures.

    python -m benchmarks.preview_load [--users 10] [--seconds 10] [--pause 0] [--url …]

Each user asks again ``pause`` seconds after an answer. The goal is a p95 of 150 ms with 10 users.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np

BACKEND = Path(__file__).resolve().parents[1]
PORT = 8116
LOAD = {"input_seq_length": 1024, "output_seq_length": 1024, "engine": "vllm"}
POD = {"topology": "pod-64"}
CASES: dict[str, dict[str, Any]] = {
    "one plan": POD
    | {
        "model": "llama-3.1-70b",
        "search_mode": "manual",
        "manual_parallelism": {"tp": 8, "dp": 8},
    },
    "Llama-70B, pod-64": POD | {"model": "llama-3.1-70b"},
    "DeepSeek-V3, pod-64": POD | {"model": "deepseek-v3"},
}


@dataclass
class Record:
    """What the users of one case saw."""

    seconds: list[float] = field(default_factory=list)
    evaluations: int = 0
    refused: Counter[int] = field(default_factory=Counter)


def moved(case: dict[str, Any], turn: int) -> dict[str, Any]:
    """The request of a case with its sliders where they never were before."""
    load = LOAD | {"batch_size": 64 + turn, "input_seq_length": 1024 + turn % 997}
    chip = {"base": "h200-sxm", "memory_bandwidth": f"{4 + turn / 1e4:.4f} TB/s"}
    return case | {"inference": load, "hardware": chip}


async def user(
    http: httpx.AsyncClient, case: dict[str, Any], turns: Iterator[int], record: Record, end: float,
    pause: float,
) -> None:  # fmt: skip
    """Moves sliders until the end."""
    while time.perf_counter() < end:
        content = json.dumps(moved(case, next(turns)))
        began = time.perf_counter()
        answer = await http.post(
            "/api/evaluation/preview",
            content=content,
            headers={"Content-Type": "application/json"},
        )
        took = time.perf_counter() - began
        if answer.status_code == 200:
            record.seconds.append(took)
            record.evaluations += answer.json()["search_stats"]["evaluated_plans"]
        else:
            record.refused[answer.status_code] += 1
        await asyncio.sleep(pause)


async def measured(
    url: str, case: dict[str, Any], *, users: int, seconds: float, pause: float
) -> Record:
    """What ``users`` at once see of one case."""
    record, turns = Record(), count()
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        end = time.perf_counter() + seconds
        crowd = [user(http, case, turns, record, end, pause) for _ in range(users)]
        await asyncio.gather(*crowd)
    return record


@contextmanager
def own_server() -> Iterator[str]:
    """The address of a server that runs until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"TIER6_PORT": str(PORT), "TIER6_DATA_DIR": folder}
        process = subprocess.Popen(
            [sys.executable, "main.py"], cwd=BACKEND, env=os.environ | settings,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            for _ in range(3):
                process.stdout.readline()
            yield f"http://127.0.0.1:{PORT}"
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    """Prints one line per case."""
    options = argparse.ArgumentParser()
    options.add_argument("--users", type=int, default=10)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--pause", type=float, default=0)
    options.add_argument("--url")
    given = options.parse_args()
    print(f"{'case':22} {'previews':>8} {'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7} {'evals/s':>9}")
    with nullcontext(given.url) if given.url else own_server() as url:
        for name, case in CASES.items():
            asyncio.run(measured(url, case, users=2, seconds=1, pause=0))
            record = asyncio.run(
                measured(url, case, users=given.users, seconds=given.seconds, pause=given.pause)
            )
            p50, p95, p99 = 1e3 * np.percentile(record.seconds or [np.nan], (50, 95, 99))
            rate = record.evaluations / given.seconds
            refused = f"  refused: {dict(record.refused)}" if record.refused else ""
            print(
                f"{name:22} {len(record.seconds):8} {p50:7.0f} {p95:7.0f} {p99:7.0f} {rate:9,.0f}"
                + refused
            )


if __name__ == "__main__":
    main()
