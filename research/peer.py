"""What the best public tool says of measured runs, for ``make validate PEER=…``.

aiconfigurator (https://github.com/ai-dynamo/aiconfigurator, Apache-2.0) estimates each run that it
supports with ``cli_estimate(mode="agg")``: the checkpoint of the run's model and precision, its
degrees, the mean lengths that were served and the concurrency of one rank. Everything else is the
tool's default, the newest tables of chip and engine among it. It pins other versions of libraries
than ours, so it wants an environment of its own::

    python -m venv peer && peer/bin/pip install aiconfigurator==0.12.0
    peer/bin/python research/peer.py RUNS.csv PEER.csv [--chip h200-sxm] [--engine vllm]

PEER.csv has the columns of RUNS.csv, ``peer_ttft_ms`` and ``peer_tpot_ms``; where the tool gives
no estimate these are empty and ``peer_remark`` says why. ``tier6 validate --measurements PEER.csv
--output BOTH.csv`` puts our predictions beside them. About 0.1 s of CPU a run, and a few seconds of
loading for each chip and engine.
"""

import argparse
import csv
import logging
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, str]
Arguments = dict[str, Any]

LATENCIES = ("peer_ttft_ms", "peer_tpot_ms")
REMARK = "peer_remark"

CHECKPOINTS: Mapping[tuple[str, str], Arguments] = {
    ("deepseek-r1", "fp8"): {"model_path": "deepseek-ai/DeepSeek-R1"},
    ("deepseek-r1", "fp4"): {"model_path": "nvidia/DeepSeek-V3.1-NVFP4"},
    ("glm-5", "fp8"): {"model_path": "zai-org/GLM-5-FP8"},
    ("glm-5", "fp4"): {"model_path": "nvidia/GLM-5-NVFP4"},
    ("gpt-oss-120b", "fp4"): {"model_path": "openai/gpt-oss-120b"},
    ("kimi-k2.5", "int4"): {"model_path": "moonshotai/Kimi-K2.5"},
    ("kimi-k2.5", "fp4"): {"model_path": "nvidia/Kimi-K2.5-NVFP4"},
    ("llama-3.1-8b", "bf16"): {"model_path": "meta-llama/Meta-Llama-3.1-8B"},
    ("llama-3.1-8b", "fp8"): {
        "model_path": "meta-llama/Meta-Llama-3.1-8B",
        "gemm_quant_mode": "fp8",
    },
    ("llama-3.1-70b", "fp8"): {"model_path": "nvidia/Llama-3.1-70B-Instruct-FP8"},
    ("llama-3.1-70b", "fp4"): {
        "model_path": "meta-llama/Meta-Llama-3.1-70B",
        "gemm_quant_mode": "nvfp4",
        "kvcache_quant_mode": "fp8",
    },
    ("minimax-m2.5", "fp8"): {"model_path": "MiniMaxAI/MiniMax-M2.5"},
    ("minimax-m2.5", "fp4"): {"model_path": "nvidia/MiniMax-M2.5-NVFP4"},
    ("qwen3-32b", "bf16"): {"model_path": "Qwen/Qwen3-32B"},
    ("qwen3-32b", "fp8"): {"model_path": "Qwen/Qwen3-32B-FP8"},
    ("qwen3-32b", "fp4"): {"model_path": "Qwen/Qwen3-32B", "gemm_quant_mode": "nvfp4"},
    ("qwen3-235b-a22b", "fp8"): {"model_path": "Qwen/Qwen3-235B-A22B-FP8"},
    ("qwen3.5-397b-a17b", "bf16"): {"model_path": "Qwen/Qwen3.5-397B-A17B"},
    ("qwen3.5-397b-a17b", "fp8"): {
        "model_path": "Qwen/Qwen3.5-397B-A17B",
        "gemm_quant_mode": "fp8_block",
        "moe_quant_mode": "fp8_block",
    },
    ("qwen3.5-397b-a17b", "fp4"): {"model_path": "nvidia/Qwen3.5-397B-A17B-NVFP4"},
}
"""Of a model at a precision: the published checkpoint, or another one with its formats named.

DeepSeek-V3.1 has the architecture of R1."""

MEAN_LENGTH_SHARE = {"inferencex": 0.9}
"""Mean over nominal lengths by source: InferenceX draws them evenly from 0.8 to 1.0 of nominal."""


class Unsupported(Exception):
    """The tool can't be asked about a run; says why."""


