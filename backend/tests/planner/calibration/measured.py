"""Made-up measured runs whose latencies are computed from known factors."""

import csv
from dataclasses import replace

import numpy as np

from llm_simulator.planner.calibration.factors import assumed_logs
from llm_simulator.planner.calibration.measurement import Measurement, measurement_of
from llm_simulator.planner.calibration.runs import Runs, runs_of
from llm_simulator.planner.calibration.uncorrected import uncorrected_latency
from llm_simulator.planner.specs.calibration import LOOP_FACTORS
from llm_simulator.units import MILLI
from tests.deployments import CATALOGUE

CONFIGURATIONS = [
    (model, chip, engine, tp, lengths, concurrency)
    for model in ("llama-3.1-8b", "llama-3.1-70b")
    for chip in ("h100-sxm", "b200-sxm")
    for engine in ("vllm", "sglang")
    for tp in (4, 8)
    for lengths in ((1024, 1024), (8192, 1024))
    for concurrency in (4, 16, 64)
]


def rows(configurations=CONFIGURATIONS):
    """Rows of a file of measurements, latencies to be filled in."""
    return [
        {
            "model": model,
            "chip": chip,
            "framework": engine,
            "framework_version": "1.0",
            "precision": "fp8",
            "input_tokens": str(lengths[0]),
            "output_tokens": str(lengths[1]),
            "concurrency": str(concurrency),
            "tp": str(tp),
            "pp": "1",
            "attention_dp": "1",
            "moe_tp": str(tp),
            "ep": "1",
            "ttft_ms": "1",
            "tpot_ms": "1",
        }
        for model, chip, engine, tp, lengths, concurrency in configurations
    ]


def runs_with(changes=None, configurations=CONFIGURATIONS) -> Runs:
    """Runs that take exactly what the formulas say with log ``changes`` of factors by engine."""
    runs = runs_of([measurement_of(row) for row in rows(configurations)], CATALOGUE)
    logs = np.tile(assumed_logs(dict(CATALOGUE.calibrations.assumed)), (len(runs), 1))
    for row, subject in enumerate(runs.subjects):
        for name, change in (changes or {}).get(subject.engine, {}).items():
            logs[row, LOOP_FACTORS.index(name)] += change
    ttft, tpot = uncorrected_latency(runs, logs)
    return replace(runs, ttft=ttft, tpot=tpot)


def measurements_of(runs: Runs, configurations=CONFIGURATIONS) -> list[Measurement]:
    """The runs as measurements, latencies filled in."""
    return [
        measurement_of(row | {"ttft_ms": f"{ttft / MILLI:.6f}", "tpot_ms": f"{tpot / MILLI:.6f}"})
        for row, ttft, tpot in zip(rows(configurations), runs.ttft, runs.tpot, strict=True)
    ]


def write_csv(path, measurements):
    """A file of measurements as ``tier6`` reads it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(Measurement.model_fields))
        writer.writeheader()
        writer.writerows(m.model_dump() for m in measurements)
