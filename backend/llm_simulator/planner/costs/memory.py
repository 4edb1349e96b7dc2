"""Bytes resident on the fullest chip of each plan.

Within, columns have a row per pipeline stage, [S, P]: the first, the largest between, the last.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from llm_simulator.planner.costs.engine_memory import (
    blocks,
    cache_room,
    memory_rules,
    places,
    runtime_memory,
    share_of_pools,
    tokens_of_layers,
)
from llm_simulator.planner.costs.padded_experts import stored_expert_weights
from llm_simulator.planner.operators.cache import (
    cache_shares,
    cached_bytes,
    state_bytes,
    window_bytes,
    window_cache_share,
)
from llm_simulator.planner.operators.layers import STAGES, StageLayers, all_layers, pipeline
from llm_simulator.planner.operators.speculation import drafting, verified_tokens
from llm_simulator.planner.operators.work import ACTIVATION_BYTES
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.drafting import joining_weights, prediction_layers
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.encoder import encoder_weights
from llm_simulator.planner.specs.linear_heads import linear_attention_weights
from llm_simulator.planner.specs.media import media
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import (
    attention_weights,
    dense_mlp_weights,
    embedding_weights,
    latent_projection_weights,
    layer_input_weights,
    lookup_weights,
    norm_weights,
    router_weights,
    shared_expert_weights,
)
from llm_simulator.units import Array, Bytes, Count, IntArray


@dataclass(frozen=True)
class ResidentMemory:
    """Resident bytes per part on a chip of the fullest stage; columns of shape [P].

    It is the stage whose cache is full first: an engine gives all stages as many tokens.
    """

    stage: IntArray
    """The fullest stage, a row of ``pipeline``."""
    weights: Bytes
    kv_cache: Bytes
    activations: Bytes
    runtime: Bytes
    usable: Array
    """What all parts together may take: the others and the room that the engine gives the cache."""

    @property
    def room(self) -> Array:
        """Bytes that the engine gives to the cache; negative where the others fill the chip."""
        return np.asarray(self.usable - self.total + self.kv_cache)

    @property
    def total(self) -> Array:
        """All parts together."""
        return np.asarray(self.weights + self.kv_cache + self.activations + self.runtime)


@dataclass(frozen=True)
class Held:
    """What the busiest data-parallel rank holds at once; columns of shape [P]."""

    requests: Count
    tokens: Count
    """Tokens that each of them keeps in the cache."""
    prompt_tokens: Count
    """Prompt tokens of the largest step."""


def held_by(deployment: Deployment, requests: Count) -> Held:
    """So many ``requests`` on a data-parallel rank, those that run at their full length."""
    workload, requests = deployment.workload, running_requests(deployment, requests)
    prompts = requests * workload.input_seq_length
    return Held(
        requests=requests,
        tokens=workload.input_seq_length + workload.output_seq_length,
        prompt_tokens=np.minimum(workload.max_batched_tokens, prompts),
    )


def requests_per_rank(
    deployment: Deployment, plans: PlanTable, concurrency: Count | None = None
) -> Count:
    """Requests on the busiest data-parallel rank; left out, the workload's concurrency."""
    given = deployment.workload.batch_size if concurrency is None else concurrency
    return np.ceil(given / plans.dp)


def running_requests(deployment: Deployment, requests: Count) -> Count:
    """Of so many ``requests`` on a rank those that run at once; the others wait for a place."""
    most = deployment.workload.max_num_seqs
    return requests if most is None else np.minimum(requests, most)


@dataclass(frozen=True)
class StageMemory:
    """Bytes per part on a chip of every stage; columns of shape [S, P]."""

    weights: Bytes
    kv_cache: Bytes
    activations: Bytes
    runtime: Bytes
    room: Array
    """What the engine gives the cache; negative where the others fill the chip."""


