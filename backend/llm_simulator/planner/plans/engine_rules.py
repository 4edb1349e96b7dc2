"""What engines ask of a plan's degrees beyond what the model does: data, each with its source.

A data-parallel rank of attention is one of vLLM's ``--data-parallel-size``, one of SGLang's
``--attn-dp-size`` inside its ``--tp-size`` (ours times attention_dp; until 0.5.22 ``--dp-size``
with ``--enable-dp-attention``), and one of TensorRT-LLM's ``tensor_parallel_size`` with
``enable_attention_dp``. Replicas are servers of their own, which every engine can have.

``dcp`` is ``--decode-context-parallel-size`` of vLLM and ``--dcp-size`` of SGLang, whose ranks are
some of tp's. TensorRT-LLM's Helix is another layout: its ``context_parallel_size`` takes ranks of
its own, on each of which attention is split by what is left of the tensor-parallel size.

``sp`` is vLLM's ``--prefill-context-parallel-size`` (pcp) with as large a
``--decode-context-parallel-size``. With one of 1 the cache is whole on every rank, as with SGLang's
``--attn-cp-size``: that is another degree, which no plan here has.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.plans.divisions import Mask
from llm_simulator.planner.specs.calibration import Engine
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.engine_version import Version
from llm_simulator.planner.specs.model import ModelSpec, sparse_attention
from llm_simulator.units import Count

ENGINE_NAMES: Mapping[Engine, str] = {
    "vllm": "vLLM",
    "sglang": "SGLang",
    "trtllm": "TensorRT-LLM",
}
"""As people write them."""
TOKEN_DEGREES = ("tp", "sp", "attention_dp", "dcp")
EXPERT_DEGREES = ("ep", "moe_tp")


def _every(_: Deployment) -> bool:
    return True


@dataclass(frozen=True)
class EngineRule:
    """A condition on some degrees of a plan: of the tokens' ranks or of the experts' ranks."""

    degree: str
    """The one that a user would change."""
    code: str
    """What plans that break it are counted under."""
    reason: str
    over: tuple[str, ...]
    """The degrees it speaks of, in the order in which ``test`` takes them."""
    test: Callable[..., Mask]
    """The rows that keep it; all it asks of a degree is whether it is 1."""
    since: Version = ()
    before: Version | None = None
    """The first version that it isn't a rule of any more."""
    concerns: Callable[[Deployment], bool] = _every
    """The deployments it is a rule for."""

    def of(self, version: Version | None, deployment: Deployment) -> bool:
        """Whether it is a rule of that version, the newest where there is None."""
        older = self.before is None or (version is not None and version < self.before)
        return older and (version is None or version >= self.since) and self.concerns(deployment)

    def holds(self, degrees: Mapping[str, Count]) -> Mask:
        """Rows that keep it."""
        return self.test(*(degrees[name] for name in self.over))


def _is_one(degree: Count) -> Mask:
    return np.equal(degree, 1)


def _one_is_one(degree: Count, other: Count) -> Mask:
    return _is_one(degree) | _is_one(other)


def _is_split(degree: Count) -> Mask:
    return ~_is_one(degree)


def _never(degree: Count) -> Mask:
    return np.zeros(np.shape(degree), dtype=np.bool_)


def _copies_experts(deployment: Deployment) -> bool:
    return deployment.workload.redundant_experts > 0


def _shares_no_context(deployment: Deployment) -> bool:
    model = deployment.model
    sparse = model.attention == "mla" and sparse_attention(model) is not None
    return not sparse or bool(model.encoders)


def _has_windows(deployment: Deployment) -> bool:
    model = deployment.model
    return model.num_sliding_window_layers > 0 or model.attention == "compressed"


def _has_states(deployment: Deployment) -> bool:
    return deployment.model.num_linear_attention_layers > 0


def _has_whole_cache_in_sglang(deployment: Deployment) -> bool:
    model = deployment.model
    sparse = model.attention == "mla" and sparse_attention(model) is not None
    return sparse or not (model.attention == "mla" or _is_qwen_hybrid(model))


