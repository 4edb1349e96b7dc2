"""Plans evaluated per second, as one table and row by row.

An evaluation is what a search does with one plan at one load: TTFT, TPOT, throughput,
utilisation, memory, feasibility, score. Medians of repeated runs on one core.
"""

import time
from collections.abc import Callable
from statistics import median

from llm_simulator.evaluation import EvaluationRequest, evaluate_deployment, prepare
from llm_simulator.search.chunk import chunk_outcome

LOAD = {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 1024}
CASES = (
    ("deepseek-v3", "pod-64"),
    ("deepseek-v3", "cluster-1024"),
    ("llama-3.1-70b", "cluster-1024"),
)
ROWS_ONE_BY_ONE = 300


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Median seconds of ``work``."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times)


def main() -> None:
    """Prints one line per case."""
    print(f"{'model':14} {'topology':14} {'plans':>8} {'plans/s':>10} {'rows/s':>13} {'ratio':>6}")
    for model, topology in CASES:
        body = {"model": model, "topology": topology, "hardware": "h200-sxm", "inference": LOAD}
        prepared = prepare(EvaluationRequest.parse(body))
        question, plans, chunks = prepared.question, prepared.plans, prepared.chunks

        def table(question=question, plans=plans, chunks=chunks) -> None:
            for start, stop in chunks:
                chunk_outcome(question, plans[slice(start, stop)], start)

        def rows(question=question, plans=plans) -> None:
            for row in range(0, len(plans), max(len(plans) // ROWS_ONE_BY_ONE, 1)):
                chunk_outcome(question, plans[slice(row, row + 1)], row)

        one_by_one = len(range(0, len(plans), max(len(plans) // ROWS_ONE_BY_ONE, 1)))
        rate = len(plans) / seconds(table, 7)
        row_rate = one_by_one / seconds(rows, 3)
        line = f"{model:14} {topology:14} {len(plans):8} {rate:10.0f} {row_rate:13.0f}"
        print(f"{line} {rate / row_rate:6.0f}")
        whole = seconds(lambda body=body: evaluate_deployment(**body), 3)
        print(f"{'':14} whole evaluation, request to ranked plans: {whole * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