def estimate_arguments(row: Row) -> Arguments:
    """What ``cli_estimate`` is asked about a run; raises Unsupported.

    >>> run = {"model": "deepseek-r1", "precision": "fp8", "chip": "h200-sxm", "concurrency": "65"}
    >>> run |= {"framework": "sglang", "input_tokens": "1000", "output_tokens": "500"}
    >>> run |= {"tp": "1", "pp": "1", "attention_dp": "8", "moe_tp": "1", "ep": "8"}
    >>> asked = estimate_arguments(run)
    >>> asked["system_name"], asked["batch_size"], asked["moe_ep_size"], asked["isl"]
    ('h200_sxm', 9, 8, 1000)
    """
    checkpoint = CHECKPOINTS.get((row["model"], row["precision"]))
    if checkpoint is None:
        raise Unsupported(f"no checkpoint of {row['model']} at {row['precision']}")
    if row.get("speculative") == "mtp":
        raise Unsupported("speculative decoding wants an acceptance that nobody measured")
    share = MEAN_LENGTH_SHARE.get(row.get("source", ""), 1.0)
    pp, attention_dp = int(row["pp"]), int(row["attention_dp"])
    return {
        **checkpoint,
        "system_name": row["chip"].replace("-", "_"),
        "backend_name": row["framework"],
        "isl": round(share * int(row["input_tokens"])),
        "osl": round(share * int(row["output_tokens"])),
        "batch_size": math.ceil(int(row["concurrency"]) / (attention_dp * pp)),
        "tp_size": int(row["tp"]),
        "pp_size": pp,
        "attention_dp_size": attention_dp,
        "moe_tp_size": int(row["moe_tp"]),
        "moe_ep_size": int(row["ep"]),
    }


def with_estimates(rows: Sequence[Row], estimate: Callable[..., Any]) -> Iterator[Row]:
    """``rows`` with the tool's latencies (ms) and remark, each as soon as it is known.

    Runs of one chip and engine are asked about one after another: the tool keeps its tables then.
    """
    for row in sorted(rows, key=lambda row: (row["chip"], row["framework"])):
        yield row | _estimated(row, estimate)


def _estimated(row: Row, estimate: Callable[..., Any]) -> Row:
    unknown = dict.fromkeys(LATENCIES, "")
    try:
        answer = estimate(**estimate_arguments(row))
    except Unsupported as refusal:
        return unknown | {REMARK: str(refusal)}
    except Exception as refusal:  # whatever the tool raises, it has no estimate
        return unknown | {REMARK: f"{type(refusal).__name__}: {_first_line(refusal)}"}
    remark = "more requests than its cache holds" if answer.kv_cache_warning else ""
    figures = (f"{answer.ttft:.6g}", f"{answer.tpot:.6g}")
    return dict(zip(LATENCIES, figures, strict=True)) | {REMARK: remark}


def _first_line(problem: Exception) -> str:
    return next(iter(str(problem).splitlines()), "")


def aiconfigurator_estimate() -> Callable[..., Any]:
    """``cli_estimate`` with the newest tables, found once for each chip and engine."""
    from functools import cache

    from aiconfigurator.cli.api import cli_estimate
    from aiconfigurator.sdk.perf_database import get_latest_database_version

    newest = cache(get_latest_database_version)

    def estimate(*, system_name: str, backend_name: str, **more: Any) -> Any:
        return cli_estimate(
            system_name=system_name,
            backend_name=backend_name,
            backend_version=newest(system=system_name, backend=backend_name),
            mode="agg",
            **more,
        )

    return estimate


def errors(rows: Sequence[Row]) -> Iterator[str]:
    """Mean and median error of each latency in percent of what was measured, as sentences."""
    for name in ("ttft", "tpot"):
        off = sorted(
            100 * abs(float(row[f"peer_{name}_ms"]) / float(row[f"{name}_ms"]) - 1)
            for row in rows
            if row[f"peer_{name}_ms"]
        )
        if off:
            mean, median = sum(off) / len(off), off[len(off) // 2]
            yield f"{name.upper()}: {mean:.1f} % off in the mean, {median:.1f} % in the median"


def main() -> None:
    """Writes the estimates and says how many there are, how far off, and why others lack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path, help="CSV file of measured runs")
    parser.add_argument("output", type=Path, help="CSV file to write")
    parser.add_argument("--chip", help="runs of this chip only")
    parser.add_argument("--engine", help="runs of this engine only")
    given = parser.parse_args()
    with given.runs.open(newline="", encoding="utf-8") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if given.chip in (None, row["chip"]) and given.engine in (None, row["framework"])
        ]
    if not rows:
        sys.exit(f"{given.runs.name} has no run of that chip and engine.")
    logging.disable(logging.WARNING)
    found = []
    with given.output.open("w", newline="", encoding="utf-8", buffering=1) as file:
        writer = csv.DictWriter(file, [*rows[0], *LATENCIES, REMARK])
        writer.writeheader()
        for row in with_estimates(rows, aiconfigurator_estimate()):
            writer.writerow(row)
            found.append(row)
    known = sum(bool(row[LATENCIES[0]]) for row in found)
    print(f"{known} of {len(found)} runs estimated", *errors(found), sep="\n")
    for remark, count in Counter(row[REMARK] for row in found if row[REMARK]).most_common():
        print(f"{count:5d}  {remark[:160]}")


if __name__ == "__main__":
    main()