def _is_qwen_hybrid(model: ModelSpec) -> bool:
    states = model.num_linear_attention_layers > 0
    return states and model.linear_attention_kind == "gated_delta_net"


VLLM = (
    # Model runner V2 refuses prefill context parallelism in 0.24 (vllm#47846), V1 has none.
    EngineRule(
        "sp",
        "sp",
        "must be 1: vLLM before 0.33 has no option that shares a prompt's tokens and cache",
        ("sp",),
        _is_one,
        before=(0, 33),
    ),
    # 0.33, v1/worker/gpu/pcp_manager.py: sparse latent attention without images only.
    EngineRule(
        "sp",
        "sp",
        "must be 1: vLLM shares tokens and cache of sparse latent attention without images only",
        ("sp",),
        _is_one,
        since=(0, 33),
        concerns=_shares_no_context,
    ),
    # Latent attention (vllm#23734) and grouped queries (vllm#24864), both September 2025.
    EngineRule(
        "dcp",
        "dcp",
        "must be 1: vLLM before 0.11 does not share out the cache of tensor-parallel ranks",
        ("dcp",),
        _is_one,
        before=(0, 11),
    ),
    # 0.33, v1/kv_cache_interface.py, SlidingWindowSpec.max_memory_usage_bytes.
    EngineRule(
        "dcp",
        "dcp",
        "must be 1: vLLM shares out no cache of sliding windows",
        ("dcp",),
        _is_one,
        since=(0, 11),
        concerns=_has_windows,
    ),
    # 0.33 says of each layer's cache whether it is shared out (KVCacheSpec.dcp_sharded).
    EngineRule(
        "dcp",
        "dcp",
        "must be 1: vLLM before 0.33 shares out no cache beside layers with a state",
        ("dcp",),
        _is_one,
        since=(0, 11),
        before=(0, 33),
        concerns=_has_states,
    ),
    # 0.33, config/parallel.py: beside pcp 1, pcp or tp * pcp ranks share out the cache. The second
    # is sp alone, the third is left out here.
    EngineRule(
        "dcp",
        "dcp",
        "must be 1 beside sp, whose ranks share out the cache already",
        ("sp", "dcp"),
        _one_is_one,
    ),
    # --data-parallel-size, whose ranks share one set of experts, is there since 0.9.
    EngineRule(
        "dp",
        "attention_dp",
        "must be a number of whole replicas: vLLM before 0.9 has no data-parallel attention",
        ("attention_dp",),
        _is_one,
        before=(0, 9),
    ),
    # FusedMoEParallelConfig.make (0.33, fused_moe/config.py): with --enable-expert-parallel every
    # tensor- and data-parallel rank has whole experts, without it a slice of each.
    EngineRule(
        "moe_tp",
        "mixed_experts",
        "must be 1 beside ep, or ep 1: vLLM splits every expert or none",
        ("ep", "moe_tp"),
        _one_is_one,
    ),
    # num_redundant_experts came with the load balancer (vllm#18343, June 2025).
    EngineRule(
        "ep",
        "copies",
        "can't be had with redundant_experts: vLLM before 0.9.2 makes no copies of experts",
        ("ep",),
        _never,
        before=(0, 9, 2),
        concerns=_copies_experts,
    ),
    # 0.33, config/parallel.py: the load balancer needs --enable-expert-parallel and several ranks.
    EngineRule(
        "ep",
        "copies",
        "must exceed 1 with redundant_experts: vLLM makes copies with expert parallelism only",
        ("ep",),
        _is_split,
        since=(0, 9, 2),
        concerns=_copies_experts,
    ),
)

