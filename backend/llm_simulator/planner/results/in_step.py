"""What is said of a TTFT that a benchmark of equal requests would not show."""

from collections.abc import Sequence

import numpy as np

from llm_simulator.planner.results.aggregated import AggregatedPlans
from llm_simulator.planner.search.outcome import Aggregated, Candidate
from llm_simulator.planner.search.problem import SearchProblem
from llm_simulator.planner.serving.in_step import ttft_in_step
from llm_simulator.planner.serving.steady_state import IN_STEP
from llm_simulator.planner.specs.warning import EvaluationWarning

WORTH_SAYING = 1.01
"""TTFT of requests in step over that of requests spread over time, from which on it is said."""


def in_step_warning(problem: SearchProblem, best: Sequence[Candidate]) -> list[EvaluationWarning]:
    """A warning about the first plan's TTFT where the load may start all its requests at once."""
    if problem.deployment.workload.traffic is not None or not best:
        return []
    first = best[0]
    if not isinstance(first, Aggregated) or first.batch_size == 1:
        return []
    served = AggregatedPlans.of(problem, [first]).serving
    if ttft_in_step(served)[0] <= WORTH_SAYING * served.ttft[0]:
        return []
    return [
        EvaluationWarning.of(
            "requests_in_step",
            "TTFT is that of requests spread over time. Where all start at once and are of one "
            "length, as in many benchmarks, up to {prompts} prompts of a rank share each step of "
            "plan 1 and wait for its end: TTFT is longer then, TPOT shorter. inference.traffic "
            "with arrivals closed_loop simulates that.",
            prompts=int(np.asarray(served.costs.steps.prompts)[IN_STEP, 0]),
        )
    ]
