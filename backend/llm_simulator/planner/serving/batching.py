"""How continuous batching composes the steps of one data-parallel rank."""

from dataclasses import dataclass, replace

import numpy as np

from llm_simulator.planner.operators.speculation import accepted_tokens, verified_tokens
from llm_simulator.planner.operators.step import Step
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.units import Count


@dataclass(frozen=True)
class Batching:
    """Requests and steps of the busiest data-parallel rank; columns of shape [P].

    A pipeline of ``pp`` stages keeps as many micro-batches in flight; each stage runs a *decode
    step* for every one of them per generated token, or a *mixed step* when prompts join in.
    """

    requests: Count
    chunks: int
    """Chunks of a prompt: its computed tokens over the budget of a step, rounded up."""
    decode: Step
    mixed: Step

    @property
    def mixed_steps_per_request(self) -> Count:
        """Mixed steps that one request's prompt accounts for."""
        return self.chunks / self.mixed.prompts


def batching(deployment: Deployment, plans: PlanTable, requests: Count) -> Batching:
    """The steady state of chunked prefill in a closed loop of ``requests`` per rank."""
    workload = deployment.workload
    cached = cached_tokens(workload)
    computed = workload.input_seq_length - cached
    chunks = int(np.ceil(computed / workload.max_batched_tokens))
    # A request that decodes has its prompt and, in the mean, half of its output behind it.
    context = workload.input_seq_length + workload.output_seq_length / 2

    # The first token of a request comes from its prompt's last step, the others from decoding.
    decoding = 1 - 1 / output_steps(workload)

    def step(prompts: Count, decoding: Count) -> Step:
        return Step(
            prompts,
            workload.input_seq_length,
            chunks,
            decoding,
            context,
            tokens_per_request=verified_tokens(workload.speculative),
            cached=cached,
        )

    return Batching(
        requests=requests,
        chunks=chunks,
        decode=step(np.zeros(len(plans)), np.maximum(np.ceil(requests * decoding / plans.pp), 1)),
        mixed=step(
            _prompts_per_step(workload, plans, requests, chunks),
            np.ceil((requests - 1) * decoding / plans.pp),
        ),
    )


def output_steps(workload: WorkloadSpec) -> float:
    """Steps that produce a request's output: its prompt's last one, then decode steps."""
    return 1 + (workload.output_seq_length - 1) / accepted_tokens(workload.speculative)


def cached_tokens(workload: WorkloadSpec) -> int:
    """Tokens of a prompt found in the prefix cache; the last one is always computed."""
    hit = int(workload.input_seq_length * workload.prefix_cache_hit_rate)
    return min(hit, workload.input_seq_length - 1)


def _prompts_per_step(
    workload: WorkloadSpec, plans: PlanTable, requests: Count, chunks: int
) -> Count:
    """Prompt chunks that join one step: as many as arrive, at least one, at most the budget."""
    arriving = requests * chunks / (output_steps(workload) * plans.pp)
    computed = workload.input_seq_length - cached_tokens(workload)
    budget = workload.max_batched_tokens / (computed / chunks)
    return np.clip(arriving, 1.0, max(budget, 1.0))


def in_step(workload: WorkloadSpec, plans: PlanTable, batch: Batching) -> Step:
    """A mixed step of prompts that all arrive together.

    As many whole ones as the budget of a step holds, at most a micro-batch's requests; never less
    than share one anyway.
    """
    whole = workload.max_batched_tokens // (workload.input_seq_length - cached_tokens(workload))
    together = np.minimum(np.floor(batch.requests / plans.pp), whole)
    return replace(batch.mixed, prompts=np.maximum(together, batch.mixed.prompts))
