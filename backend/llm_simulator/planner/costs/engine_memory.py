"""How an engine divides a chip's memory: what its share means, and what it keeps beside weights.

``inference.memory_utilization`` has the engine's own meaning and, left out, its own default:
``gpu-memory-utilization`` of vLLM is a share of the whole device, ``mem_fraction_static`` of SGLang
a share for weights and cache alone, ``free_gpu_memory_fraction`` of TensorRT-LLM a share of what
weights and activations leave free. Without an engine it means what it does in vLLM.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.chip import ChipSpec
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.engine_version import leading_numbers
from llm_simulator.planner.specs.workload import WorkloadSpec
from llm_simulator.units import Array, Bytes, Count

GIB = 2.0**30
MIB = 2.0**20

DRIVER_MEMORY = 0.5 * GIB
"""Memory that a driver reports but lets no program have.

nvidia-smi against what CUDA offers, in GiB: RTX 4090 23.99 and 23.55, H100 79.65 and 79.19, H200
140.4 and 139.8, B200 179.06 and 178.35 (vllm#13061, llm-d-planner's accuracy report, logs of
PyTorch); 0.3 to 0.9 in all.
"""
PEER_BANDWIDTH = 65e9
"""Bytes/s per direction over which chips write into each other's memory: more than PCIe 5.0."""


@dataclass(frozen=True)
class MemoryRules:
    """How an engine divides memory from some version on."""

    since: tuple[int, ...]
    source: str
    of: Literal["device", "weights_and_cache", "free"] = "device"
    """What ``memory_utilization`` is a share of."""
    share: float | None = 0.9
    """Default of ``memory_utilization``; None where it follows chip and plan."""
    alone: Bytes = 0.25 * GIB
    """Memory outside of tensors on a chip of its own: context, kernels, libraries."""
    together: Bytes = 2.1 * GIB
    """The same where chips exchange partial sums over links of their own, with the buffers."""
    graphs: Bytes = 0.85 * GIB
    """Captured graphs; 0 where they are not taken out of the share."""
    logit: Bytes = 15.4
    """Peak bytes per logit while the next tokens of all places are drawn."""
    hidden_copies: float = 4.25
    """Hidden states that a layer holds beside its MLP."""
    block: int = 16
    """Tokens whose cache is given out together."""


RULES: dict[str, tuple[MemoryRules, ...]] = {
    "vllm": (
        MemoryRules((0, 21), "vLLM 0.33, config/cache.py and v1/worker/gpu_worker.py", share=0.92),
        MemoryRules((0, 17), "llm-d-planner, vLLM 0.19", graphs=0.0),
        MemoryRules((0, 8), "llm-d-planner, vLLM 0.16", alone=0.13 * GIB, graphs=0.0, logit=39.0),
        MemoryRules(
            (0,),
            "vllm#10511, #10517, #13061",
            alone=0.35 * GIB,
            graphs=0.0,
            logit=40.0,
            hidden_copies=0.65,
        ),
    ),
    "sglang": (
        MemoryRules(
            (0,),
            "SGLang 0.5, server_args.py; vllm#21348: 2.2 GiB outside of tensors on 4 H100",
            of="weights_and_cache",
            share=None,
            alone=0.5 * GIB,
            block=1,
        ),
    ),
    "trtllm": (
        MemoryRules(
            (0,),
            "TensorRT-LLM, KvCacheConfig: free_gpu_memory_fraction, tokens_per_block; else as vLLM",
            of="free",
            alone=0.5 * GIB,
            block=32,
        ),
    ),
}
"""Rules per engine, the newest first.

The defaults are those of vLLM 0.19 on H100 in 58 runs of llm-d-incubation/llm-d-planner
(accuracy/accuracy_report.md): 0.25 GiB outside of tensors, 2.1 with tensor parallelism over NVLink;
peaks of 1.5 to 4 GiB where logits make them, 14.8 to 15.9 bytes for each of 1,024 places (until
0.16: 5.64 GiB for Qwen3-14B, 39 bytes); 0.77 and 0.85 GiB for CodeLlama-7B and Granite-3.1-8B at
8,192 tokens, where a layer makes them; graphs estimated at 0.84 GiB for Llama-3.1-8B, which count
since 0.21. Older: 1.26 GiB for Llama-3-8B (vllm#10511; the 1.79 GiB outside of tensors there were
a fault, mended in #12126), 1.7 GiB at 20,000 tokens (#10517), cards without links of their own 0.2
to 0.35 GiB whatever the plan (#13061, #14447).
"""


