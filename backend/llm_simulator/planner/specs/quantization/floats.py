"""fp8, mxfp4 and nvfp4 as one format of all that is not excluded."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.modules import Module, WeightFormat
from llm_simulator.planner.specs.quantization.fields import (
    block_format,
    excluded_by,
    read_group,
)
from llm_simulator.planner.specs.quantization.patterns import NamedModules
from llm_simulator.planner.specs.quantization.scheme import BUT_THE_HEAD, EVERY, Rule, Scheme


def fp8(quantization: Mapping[str, Any], at: str) -> Scheme:
    """One scale per tensor, or per block of 128 x 128 weights.

    ``kv_cache_scheme`` says here that the checkpoint has scales for an fp8 cache, which engines use
    when they are told to (``inference.kv_cache_dtype``).
    """
    quantization.get("kv_cache_scheme")
    return _in_blocks(quantization, at, None)


def mxfp8(quantization: Mapping[str, Any], at: str) -> Scheme:
    """A scale of a power of two per 32 weights (MiniMaxAI/MiniMax-M3-MXFP8)."""
    return _in_blocks(quantization, at, [1, 32])


def _in_blocks(quantization: Mapping[str, Any], at: str, usual: list[int] | None) -> Scheme:
    """All but the head in blocks as stated, or the ``usual`` ones; V4's experts in MXFP4."""
    excluded = excluded_by(quantization, at)
    block = quantization.get("weight_block_size", usual)
    in_fp4 = quantization.get("expert_dtype") in ("fp4", "mxfp4")
    if block is None:
        return Scheme(WeightFormat(dtype=Dtype.FP8), BUT_THE_HEAD, excluded=excluded)
    stored = block_format(block, f"{at}.weight_block_size")
    experts = Rule(NamedModules(["experts"]), WeightFormat(dtype=Dtype.MXFP4))
    return Scheme(stored, BUT_THE_HEAD, (experts,) if in_fp4 else (), excluded=excluded)


def w8a8_fp8(quantization: Mapping[str, Any], at: str) -> Scheme:
    """A scale per output channel and one per token (SGLang)."""
    excluded = excluded_by(quantization, at)
    return Scheme(WeightFormat(dtype=Dtype.FP8), BUT_THE_HEAD, excluded=excluded)


def w4afp8(quantization: Mapping[str, Any], at: str) -> Scheme:
    """Routed experts in int4 beside fp8 activations, the rest in blocks of fp8 (SGLang)."""
    group = read_group(quantization.get("group_size", 128), f"{at}.group_size")
    own = WeightFormat(dtype=Dtype.INT4, group_size=group, activation_dtype=Dtype.FP8)
    rest = _in_blocks(quantization, at, [128, 128])
    return replace(rest, rules=(Rule(NamedModules(["experts"]), own),))


def fbgemm_fp8(quantization: Mapping[str, Any], at: str) -> Scheme:
    """A scale per output channel of the weights, one per token of the activations."""
    excluded = excluded_by(quantization, at)
    return Scheme(WeightFormat(dtype=Dtype.FP8), BUT_THE_HEAD, excluded=excluded)


def mxfp4(quantization: Mapping[str, Any], at: str) -> Scheme:
    """The routed experts only (gpt-oss model card)."""
    excluded = excluded_by(quantization, at)
    experts = frozenset({Module.ROUTED_EXPERTS})
    return Scheme(WeightFormat(dtype=Dtype.MXFP4), experts, excluded=excluded)


def nvfp4(quantization: Mapping[str, Any], at: str) -> Scheme:
    """A scale per 16 weights."""
    excluded = excluded_by(quantization, at)
    size = read_group(quantization.get("group_size"), f"{at}.group_size")
    return Scheme(WeightFormat(dtype=Dtype.NVFP4, group_size=size), EVERY, excluded=excluded)
