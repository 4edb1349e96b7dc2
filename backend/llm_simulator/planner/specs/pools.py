"""A disaggregated deployment given by hand: which instances each of its pools is made of."""

from llm_simulator.planner.specs.search import ManualParallelism
from llm_simulator.planner.specs.validation import PositiveInt, Spec


class ManualPool(Spec):
    """Equal instances of one plan."""

    instances: PositiveInt = 1
    parallelism: ManualParallelism
    max_batch_size: PositiveInt | None = None
    """Requests that a data-parallel rank runs at once at most: prompts in a step of a prefill pool,
    places of a decode pool (``max_batch_size`` of TensorRT-LLM, ``max_num_seqs`` of vLLM, SGLang's
    ``max_running_requests`` over its ranks); left out, what the memory holds."""


class ManualPools(Spec):
    """The pool that takes in prompts and the pool that decodes."""

    prefill: ManualPool
    decode: ManualPool
