"""Benchmarks whose requests stay in step: of one length, all slots started at once.

Prompts that fill a step together get their first tokens together and, being of one length, are
replaced together. The closed form, and the runs it was calibrated on, spread them over time.
"""

import numpy as np

from llm_simulator.planner.serving.steady_state import IN_STEP, Serving
from llm_simulator.units import Array


def ttft_in_step(served: Serving) -> Array:
    """Seconds to the first token of prompts that all wait for the end of their step; [P].

    Nothing is ahead of them, but the step is longer. Never less than where they are spread.
    """
    longer = served.costs.total[IN_STEP].through - served.mixed.through
    waited = served.phases.ttft - served.phases.queueing + longer
    placed = np.maximum(waited * served.ttft_correction, served.placed_ttft)
    return np.asarray(placed + served.waiting)