def stage_memory(deployment: Deployment, plans: PlanTable, held: Held | None = None) -> StageMemory:
    """What a chip of each stage holds; left out, ``held`` is the workload's concurrency."""
    held = held or held_by(deployment, requests_per_rank(deployment, plans))
    layers = stage_layers(deployment.model, plans)
    weights = _weight_bytes(deployment, plans, layers)
    cache = cache_memory(deployment, plans, held, layers)
    activations = _activation_bytes(deployment, plans, held, layers)
    runtime = runtime_memory(deployment, plans)
    room = cache_room(deployment, plans, weights=weights, activations=activations, runtime=runtime)
    return StageMemory(weights, cache, activations, runtime, room)


def resident_memory(
    deployment: Deployment, plans: PlanTable, held: Held | None = None
) -> ResidentMemory:
    """What a chip of each plan holds; left out, ``held`` is the workload's concurrency."""
    on = stage_memory(deployment, plans, held)
    stage = np.argmin(on.room / np.maximum(on.kv_cache, 1.0), axis=0)
    usable = on.weights + on.activations + on.runtime + on.room
    parts = np.broadcast_arrays(on.weights, on.kv_cache, on.activations, on.runtime, usable)
    return ResidentMemory(stage, *(_at(stage, part) for part in parts))


def _at(stage: IntArray, part: Array) -> Array:
    """What ``part`` is on the ``stage`` of each plan."""
    return part[0] if len(part) == 1 else np.take_along_axis(part, stage[None], axis=0)[0]


def stage_layers(model: ModelSpec, plans: PlanTable) -> StageLayers:
    """The rows of ``pipeline`` that are one stage each."""
    rows = pipeline(model, plans)
    if not plans.has_stages:
        return rows
    return rows[:STAGES, :]


def _weight_bytes(deployment: Deployment, plans: PlanTable, layers: StageLayers) -> Bytes:
    """Weights of the stages, with what drafts tokens."""
    return sum((size for _, size in weight_parts(deployment, plans, layers)), 0.0)


def weight_parts(
    deployment: Deployment, plans: PlanTable, layers: StageLayers
) -> Iterator[tuple[str, Bytes]]:
    """Bytes of weights on the stages by what they are for; what does not exist has none."""
    yield from _layer_parts(deployment, plans, layers)
    yield "embedding_and_head", _table_bytes(deployment, plans, layers)
    yield "drafting", _draft_weights(deployment, plans, layers)
    # Towers lie on the first stage, in bf16.
    dealt = deployment.workload.encoder_data_parallel
    for encoder in deployment.model.encoders:
        weights = encoder_weights(encoder, 1 if dealt else plans.tp)
        yield "encoder", layers.first * weights * ACTIVATION_BYTES


def _draft_weights(deployment: Deployment, plans: PlanTable, layers: StageLayers) -> Bytes:
    """Weights of what drafts, on the last stage at the model's tensor-parallel degree.

    A prediction layer shares embedding and head with the model, but has a copy of an embedding that
    is on another stage. A draft model known by its cost alone weighs that share of the model.

    References: vLLM 0.33, v1/worker/gpu/spec_decode/eagle/utils.py, maybe_share_target_embed, and
    config/speculative.py, create_draft_parallel_config.
    """
    speculation, draft = deployment.workload.speculative, drafting(deployment)
    if speculation is None:
        return 0.0
    if draft is None:
        return (speculation.draft_cost or 0.0) * _network_bytes(deployment, plans, layers)
    whole = all_layers(draft.model, plans)
    if speculation.method == "draft_model":
        return layers.last * _network_bytes(draft, plans, whole)
    layer = _layer_bytes(draft, plans, whole) + joining_weights(draft.model) * ACTIVATION_BYTES
    copied = 0.0 if draft.model.tie_word_embeddings else 1 - layers.first
    embedding = copied * embedding_weights(draft.model, plans.tp) * _embedding_bytes(draft.model)
    return layers.last * (prediction_layers(deployment.model) * layer + embedding)


def _network_bytes(deployment: Deployment, plans: PlanTable, layers: StageLayers) -> Bytes:
    """Weights of ``layers`` and of the tables on their stages."""
    tables = _table_bytes(deployment, plans, layers)
    return _layer_bytes(deployment, plans, layers) + tables