def memory_rules(workload: WorkloadSpec) -> MemoryRules:
    """The rules of the workload's engine and version, the newest where none is given."""
    rules = RULES[workload.engine or "vllm"]
    version = leading_numbers(workload.engine_version)
    return next((rule for rule in rules if version is None or version >= rule.since), rules[-1])


def visible_memory(chip: ChipSpec) -> Bytes:
    """Bytes of a chip that programs can have."""
    return max(chip.memory_capacity - DRIVER_MEMORY, 0.0)


def runtime_memory(deployment: Deployment, plans: PlanTable) -> Array:
    """Bytes of runtime, communication and graphs on each chip, [P], if not given by hand."""
    given = deployment.workload.runtime_memory
    if given is not None:
        return np.full(len(plans), given)
    rules = memory_rules(deployment.workload)
    return _outside_tensors(deployment, plans) + rules.graphs


def _outside_tensors(deployment: Deployment, plans: PlanTable) -> Array:
    rules, link = memory_rules(deployment.workload), deployment.topology.links.get("c2c")
    bandwidth = 0.0 if link is None else link.bandwidth
    together = np.where(np.greater(bandwidth, PEER_BANDWIDTH), rules.together, rules.alone)
    return np.where(_reduces(deployment, plans), together, rules.alone)


def _reduces(deployment: Deployment, plans: PlanTable) -> NDArray[np.bool_]:
    """Whether a plan's chips add up each other's sums, for which engines keep buffers.

    Data-parallel ranks of vLLM only gather (aiconfigurator#1396: at most 3.8 GB beside weights and
    cache of Kimi-K2.5 on 4 B200); in the others attention's ranks are a tensor-parallel group.
    """
    if deployment.workload.engine in (None, "vllm"):
        return plans.tp * plans.sp > 1
    return plans.tp * plans.sp * plans.attention_dp > 1


def memory_share(deployment: Deployment, plans: PlanTable) -> Array:
    """The engine's share of memory, [P]: as given, or its default."""
    workload = deployment.workload
    given = workload.memory_utilization or memory_rules(workload).share
    if given is not None:
        return np.full(len(plans), given)
    return _static_fraction(deployment, plans)


@dataclass(frozen=True)
class StaticDefaults:
    """What SGLang assumes of chips with up to ``below`` MiB."""

    below: float
    prompt_tokens: int
    graph_batch: int
    """Largest batch of a captured graph on up to 3 chips, and on more."""
    graph_batch_together: int


STATIC_DEFAULTS = (
    StaticDefaults(20 * 1024, 2048, 8, 8),
    StaticDefaults(35 * 1024, 2048, 24, 80),
    StaticDefaults(60 * 1024, 4096, 32, 160),
    StaticDefaults(160 * 1024, 8192, 256, 512),
    StaticDefaults(np.inf, 16384, 512, 512),
)
"""SGLang 0.5.10, server_args.py."""


GUESSED_RANKS = 8
"""Ranks of data-parallel attention up to which SGLang's guess is what people run with."""
WIDE_SHARE = 0.85
"""``mem_fraction_static`` that wide deployments give by hand: the guess would leave no cache.

Prefill of DeepSeek-V3 (sgl-project/sglang#6017) and 32 ranks of experts (uccl-project/uccl#562).
"""


def _static_fraction(deployment: Deployment, plans: PlanTable) -> Array:
    """SGLang's default of ``mem_fraction_static``: what its own guesses of buffers leave.

    In MiB: 512, 1.5 per prompt token of a step, 2 per request of the largest graph (3 per rank
    more with data-parallel attention), and 1024 per 8 chips; at least 10 GiB on large chips.
    (Newer versions keep 1.5 more per rank; the log of sglang#11309 has none.)
    """
    memory = deployment.chip.memory_capacity / MIB
    assumed = next(kind for kind in STATIC_DEFAULTS if memory < kind.below)
    # SGLang counts the ranks of data-parallel attention in its tensor-parallel size.
    chips = plans.tp * plans.attention_dp
    batch = np.where(chips < 4, assumed.graph_batch, assumed.graph_batch_together)
    ranks = np.where(plans.attention_dp > 1, plans.attention_dp, 0)
    buffers = 512 + 1.5 * assumed.prompt_tokens + 2 * batch + 3 * batch * ranks
    buffers = buffers + chips * plans.pp / 8 * 1024
    if memory > 60 * 1024:
        buffers = np.maximum(buffers, 10 * 1024)
    guessed = np.clip((memory - buffers) / memory, 0.05, 1.0)
    return np.where(ranks > GUESSED_RANKS, np.maximum(guessed, WIDE_SHARE), guessed)


