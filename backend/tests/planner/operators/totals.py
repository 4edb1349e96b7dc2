"""Sums over the operators of a step."""

import numpy as np

from llm_simulator.planner.operators.all_work import step_work
from llm_simulator.planner.operators.context import Context


def total_flops(context: Context, operator: str) -> float:
    """FLOPs of all work of that name in a step, all plans together."""
    works = [work for work in step_work(context) if work.operator == operator]
    return float(sum(np.sum(work.flops * work.repeats) for work in works))


def total_bytes(context: Context, operator: str) -> float:
    """Bytes of all work of that name in a step, all plans together."""
    works = [work for work in step_work(context) if work.operator == operator]
    return float(sum(np.sum(work.bytes * work.repeats) for work in works))
