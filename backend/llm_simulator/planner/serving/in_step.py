"""Benchmarks whose requests stay in step: of one length, all slots started at once.

Prompts that fill a step together get their first tokens together and, being of one length, are
replaced together. The closed form, and the runs it was calibrated on, spread them over time.
"""

from dataclasses import replace

import numpy as np

from llm_simulator.planner.serving.batching import cached_tokens
from llm_simulator.planner.serving.steady_state import Serving
from llm_simulator.units import Array


def prompts_in_step(served: Serving) -> Array:
    """Prompts of a rank that share a step where all arrive together; [P].

    As many whole ones as the budget of a step holds, at most a micro-batch's requests; never less
    than share one anyway.
    """
    workload = served.cost_model.deployment.workload
    computed = workload.input_seq_length - cached_tokens(workload)
    whole = workload.max_batched_tokens // computed
    stages = served.cost_model.plans.pp
    together = np.minimum(np.floor(served.batch.requests / stages), whole)
    return np.asarray(np.maximum(together, served.batch.mixed.prompts))


def ttft_in_step(served: Serving) -> Array:
    """Seconds to the first token of prompts that all wait for the end of their step; [P].

    Nothing is ahead of them, but the step is longer. Never less than where they are spread.
    """
    step = replace(served.batch.mixed, prompts=prompts_in_step(served))
    longer = served.cost_model.step_total(step).through - served.mixed.through
    waited = served.phases.ttft - served.phases.queueing + longer
    return np.asarray(np.maximum(waited * served.ttft_correction, served.ttft))