def cache_room(
    deployment: Deployment, plans: PlanTable, *, weights: Bytes, activations: Bytes, runtime: Bytes
) -> Array:
    """Bytes that the engine gives to the cache on the fullest chip, [P]; negative for none.

    .. math::
        \\text{vLLM: } s M - W - A - R \\qquad
        \\text{SGLang: } s (M - R) - W \\qquad
        \\text{TensorRT-LLM: } s (M - W - A - R)
    """
    visible, share = visible_memory(deployment.chip), memory_share(deployment, plans)
    of = memory_rules(deployment.workload).of
    if of == "device":
        return np.asarray(share * visible - weights - activations - runtime)
    if of == "weights_and_cache":
        graphs = 0.0 if deployment.workload.runtime_memory is not None else _graphs(deployment)
        return np.asarray(share * (visible - (runtime - graphs)) - weights)
    return np.asarray(share * (visible - weights - activations - runtime))


def _graphs(deployment: Deployment) -> Bytes:
    return memory_rules(deployment.workload).graphs


def places(deployment: Deployment) -> int:
    """Requests of a rank that an engine prepares for: ``max_num_seqs``.

    Left out: 1,024 in vLLM on devices of 70 GiB and more but A100 (engine/arg_utils.py, 0.33),
    else 256. No more of them sample at once than a step has tokens.
    """
    workload = deployment.workload
    return min(workload.max_num_seqs or _default_places(deployment), workload.max_batched_tokens)


def _default_places(deployment: Deployment) -> int:
    chip = deployment.chip
    is_large = visible_memory(chip) >= 70 * GIB and "a100" not in chip.name.lower()
    version = leading_numbers(deployment.workload.engine_version)
    is_vllm = deployment.workload.engine in (None, "vllm")
    is_new = version is None or version >= (0, 8)
    return 1024 if is_large and is_vllm and is_new else 256


SGLANG_WINDOW_POOLS = frozenset(
    {"gpt_oss", "llama4_text", "mimo_v2_flash", "step3p5", "gemma4_text"}
)
"""Architectures for whose windows SGLang has a pool of its own; it keeps all tokens of others.

``is_hybrid_swa_model`` of SGLang 0.5, configs/model_config.py.
"""
SGLANG_WINDOW_SHARE = 0.8
"""Tokens in that pool over those in the pool of the other layers, whatever the window is:
``swa_full_tokens_ratio`` of SGLang 0.5, server_args.py and mem_cache's pool configurator."""


def tokens_of_layers(
    deployment: Deployment, tokens: Count, *, pooled: bool = True
) -> tuple[Count, Count]:
    """Tokens that a request of so many takes in layers without and with a window.

    SGLang divides its cache between the two kinds of layers before it knows any request, so that
    long ones are bound by the layers without a window; ``pooled`` counts what they take of both.
    """
    model = deployment.model
    windowed = np.minimum(tokens, model.sliding_window or tokens)
    has_pools = deployment.workload.engine == "sglang" and model.architecture is not None
    if not (pooled and has_pools and model.num_sliding_window_layers):
        return tokens, windowed
    if model.architecture not in SGLANG_WINDOW_POOLS:
        return tokens, tokens
    taken = np.maximum(tokens, windowed / SGLANG_WINDOW_SHARE)
    return taken, SGLANG_WINDOW_SHARE * taken


SGLANG_STATE_RATIO = 0.9
"""Bytes of SGLang's pool of states over those of the other: ``mamba_full_memory_ratio``.

docs/basic_usage/qwen3.md (sglang#15337); 7.42 and 8.30 GB in kvcache-ai/ktransformers#1870.
"""
CACHED_STATES = 3
"""States for each running request where the prefix cache keeps some (SGLang 0.5, scheduler)."""


def share_of_pools(deployment: Deployment, cache: Bytes, states: Bytes) -> Bytes:
    """Bytes that requests with so much ``cache`` and ``states`` take of all that the engine has.

    SGLang divides its memory between the two before it knows any request; elsewhere they add up.
    """
    workload, model = deployment.workload, deployment.model
    is_hybrid = 0 < model.num_linear_attention_layers < model.num_hidden_layers
    if workload.engine != "sglang" or not is_hybrid:
        return cache + states
    kept = CACHED_STATES if workload.prefix_cache_hit_rate else 1
    of_cache, of_states = 1 + SGLANG_STATE_RATIO, 1 + 1 / SGLANG_STATE_RATIO
    return np.maximum(of_cache * cache, of_states * kept * states)


def blocks(tokens: Count, block: Count) -> Count:
    """Tokens rounded up to whole blocks.

    >>> float(blocks(100, 16))
    112.0
    """
    return np.ceil(np.divide(tokens, block)) * block