SGLANG = (
    EngineRule(
        "sp",
        "sp",
        "must be 1: SGLang has no option that shares a prompt's tokens and cache",
        ("sp",),
        _is_one,
    ),
    # --dcp-size was first seen in 0.5.18.
    EngineRule(
        "dcp",
        "dcp",
        "must be 1: SGLang before 0.5.18 does not share out the cache of tensor-parallel ranks",
        ("dcp",),
        _is_one,
        before=(0, 5, 18),
    ),
    # 0.5.23, models: deepseek_v2 and kimi_linear, qwen3_5. Index keys of sparse attention stay
    # whole on every rank (sglang#31821), which no cost here says.
    EngineRule(
        "dcp",
        "dcp",
        "must be 1: SGLang shares out the cache of latent attention that is not sparse, and of "
        "Qwen3.5, alone",
        ("dcp",),
        _is_one,
        since=(0, 5, 18),
        concerns=_has_whole_cache_in_sglang,
    ),
    # A dp below tp came with sglang#4390 (March 2025); before, dp was set to tp (sglang#3359).
    EngineRule(
        "tp",
        "attention_dp",
        "must be 1 beside data-parallel attention, which SGLang before 0.4.5 has on all ranks or "
        "none",
        ("tp", "attention_dp"),
        _one_is_one,
        before=(0, 4, 5),
    ),
    # An ep below tp came with sglang#8590 (August 2025); before, ep was 1 or tp.
    EngineRule(
        "moe_tp",
        "mixed_experts",
        "must be 1 beside ep, or ep 1: SGLang before 0.5 splits every expert or none",
        ("ep", "moe_tp"),
        _one_is_one,
        before=(0, 5),
    ),
    # --ep-num-redundant-experts is there since 0.4.6.
    EngineRule(
        "ep",
        "copies",
        "can't be had with redundant_experts: SGLang before 0.4.6 makes no copies of experts",
        ("ep",),
        _never,
        before=(0, 4, 6),
        concerns=_copies_experts,
    ),
)

TRTLLM = (
    EngineRule(
        "sp",
        "sp",
        "must be 1: TensorRT-LLM has no option that shares a prompt's tokens and cache",
        ("sp",),
        _is_one,
    ),
    # docs/source/features/helix.md: see above.
    EngineRule(
        "dcp",
        "dcp",
        "must be 1: TensorRT-LLM shares out a cache with Helix only, which splits attention over "
        "fewer ranks than the rest",
        ("dcp",),
        _is_one,
    ),
    # enable_attention_dp is there since 0.17 and turns all ranks of tensor_parallel_size into
    # data-parallel ones of attention (docs/source/features/parallel-strategy.md).
    EngineRule(
        "dp",
        "attention_dp",
        "must be a number of whole replicas: TensorRT-LLM before 0.17 has no data-parallel "
        "attention",
        ("attention_dp",),
        _is_one,
        before=(0, 17),
    ),
    EngineRule(
        "tp",
        "attention_dp",
        "must be 1 beside data-parallel attention, which TensorRT-LLM has on all ranks or none",
        ("tp", "attention_dp"),
        _one_is_one,
    ),
    # num_slots of the load balancer is there since 0.20.
    EngineRule(
        "ep",
        "copies",
        "can't be had with redundant_experts: TensorRT-LLM before 0.20 makes no copies of experts",
        ("ep",),
        _never,
        before=(0, 20),
        concerns=_copies_experts,
    ),
)

RULES: Mapping[Engine, tuple[EngineRule, ...]] = {
    "vllm": VLLM,
    "sglang": SGLANG,
    "trtllm": TRTLLM,
}
"""Of each engine, those on tokens before those on experts."""


@dataclass(frozen=True)
class ForeignChips:
    """Chips that an engine does not run on, by how their names begin; others it may run on."""

    names: tuple[str, ...]
    reason: str


# Hardware pages of the engines: SGLang's docs/platforms has NVIDIA, AMD, Intel CPUs, Ascend and
# TPU; TensorRT-LLM's support matrix NVIDIA GPUs; vLLM has plugins for all of these.
FOREIGN_CHIPS: Mapping[Engine, ForeignChips] = {
    "sglang": ForeignChips(
        ("gaudi", "trainium", "inferentia"),
        "must be another chip: SGLang runs on GPUs, Ascend and TPU",
    ),
    "trtllm": ForeignChips(
        ("mi2", "mi3", "mi4", "ascend", "gaudi", "inferentia", "sg2262", "tpu", "trainium"),
        "must be an NVIDIA GPU: TensorRT-LLM runs on no others",
    ),
}
