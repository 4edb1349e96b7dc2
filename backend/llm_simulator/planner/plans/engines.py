"""What an engine can't be told to do: conditions on several degrees at once, each with its source.

A data-parallel rank of attention is one of vLLM's ``--data-parallel-size``, one of SGLang's
``--dp-size`` inside its ``--tp-size`` (ours times attention_dp), and one of TensorRT-LLM's
``tensor_parallel_size`` with ``enable_attention_dp``. Replicas are servers of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.divisions import Mask
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.model import sparse_attention
from llm_simulator.units import Count


@dataclass(frozen=True)
class EngineRule:
    """A condition of an engine, and what plans that break it are counted under."""

    degree: str
    code: str
    reason: str
    holds: Mask


def token_rules(
    deployment: Deployment, tp: Count, sp: Count, attention_dp: Count
) -> Iterator[EngineRule]:
    """Conditions on the ranks that share tokens; none where no engine is named.

    ``sp`` is vLLM's ``--prefill-context-parallel-size`` with as large a
    ``--decode-context-parallel-size``: both together take sparse latent attention without images
    only (vLLM 0.33, v1/worker/gpu/pcp_manager.py). SGLang and TensorRT-LLM have no such degree.
    TensorRT-LLM's attention is data-parallel on all ranks or on none (``enable_attention_dp``).
    """
    engine = deployment.workload.engine
    if engine is None:
        return
    if not (engine == "vllm" and _shares_context(deployment)):
        reason = f"must be 1: {engine} has no option that shares this model's tokens and cache"
        yield EngineRule("sp", "sp", reason, np.asarray(sp) == 1)
    if engine == "trtllm":
        all_or_none = (np.asarray(attention_dp) == 1) | (np.asarray(tp) == 1)
        reason = "must be 1 beside data-parallel attention, which trtllm has on all ranks or none"
        yield EngineRule("tp", "attention_dp", reason, all_or_none)


def expert_rules(deployment: Deployment, ep: Count, moe_tp: Count) -> Iterator[EngineRule]:
    """Conditions on how experts are spread; none where no engine is named.

    vLLM splits all experts or none (``--enable-expert-parallel``; 0.33, fused_moe/config.py);
    SGLang's ``--ep-size`` divides its tp, TensorRT-LLM's ``moe_expert_parallel_size`` likewise.
    """
    if deployment.workload.engine == "vllm":
        whole_or_split = (np.asarray(ep) == 1) | (np.asarray(moe_tp) == 1)
        reason = "must be 1 beside ep, or ep 1: vllm splits every expert or none"
        yield EngineRule("moe_tp", "mixed_experts", reason, whole_or_split)


def _shares_context(deployment: Deployment) -> bool:
    model = deployment.model
    return model.attention == "mla" and sparse_attention(model) is not None and not model.encoders
