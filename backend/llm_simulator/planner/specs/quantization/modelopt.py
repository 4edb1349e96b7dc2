"""NVIDIA's Model Optimizer: ``hf_quant_config.json`` and what it writes into ``config.json``."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import nested
from llm_simulator.planner.specs.dtypes import FORMATS, Dtype
from llm_simulator.planner.specs.modules import WeightFormat
from llm_simulator.planner.specs.quantization.compressed_tensors import compressed_tensors
from llm_simulator.planner.specs.quantization.fields import (
    cache_of_algorithm,
    cache_of_scheme,
    excluded_by,
    read_group,
)
from llm_simulator.planner.specs.quantization.patterns import NamedModules
from llm_simulator.planner.specs.quantization.scheme import EVERY, UNQUANTISED, Rule, Scheme

_MODELOPT: Mapping[str, WeightFormat] = {
    "FP8": WeightFormat(dtype=Dtype.FP8),
    "FP8_PER_CHANNEL_PER_TOKEN": WeightFormat(dtype=Dtype.FP8),
    "FP8_PB_WO": WeightFormat(dtype=Dtype.FP8_BLOCK),
    "FP8_BLOCK_SCALES": WeightFormat(dtype=Dtype.FP8_BLOCK),
    "MXFP8": WeightFormat(dtype=Dtype.MXFP8),
    "NVFP4": WeightFormat(dtype=Dtype.NVFP4),
    "NVFP4_AWQ": WeightFormat(dtype=Dtype.NVFP4),
    "NVFP4_SVD": WeightFormat(dtype=Dtype.NVFP4),
    "W4A16_NVFP4": WeightFormat(dtype=Dtype.NVFP4, activation_dtype=Dtype.BF16),
    "W4A8_NVFP4_FP8": WeightFormat(dtype=Dtype.NVFP4, activation_dtype=Dtype.FP8),
    "MXFP4": WeightFormat(dtype=Dtype.MXFP4),
    "W4A8_MXFP4_FP8": WeightFormat(dtype=Dtype.MXFP4, activation_dtype=Dtype.FP8),
    "W4A16_AWQ": WeightFormat(dtype=Dtype.INT4, activation_dtype=Dtype.BF16),
    "INT4_AWQ": WeightFormat(dtype=Dtype.INT4, activation_dtype=Dtype.BF16),
    "W4A8_AWQ": WeightFormat(dtype=Dtype.INT4, activation_dtype=Dtype.FP8),
    "W8A16": WeightFormat(dtype=Dtype.INT8, activation_dtype=Dtype.BF16),
    "INT8_SQ": WeightFormat(dtype=Dtype.INT8),
    "W8A8_SQ_PER_CHANNEL": WeightFormat(dtype=Dtype.INT8),
}
"""NVIDIA TensorRT Model Optimizer's names of algorithms."""


def modelopt(quantization: Mapping[str, Any], at: str) -> Scheme:
    """``hf_quant_config.json`` and what newer versions write into ``config.json``."""
    inner = nested(quantization, "quantization", at) or quantization
    nested(quantization, "producer", at).get("name")
    excluded = excluded_by(inner, at)
    cache = cache_of_scheme(inner.get("kv_cache_scheme"), f"{at}.kv_cache_scheme")
    named = cache_of_algorithm(inner.get("kv_cache_quant_algo"), f"{at}.kv_cache_quant_algo")
    cache = cache or named
    algorithm = inner.get("quant_algo")
    layers = nested(inner, "quantized_layers", at)
    if str(algorithm).upper() == "MIXED_PRECISION" or (layers and algorithm is None):
        return _mixed(layers, excluded, cache, at)
    if algorithm is None and "config_groups" in inner:
        return replace(compressed_tensors(inner, at), kv_cache=cache, excluded=excluded)
    if algorithm is None:
        if cache is not None:
            return Scheme(UNQUANTISED, kv_cache=cache)
        raise InvalidInput.at(f"{at}.quant_algo", "is missing: no format is stated")
    stored = _algorithm(algorithm, inner.get("group_size"), f"{at}.quant_algo")
    if nested(inner, "config_groups", at):
        _check_groups(compressed_tensors(inner, at).rest, stored, at)
    return Scheme(stored, EVERY, (), cache, excluded)


def _check_groups(said_again: WeightFormat, stored: WeightFormat, at: str) -> None:
    """Raises InvalidInput where ``config_groups`` denies what ``quant_algo`` says."""
    one, other = FORMATS[said_again.dtype].bits, FORMATS[stored.dtype].bits
    if one != other:
        raise InvalidInput.at(
            f"{at}.config_groups", f"store {one} bits, but quant_algo {other}; keep one of them"
        )


def _mixed(
    layers: Mapping[str, Any], excluded: NamedModules, cache: Dtype | None, at: str
) -> Scheme:
    """Every layer with an algorithm of its own; what is not named is unquantised."""
    if not layers:
        raise InvalidInput.at(
            f"{at}.quantized_layers",
            "is missing: a mixed precision names its layers in hf_quant_config.json; hand it "
            "over beside config.json",
        )
    by_format: dict[WeightFormat, list[str]] = {}
    for name in layers:
        own = nested(layers, name, f"{at}.quantized_layers")
        place = f"{at}.quantized_layers.{name}"
        stored = _algorithm(own.get("quant_algo"), own.get("group_size"), place)
        by_format.setdefault(stored, []).append(name)
    rules = (Rule(NamedModules(names), stored) for stored, names in by_format.items())
    return Scheme(UNQUANTISED, EVERY, tuple(rules), cache, excluded)


def _algorithm(name: object, group_size: object, at: str) -> WeightFormat:
    stored = _MODELOPT.get(str(name).upper())
    if stored is None:
        raise InvalidInput.at(
            at,
            f"{name!r} is not a known algorithm; known: {', '.join(_MODELOPT)}. Leave "
            "quantization_config out and give inference.weight_dtype",
        )
    size = read_group(group_size, at)
    is_grouped = stored.dtype in (Dtype.INT4, Dtype.INT8, Dtype.NVFP4)
    if size is None or not is_grouped:
        return stored
    return stored.model_copy(update={"group_size": size})