def _table_bytes(deployment: Deployment, plans: PlanTable, layers: StageLayers) -> Bytes:
    """The embedding on the first stage, the head on the last, where a tied one is a copy."""
    model, head = deployment.model, deployment.formats.of(Module.HEAD).weight_bytes
    if model.tie_word_embeddings:
        head = _embedding_bytes(model) * (1 - layers.first)
    tables = layers.first * _embedding_bytes(model) + layers.last * head
    lookups = layers.first * lookup_weights(model) / plans.tp * ACTIVATION_BYTES
    return tables * embedding_weights(model, plans.tp) + lookups


def _embedding_bytes(model: ModelSpec) -> float:
    """Bytes of one weight of the token embedding, which engines keep as it is stored."""
    return model.embedding_bytes or ACTIVATION_BYTES


def _layer_bytes(deployment: Deployment, plans: PlanTable, layers: StageLayers) -> Bytes:
    """Weights of ``layers``."""
    return sum((size for _, size in _layer_parts(deployment, plans, layers)), 0.0)


def _layer_parts(
    deployment: Deployment, plans: PlanTable, layers: StageLayers
) -> Iterator[tuple[str, Bytes]]:
    """Weights of ``layers``; experts and copies are split by ep and moe_tp, the rest by tp."""
    model = deployment.model

    def stored(module: Module) -> float:
        return deployment.formats.of(module).weight_bytes

    attention = layers.softmax * attention_weights(model, plans.tp) * stored(Module.ATTENTION)
    linear = layers.linear * linear_attention_weights(model, plans.tp)
    yield "attention", attention + linear * stored(Module.LINEAR_ATTENTION)
    norms = layers.every * norm_weights(model) * ACTIVATION_BYTES
    yield "norms", norms + layers.every * layer_input_weights(model) * ACTIVATION_BYTES
    dense = layers.dense * dense_mlp_weights(model, plans.tp)
    yield "dense_mlp", dense * stored(Module.DENSE_MLP)
    if model.num_experts:
        copies = model.num_experts + deployment.workload.redundant_experts
        routed = np.ceil(copies / plans.ep) * stored_expert_weights(deployment, plans)
        yield "routed_experts", layers.moe * routed * stored(Module.ROUTED_EXPERTS)
        shared = shared_expert_weights(model, plans.tp) * stored(Module.SHARED_EXPERT)
        yield "shared_expert", layers.moe * shared
        unquantised = router_weights(model) + latent_projection_weights(model)
        yield "router", layers.moe * unquantised * ACTIVATION_BYTES


def cache_memory(
    deployment: Deployment,
    plans: PlanTable,
    held: Held,
    layers: StageLayers | None = None,
    *,
    pooled: bool = True,
) -> Bytes:
    """Cache of the requests held on one chip, linear layers' states and drafts' included.

    Left out, ``layers`` are those of all stages together; what is not ``pooled`` is what requests
    fill, not what an engine that divides its cache beforehand takes for them. What drafts has a
    cache of its own of every token, on the last stage (vLLM 0.33, v1/kv_cache_interface.py,
    ``is_draft``); that of a draft model known by its cost alone is that share of the model's.
    """
    layers = layers or all_layers(deployment.model, plans)
    cache = _network_cache(deployment, plans, held, layers, pooled=pooled)
    speculation, draft = deployment.workload.speculative, drafting(deployment)
    if speculation is None:
        return cache
    if draft is None:
        return cache * (1 + (speculation.draft_cost or 0.0))
    drafts = _network_cache(draft, plans, held, all_layers(draft.model, plans), pooled=pooled)
    copies = prediction_layers(deployment.model) if speculation.method == "mtp" else 1
    return cache + layers.last * copies * drafts


