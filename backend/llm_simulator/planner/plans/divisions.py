"""What a degree has to divide by itself: heads, widths, experts, and blocks that share a scale."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from llm_simulator.planner.specs.deployment import Deployment
from llm_simulator.planner.specs.dtypes import FORMATS, Dtype
from llm_simulator.planner.specs.formats import weight_format
from llm_simulator.planner.specs.model import ModelSpec, latent_attention, linear_attention
from llm_simulator.planner.specs.modules import Module
from llm_simulator.units import IntArray

Mask = NDArray[np.bool_]

FP8_BLOCK_WIDTH = 128
"""Rows and columns of a block of ``fp8_block``; engines load no part of one (vLLM 0.33,
validate_fp8_block_shape and its sister for experts; SGLang 0.5.23, layers/quantization/fp8.py)."""

WHOLE_GROUPS = (Dtype.INT8, Dtype.INT6, Dtype.INT5, Dtype.INT4, Dtype.INT3, Dtype.NVFP4)
"""Formats whose groups of inputs no engine splits outside of experts, where kernels take smaller
groups (vLLM 0.33, auto_awq.py, marlin_utils.py and modelopt.py; SGLang 0.5.23 likewise)."""


@dataclass(frozen=True)
class Division:
    """A condition on one degree whatever the others are."""

    degree: str
    code: str
    """What plans that break it are counted under."""
    reason: str
    holds: Callable[[IntArray], Mask]


def divisions(deployment: Deployment) -> tuple[Division, ...]:
    """Every condition on a single degree, in the order in which they are counted."""
    model = deployment.model
    found = [*_tensor_divisions(model), *_blocks(deployment)]
    if model.num_experts:
        slots = model.num_experts + deployment.workload.redundant_experts
        width = model.moe_intermediate_size
        copies = f" and {slots - model.num_experts} copies" if slots > model.num_experts else ""
        experts = f"must divide the {model.num_experts} experts{copies}"
        found.append(Division("ep", "experts", experts, lambda ep: slots % ep == 0))
        reason = f"must divide the experts' width {width}"
        found.append(Division("moe_tp", "expert_width", reason, lambda tp: width % tp == 0))
    order = ("tp", "ep", "moe_tp")
    return tuple(sorted(found, key=lambda division: order.index(division.degree)))


LEGAL = "legal"
"""In place of a code: no condition is broken."""


def first_broken(
    conditions: tuple[Division, ...], degree: str, values: IntArray
) -> NDArray[np.object_]:
    """The code of the first condition that each of ``values`` breaks, or LEGAL."""
    codes = np.full(len(values), LEGAL, dtype=object)
    for condition in conditions:
        if condition.degree == degree:
            codes[(codes == LEGAL) & ~condition.holds(values)] = condition.code
    return codes


def kept(conditions: tuple[Division, ...], degree: str, values: IntArray) -> Mask:
    """Which ``values`` of a degree keep every condition on it."""
    return np.asarray(first_broken(conditions, degree, values) == LEGAL)


def _tensor_divisions(model: ModelSpec) -> Iterator[Division]:
    """Key-value heads split evenly or are replicated evenly; latent attention has one for all."""
    heads, kv = model.num_attention_heads, model.num_key_value_heads
    yield Division(
        "tp", "heads", f"must divide the {heads} attention heads", lambda tp: heads % tp == 0
    )
    yield Division(
        "tp",
        "kv_heads",
        f"must divide the {kv} key-value heads or be a multiple of them",
        lambda tp: (kv % tp == 0) | (tp % kv == 0),
    )
    if model.num_linear_attention_layers:
        yield from _state_divisions(model)
    for module in (Module.DENSE_MLP, Module.SHARED_EXPERT):
        for part, width in _split_widths(model, module) if module in model.modules else ():
            yield Division(
                "tp", "width", f"must divide {part} {width}", lambda tp, w=width: w % tp == 0
            )


def _state_divisions(model: ModelSpec) -> Iterator[Division]:
    """Heads with a state split evenly; groups of Mamba-2 do so too, or there is one for all ranks.

    Source: vLLM 0.33, model_executor/layers/mamba/mamba_mixer2.py.
    """
    linear = linear_attention(model)
    heads, groups = linear.linear_num_value_heads, linear.linear_num_key_heads
    reason = f"must divide the {heads} heads with a state"
    yield Division("tp", "heads", reason, lambda tp: heads % tp == 0)
    if model.linear_attention_kind == "mamba2" and groups > 1:
        reason = f"must divide the {groups} groups of heads with a state"
        yield Division("tp", "heads", reason, lambda tp: groups % tp == 0)


def _blocks(deployment: Deployment) -> Iterator[Division]:
    """Every rank holds whole blocks of each matrix that is split."""
    for module in deployment.model.modules:
        stored = weight_format(deployment.model, module, deployment.workload)
        dtype = deployment.formats.of(module).weight
        degree = "moe_tp" if module is Module.ROUTED_EXPERTS else "tp"
        size = _whole(dtype, stored.group_size, module)
        for part, width in _split_widths(deployment.model, module) if size > 1 else ():
            yield Division(
                degree,
                "blocks",
                f"must leave every rank a multiple of {size} of {part} {width}: "
                f"no block of {dtype} is split",
                lambda tp, width=width, size=size: (tp == 1) | (width % (tp * size) == 0),
            )


def _whole(dtype: Dtype, group: int | None, module: Module) -> int:
    """Inputs of a matrix that stay together on a rank."""
    if dtype is Dtype.FP8_BLOCK:
        return FP8_BLOCK_WIDTH
    if dtype not in WHOLE_GROUPS or module is Module.ROUTED_EXPERTS:
        return 1
    size = group or FORMATS[dtype].group
    return 1 if size == inf else int(size)


def _split_widths(model: ModelSpec, module: Module) -> Iterator[tuple[str, int]]:
    """Widths of a module that tensor ranks share, each with its name.

    Key-value heads aren't among them: engines take any width of a fused projection's parts or
    replicate the heads; nor latents, which every rank holds whole.
    """
    match module:
        case Module.ATTENTION:
            yield from _attention_widths(model)
        case Module.LINEAR_ATTENTION:
            linear = linear_attention(model)
            values = linear.linear_num_value_heads * linear.linear_value_head_dim
            yield "the linear attention's width", values
        case Module.DENSE_MLP:
            yield "the feed-forward width", model.intermediate_size
        case Module.SHARED_EXPERT:
            yield "the shared expert's width", model.shared_expert_width
        case Module.ROUTED_EXPERTS:
            yield "the experts' width", model.moe_intermediate_size
        case _:
            pass


def _attention_widths(model: ModelSpec) -> Iterator[tuple[str, int]]:
    heads = model.num_attention_heads
    if model.attention == "mla":
        mla = latent_attention(model)
        yield "the queries' width", heads * mla.qk_head_dim
        yield "the attention's width", heads * mla.v_head_dim
        return
    yield "the attention's width", heads * model.value_head_dim
    if model.windows_have_own_heads:
        yield "the windowed attention's width", heads * (model.swa_head_dim or model.head_dim)
