"""Requests simulated per second on one core, tables of step times aside.

CPU seconds, the best of three runs. The goal is 100,000 in a steady, decode-heavy load.
"""

import time

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.serving.simulation.engine import simulate
from llm_simulator.planner.serving.simulation.latency import plan_law, rank_engine
from llm_simulator.planner.serving.simulation.requests import offered_requests
from llm_simulator.planner.specs.traffic import TrafficSpec
from tests.deployments import read

BODY = {"model": "llama-3.1-70b", "topology": "server-8", "hardware": "h200-sxm"}
LOAD = {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 1024}
PLAN = PlanTable.of({"dp": 1, "tp": 8, "pp": 1, "ep": 1, "sp": 1, "moe_tp": 1})
SHORT = {"input_seq_length": 4096, "output_seq_length": 64}
CASES = (
    ("closed loop", {}, {"requests_per_slot": 1000}),
    ("closed loop, spread", {}, {"requests_per_slot": 1000, "length_spread": 0.2}),
    ("closed loop, 1024", {"batch_size": 1024}, {"requests_per_slot": 60, "length_spread": 0.2}),
    ("poisson", {}, {"arrivals": "poisson", "request_rate": 3.0, "requests": 60_000}),
    (
        "bursty, spread",
        {},
        {
            "arrivals": "bursty",
            "burstiness": 3.0,
            "request_rate": 3.0,
            "requests": 60_000,
            "length_spread": 0.5,
        },
    ),
    (
        "poisson, long prompts",
        SHORT,
        {"arrivals": "poisson", "request_rate": 1.0, "requests": 60_000},
    ),
)


def main() -> None:
    """Prints one line per case."""
    print(f"{'traffic':22} {'requests':>9} {'table ms':>9} {'requests/s':>11} {'tokens/s':>9}")
    for name, load, traffic in CASES:
        request = read(BODY | {"inference": LOAD | load})
        deployment = request.deployment
        requests = offered_requests(deployment.workload, TrafficSpec.model_validate(traffic))
        engine = rank_engine(deployment, PLAN)
        tables, runs = [], []
        for _ in range(3):
            began = time.process_time()
            law = plan_law(deployment, PLAN, engine, requests)
            tables.append(time.process_time() - began)
            began = time.process_time()
            simulate(engine, law, requests)
            runs.append(time.process_time() - began)
        rate, tokens = len(requests) / min(runs), int(requests.output.sum()) / min(runs)
        print(f"{name:22} {len(requests):9} {min(tables) * 1e3:9.0f} {rate:11.0f} {tokens:9.1e}")


if __name__ == "__main__":
    main()