def _network_cache(
    deployment: Deployment, plans: PlanTable, held: Held, layers: StageLayers, *, pooled: bool
) -> Bytes:
    """Cache of ``layers``, linear layers' states included.

    A latent and an index key are not divided by tp but by dcp, windows and states by neither; a
    state lies whole on one sequence rank. Tokens come in whole blocks of each rank that has a share
    of them (vLLM 0.33, v1/kv_cache_interface.py, ``max_num_blocks_per_req``).

    A step that verifies drafts keeps the state after each of its tokens, for any may be the last
    that counts (vLLM 0.33, v1/kv_cache_interface.py, ``num_speculative_blocks``; SGLang 0.5 alike).
    """
    model = deployment.model
    per_token = cached_bytes(model, deployment.formats.cache_bytes, plans.tp)
    state = state_bytes(model, plans.tp)
    block = float(memory_rules(deployment.workload).block)
    if deployment.workload.engine == "vllm" and model.num_linear_attention_layers:
        block = blocks(state / per_token, block)
        state = block * per_token
    whole, windowed = tokens_of_layers(deployment, held.tokens, pooled=pooled)
    windowed = windowed * window_cache_share(model, plans.tp)
    shares = cache_shares(model, plans)
    tokens = layers.full * blocks(whole / shares, block) + layers.sliding * windowed
    copies = verified_tokens(deployment.workload.speculative) if pooled else 1
    states = np.ceil(held.requests / plans.sp) * layers.linear * state * copies
    windows = layers.every * window_bytes(model, deployment.formats.cache_bytes, held.tokens)
    cache = held.requests * (tokens / plans.sp * per_token + windows)
    return share_of_pools(deployment, cache, states) if pooled else cache + states


def _activation_bytes(
    deployment: Deployment, plans: PlanTable, held: Held, layers: StageLayers
) -> Bytes:
    """Buffers of the largest step the engine prepares for, whatever the load.

    A layer's hidden states and MLP, the logits of all places (on the last stage) and an encoder (on
    the first) follow each other, so the largest counts; the experts' buffers stay.
    """
    model, rules = deployment.model, memory_rules(deployment.workload)
    tokens = deployment.workload.max_batched_tokens / plans.sp
    # What goes up, and its product with the gate or after the activation.
    mlp = (model.up_matrices + 1) * model.intermediate_size / plans.tp
    buffers = tokens * (rules.hidden_copies * model.hidden_size + mlp) * ACTIVATION_BYTES
    logits = layers.last * places(deployment) * float(model.vocab_size) * rules.logit
    encoder = layers.first * _encoder_buffers(deployment, plans, held)
    largest = np.maximum(np.maximum(buffers, logits), encoder)
    return largest + tokens * _expert_buffers(deployment, plans)


def _expert_buffers(deployment: Deployment, plans: PlanTable) -> Bytes:
    """Bytes per token of a step in the grouped products: two buffers, each the wider of its uses.

    Inputs and products' outputs, gate and up (vLLM, fused_moe: 0.26 GiB for Qwen1.5-MoE, 0.47 for
    Qwen3-30B-A3B at 8,192 tokens in llm-d-planner's report). Kernels of 4-bit floats have none:
    2.87 GiB for gpt-oss-20b there are its logits.
    """
    model = deployment.model
    stored = deployment.formats.of(Module.ROUTED_EXPERTS).weight
    if not model.num_experts or stored in (Dtype.MXFP4, Dtype.NVFP4):
        return 0.0
    hidden, columns = float(model.hidden_size), model.moe_intermediate_size / plans.moe_tp
    received = model.num_experts_per_tok * plans.sp * plans.attention_dp / plans.ep
    width = np.maximum(columns, hidden) + np.maximum(model.up_matrices * columns, hidden)
    return received * width * ACTIVATION_BYTES


def _encoder_buffers(deployment: Deployment, plans: PlanTable, held: Held) -> Bytes:
    """Hidden states and widest matrix of the towers, for the images of the largest step."""
    workload = deployment.workload
    most: Bytes = 0.0
    for brought in media(deployment.model, workload):
        encoder = brought.encoder
        items = brought.items * held.prompt_tokens / workload.input_seq_length
        columns: Count = encoder.mlp_columns / plans.tp
        if workload.encoder_data_parallel:
            items, columns = np.ceil(items / plans.tp), float(encoder.mlp_columns)
        # A whole image is encoded even where the step has a part of it.
        positions = np.maximum(items, np.minimum(held.prompt_tokens, 1)) * brought.positions
        per_position = 4 * encoder.hidden_size + columns
        most = np.maximum(most, positions * per_position * ACTIVATION_BYTES)
    return most
