"""What a search costs: one plan, evaluations per second, whole searches, growth, and where the
time goes.

An evaluation is one plan at one concurrency with its full answer: TTFT, TPOT, throughput, use of
chip and memory, resident memory, feasibility, intervals. Processor seconds of one core; wall
seconds of one process for whole searches. ``--save`` keeps the figures to compare later runs with.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from llm_simulator.evaluate import evaluate_request
from llm_simulator.explanations import explain
from llm_simulator.planner.evaluate import assemble, evaluate_chunk, layout
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.search.evaluations import Evaluations
from llm_simulator.planner.search.prepared import prepare
from llm_simulator.planner.serving.steady_state import steady_state
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.search import LADDER
from tests.deployments import read
from tests.random_requests import random_requests

SAVED = Path(__file__).with_name("search.json")
LENGTHS = {"input_seq_length": 1024, "output_seq_length": 1024}
CASES = (
    ("llama-3.1-70b", "pod-64"),
    ("llama-3.1-70b", "cluster-1024"),
    ("deepseek-v3", "pod-64"),
    ("deepseek-v3", "cluster-1024"),
)
LOAD = {"batch_size": 64, "output_seq_length": 256}
LLAMA = {"model": "llama-3.1-70b", "topology": "server-8", "hardware": "h100-sxm"}
DEEPSEEK = {"model": "deepseek-v3", "topology": "pod-64", "hardware": "h200-sxm"}
SINGLE: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "llama-3.1-70b, 8 chips": (LLAMA, {"tp": 8}),
    "deepseek-v3, 64 chips": (DEEPSEEK, {"dp": 8, "tp": 8, "ep": 64}),
    "llama-3.1-70b, too large": (LLAMA, {"tp": 1}),
    "llama-3.1-70b, too slow": (
        {**LLAMA, "search_constraints": {"max_tpot_ms": 1.0}},
        {"tp": 8},
    ),
}
FIRST_ANSWER = """
import json, time
from llm_simulator import evaluate_deployment
imported = time.process_time()
evaluate_deployment(
    model="llama-3.1-70b",
    topology="server-8",
    hardware="h100-sxm",
    inference={"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 256},
    search_mode="manual",
    manual_parallelism={"tp": 8},
)
print(json.dumps({"import": imported, "answer": time.process_time() - imported}))
"""
GRID = ("memory_bandwidth", "peak_flops", "link_bandwidth", "memory_capacity", "price")
CHIPS_A_FIGURE = 8
"""Values of each figure of hypothetical chips."""
AT_ONCE = 131_072
"""Evaluations in one table: what a chunk of a large search has."""
ROWS_ONE_BY_ONE = 100
REPEATS = 5


def body(model: str, topology: str, serving: str = "aggregated") -> dict[str, Any]:
    """A request for every legal plan at 24 concurrencies."""
    return {
        "model": model,
        "topology": topology,
        "hardware": "h200-sxm",
        "inference": LENGTHS,
        "search_constraints": {"serving": serving},
    }


def full_answers(deployment: Deployment, plans: PlanTable, concurrencies: Sequence[int]) -> Any:
    """Every column of the answers of all ``plans`` at all ``concurrencies``; none is spared."""
    found = Evaluations(deployment, plans, np.array(concurrencies), skip_misfits=False)
    served = found.steady_state(np.arange(len(found)))
    fits = found.cases.fits[found.cases.case]
    ttft, tpot = deployment.calibration.ttft_interval, deployment.calibration.tpot_interval
    intervals = [served.ttft * low for low in ttft] + [served.tpot * low for low in tpot]
    return served.throughput, served.mfu, served.mbu, fits, intervals


def processor_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median processor seconds of ``work``."""
    times = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return median(times)


def tables(plans: PlanTable) -> list[PlanTable]:
    """The plans in slices of AT_ONCE evaluations."""
    step = AT_ONCE // len(LADDER)
    return [plans[slice(at, at + step)] for at in range(0, len(plans), step)]


def single_plans(figures: dict[str, float]) -> None:
    """One plan given by hand, evaluated and explained, everything included: a new question each
    time, nothing remembered."""
    print(f"{'one manual plan, ms':30} {'evaluated':>10} {'explained':>10} {'formulas alone':>15}")
    for name, (asked, plan) in SINGLE.items():
        lengths = count(1024)

        def body(asked: Any = asked, plan: Any = plan, lengths: Any = lengths) -> dict[str, Any]:
            load = {**LOAD, "input_seq_length": next(lengths)}
            manual = {"search_mode": "manual", "manual_parallelism": plan}
            return {**asked, **manual, "inference": load}

        prepared = prepare(read(body()))
        works: dict[str, Callable[[], object]] = {
            "evaluated": lambda body=body: evaluate_request(body()),
            "explained": lambda body=body: explain(body()),
            "formulas": partial(steady_state, prepared.problem.deployment, prepared.plans),
        }
        found = []
        for kind, work in works.items():
            work()
            found.append(1e3 * processor_seconds(work, 4 * REPEATS))
            figures[f"ms of one plan {kind}, {name}"] = found[-1]
        print(f"{name:30} {found[0]:10.2f} {found[1]:10.2f} {found[2]:15.2f}")


def random_request(figures: dict[str, float]) -> None:
    """One of the requests that tests draw: a small search with pools, a limit and a front."""
    asked = random_requests(7, 7)[-1]
    evaluate_request(asked)
    found = figures["ms of a random request"] = 1e3 * processor_seconds(
        partial(evaluate_request, asked)
    )
    print(f"\na random request: {found:.1f} ms")


def cold_start(figures: dict[str, float]) -> None:
    """Import and first answer of a new process, whose bytecode an earlier one has left."""
    command = [sys.executable, "-c", FIRST_ANSWER]
    with TemporaryDirectory() as folder:
        own = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        environment = os.environ | own
        _, *runs = (
            json.loads(
                subprocess.run(
                    command, check=True, capture_output=True, text=True, env=environment
                ).stdout
            )
            for _ in range(4)
        )
    imported, answered = (median(run[name] for run in runs) for name in ("import", "answer"))
    figures["seconds of an import"], figures["seconds of a first answer"] = imported, answered
    print(f"\nnew process: import {imported:.2f} s, first answer {answered:.2f} s\n")


def rates(figures: dict[str, float]) -> None:
    """Evaluations per second, as tables and one by one, and the share of fixed costs."""
    print(f"{'model':14} {'topology':13} {'evaluations':>11} {'per second':>11} "
          f"{'one by one':>10} {'ratio':>6} {'in kernels':>10}")  # fmt: skip
    for model, topology in CASES:
        prepared = prepare(read(body(model, topology)))
        deployment, plans = prepared.problem.deployment, prepared.plans
        slices = tables(plans)

        def whole(deployment: Deployment = deployment, slices: Any = slices) -> None:
            for some in slices:
                full_answers(deployment, some, LADDER)

        rows = np.linspace(0, len(plans) - 1, ROWS_ONE_BY_ONE).astype(int).tolist()

        def alone(
            deployment: Deployment = deployment, plans: Any = plans, rows: Any = rows
        ) -> None:
            for row in rows:
                full_answers(deployment, plans[slice(row, row + 1)], (64,))

        evaluations = len(plans) * len(LADDER)
        seconds = processor_seconds(whole)
        each = processor_seconds(alone, 3) / len(rows)
        # A table of one row is all fixed cost: interpreter, dispatch, allocation.
        in_kernels = 1 - each * len(slices) / seconds
        rate = evaluations / seconds
        figures[f"evaluations per second, {model}, {topology}"] = rate
        print(f"{model:14} {topology:13} {evaluations:11,} {rate:11,.0f} {1 / each:10,.0f} "
              f"{rate * each:6,.0f} {in_kernels:10.1%}")  # fmt: skip


def searched(model: str, topology: str, serving: str) -> dict[str, float]:
    """A whole search in this process, request to ranked plans: what it took."""
    asked = body(model, topology, serving)
    began = time.perf_counter()
    request = read(asked)
    outcomes = [evaluate_chunk(request, chunk) for chunk in layout(request).chunks]
    result = assemble(request, outcomes)
    stats = result.search_stats
    return {
        "seconds": time.perf_counter() - began,
        "longest_chunk": max(outcome.running.seconds for outcome in outcomes),
        "evaluations": stats.evaluations,
        "plans": stats.total_plans,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def searches(figures: dict[str, float]) -> None:
    """Whole searches, each in a process of its own, with its peak memory."""
    print(f"\n{'whole search, aggregated and disaggregated':42} {'seconds':>8} {'chunk s':>8} "
          f"{'evaluations':>11} {'plans and pairs':>15} {'MB':>5}")  # fmt: skip
    for model, topology in CASES:
        command = [sys.executable, "-m", "benchmarks.search", "--once", model, topology, "both"]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(3)
        ]
        run = sorted(runs, key=lambda found: found["seconds"])[1]
        figures[f"seconds of a search, {model}, {topology}"] = run["seconds"]
        print(f"{model + ' ' + topology:42} {run['seconds']:8.2f} {run['longest_chunk']:8.3f} "
              f"{run['evaluations']:11,} {run['plans']:15,} {run['megabytes']:5.0f}")  # fmt: skip


def hypothetical_chips(figures: dict[str, float]) -> None:
    """Every chip of a grid of five figures with its best plan."""
    values = [0.5 + n / 2 for n in range(CHIPS_A_FIGURE)]
    asked = body("llama-3.1-70b", "pod-64") | {"candidates": {"grid": dict.fromkeys(GRID, values)}}
    began = time.process_time()
    result = evaluate_request(asked)
    seconds = time.process_time() - began
    chips, evaluations = CHIPS_A_FIGURE ** len(GRID), result.search_stats.evaluations
    figures["hypothetical chips per second"] = chips / seconds
    figures["evaluations per second of hypothetical chips"] = evaluations / seconds
    print(
        f"\n{chips:,} hypothetical chips with their best plans: {seconds:.2f} s, "
        f"{chips / seconds:,.0f} chips/s, {evaluations / seconds:,.0f} evaluations/s"
    )


def growth() -> None:
    """How the time of a search grows with its plans: those of 256 beside those of 1,024 chips."""
    found = []
    for chips in (256, 1024):
        asked = body("deepseek-v3", "cluster-1024")
        asked["search_constraints"] |= {"max_chips": chips}
        prepared = prepare(read(asked))
        deployment, slices = prepared.problem.deployment, tables(prepared.plans)

        def whole(deployment: Deployment = deployment, slices: Any = slices) -> None:
            for some in slices:
                full_answers(deployment, some, LADDER)

        found.append((len(prepared.plans), processor_seconds(whole, 3)))
    (few, short), (many, long) = found
    tenfold = 10 * (long / short) / (many / few)
    print(f"\n{many / few:.1f} times the plans take {long / short:.1f} times the processor time: "
          f"{tenfold:.1f} times for ten times the plans")  # fmt: skip


def compared(figures: dict[str, float]) -> None:
    """The figures beside those saved last."""
    if not SAVED.exists():
        return
    saved = json.loads(SAVED.read_text())
    print(f"\n{'figure':58} {'now':>12} {'saved':>12} {'ratio':>6}")
    for name, value in figures.items():
        before = saved.get(name)
        if before is not None:
            print(f"{name:58} {value:12,.2f} {before:12,.2f} {value / before:6.2f}")


def main(arguments: Sequence[str]) -> None:
    """Prints all tables, with ``--single`` that of one plan alone, or with ``--once`` one whole
    search as JSON."""
    if arguments[:1] == ["--once"]:
        print(json.dumps(searched(*arguments[1:4])))
        return
    figures: dict[str, float] = {}
    single_plans(figures)
    random_request(figures)
    if "--single" in arguments:
        return
    cold_start(figures)
    searched("llama-3.1-8b", "server-8", "both")
    rates(figures)
    searches(figures)
    hypothetical_chips(figures)
    growth()
    compared(figures)
    if "--save" in arguments:
        SAVED.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
