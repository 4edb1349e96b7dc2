"""What 200 random requests were answered before the redesign stays, as what was measured does.

``predictions.json`` holds the two best plans, the statistics, a sweep's throughputs and the size of
the front of each. Recorded to the last bit; another processor may round its exp and log otherwise.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from llm_simulator.errors import Tier6Error
from tests.deployments import evaluated
from tests.random_requests import random_requests

SEED = 20261126
RECORDED: list[Any] = json.loads(Path(__file__).with_name("predictions.json").read_text())
DEGREES = ("dp", "tp", "pp", "ep", "sp", "moe_tp")
FIGURES = (*("throughput", "ttft", "tpot", "mfu", "mbu", "score", "throughput_low", "ttft_high"),)


def answer(request: dict[str, Any]) -> Any:
    """What is recorded of a request's result."""
    try:
        result = evaluated(request)
    except Tier6Error as error:
        return str(error)
    stats = result["search_stats"]
    counts = ("total_plans", "feasible_plans", "infeasible_plans", "evaluations")
    found: dict[str, Any] = {
        "plans": [_plan(plan) for plan in result["top_k_plans"][:2]],
        "stats": [*(stats[name] for name in counts), stats["infeasible_reasons"]],
    }
    if result.get("sweep"):
        found["sweep"] = [point["throughput"] for point in result["sweep"]["points"]]
    if result.get("trade_offs"):
        found["front"] = len(result["trade_offs"]["points"])
    return found


def _plan(plan: dict[str, Any]) -> list[Any]:
    degrees = [plan["parallelism"][name] for name in DEGREES]
    figures = [plan[name] for name in FIGURES]
    return [degrees, plan["chips"], plan["batch_size"], *figures, plan["memory"]["total_gb"]]


def compare(found: Any, recorded: Any) -> None:
    """Raises AssertionError where a figure is another one."""
    if isinstance(recorded, float):
        assert found == pytest.approx(recorded, rel=1e-12)
    elif isinstance(recorded, dict):
        assert found.keys() == recorded.keys()
        for name, part in recorded.items():
            compare(found[name], part)
    elif isinstance(recorded, list):
        assert len(found) == len(recorded)
        for one, other in zip(found, recorded, strict=True):
            compare(one, other)
    else:
        assert found == recorded


@pytest.mark.parametrize("part", range(10))
def test_random_requests_are_answered_as_they_were(part: int) -> None:
    requests = random_requests(SEED, len(RECORDED))
    for number in range(part, len(RECORDED), 10):
        compare(answer(requests[number]), RECORDED[number])
