"""The ``quantization_config`` of a ``config.json``: in which formats the weights are published."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import listed, nested
from llm_simulator.planner.specs.dtypes import Dtype

_QUANTIZATION = {
    "fp8": Dtype.FP8,
    "mxfp4": Dtype.MXFP4,
    "awq": Dtype.INT4,
    "gptq": Dtype.INT4,
    "nvfp4": Dtype.NVFP4,
}
_COMPRESSED_TENSORS = {
    "int4": Dtype.INT4,
    "int8": Dtype.INT8,
    "float8": Dtype.FP8,
    "float4": Dtype.NVFP4,
}
"""By type and bits of the weights (vllm-project/compressed-tensors)."""


def published_formats(config: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Number formats of the weights as ModelSpec fields; raises InvalidInput for an unknown one."""
    quantization = nested(config, "quantization_config", field)
    if not quantization:
        return {"weight_dtype": Dtype.BF16}
    method = str(quantization.get("quant_method", "")).lower()
    if method == "compressed-tensors":
        return _compressed_tensors(quantization, f"{field}.quantization_config")
    if method == "modelopt":
        method = str(quantization.get("quant_algo", "")).lower()
    if method not in _QUANTIZATION:
        raise InvalidInput.at(
            f"{field}.quantization_config.quant_method",
            f"'{method}' is not a known format; leave quantization_config out and give "
            "inference.weight_dtype",
        )
    # mxfp4 checkpoints quantise the experts only (gpt-oss model card).
    if method == "mxfp4":
        return {"weight_dtype": Dtype.BF16, "expert_weight_dtype": Dtype.MXFP4}
    if method == "fp8" and quantization.get("weight_block_size"):
        return {"weight_dtype": Dtype.FP8_BLOCK}
    return {"weight_dtype": _QUANTIZATION[method]} | _group_size(quantization)


def _group_size(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Weights that share a scale; -1 stands for a whole column in GPTQ, which costs nothing."""
    size = weights.get("group_size")
    return {"weight_group_size": size} if isinstance(size, int) and size > 0 else {}


def _compressed_tensors(quantization: Mapping[str, Any], field: str) -> dict[str, Any]:
    """One format for all weights, or for the experts only where attention is on the ignore list."""
    groups = nested(quantization, "config_groups", field)
    found = []
    for name in groups:
        group = nested(groups, name, f"{field}.config_groups")
        found.append(nested(group, "weights", f"{field}.config_groups.{name}"))
    formats = {_compressed_format(weights) for weights in found}
    read = formats.pop() if len(formats) == 1 else None
    if read is None:
        raise InvalidInput.at(
            f"{field}.config_groups",
            "is not one known format; leave quantization_config out and give "
            "inference.weight_dtype",
        )
    group_size = _group_size(found[0])
    if any("self_attn" in str(name) for name in listed(quantization, "ignore", field)):
        return {"weight_dtype": Dtype.BF16, "expert_weight_dtype": read} | group_size
    return {"weight_dtype": read} | group_size


def _compressed_format(weights: Mapping[str, Any]) -> Dtype | None:
    if weights.get("strategy") == "block":
        return Dtype.FP8_BLOCK
    return _COMPRESSED_TENSORS.get(f"{weights.get('type')}{weights.get('num_bits')}")
