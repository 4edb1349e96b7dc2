"""AMD Quark: one global config, layers with their own, and an exclusion list."""

from collections.abc import Iterator, Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import nested
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.modules import WeightFormat
from llm_simulator.planner.specs.quantization.fields import excluded_by, read_group
from llm_simulator.planner.specs.quantization.patterns import NamedModules
from llm_simulator.planner.specs.quantization.scheme import (
    EVERY,
    UNQUANTISED,
    Rule,
    Scheme,
    multiplied_with,
)


def quark(quantization: Mapping[str, Any], at: str) -> Scheme:
    """AMD Quark: one global config, layers with their own, and an exclusion list."""
    whole = nested(quantization, "global_quant_config", at)
    rules = [
        Rule(NamedModules([name]), _quark_format(own, f"{at}.layer_quant_config.{name}"))
        for name, own in _entries(quantization, "layer_quant_config", at)
    ]
    cache = None
    for _, own in _entries(quantization, "kv_cache_quant_config", at):
        outputs = nested(own, "output_tensors", at)
        # The projections' own formats again.
        for name in ("weight", "input_tensors"):
            own.get(name)
        cache = Dtype.FP8 if str(outputs.get("dtype")).startswith("fp8") else cache
    stored = _quark_format(whole, f"{at}.global_quant_config")
    return Scheme(stored, EVERY, tuple(rules), cache, excluded_by(quantization, at))


def _entries(
    quantization: Mapping[str, Any], name: str, at: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    whole = nested(quantization, name, at)
    for key in whole:
        yield key, nested(whole, key, f"{at}.{name}")


def _quark_format(config: Mapping[str, Any], at: str) -> WeightFormat:
    weight = nested(config, "weight", at)
    if not weight:
        return UNQUANTISED
    name = str(weight.get("dtype"))
    size = read_group(weight.get("group_size"), f"{at}.weight.group_size")
    known = {
        "fp8_e4m3": WeightFormat(dtype=Dtype.FP8),
        "fp8_e4m3fn": WeightFormat(dtype=Dtype.FP8),
        "fp4": WeightFormat(dtype=Dtype.MXFP4),
        "int8": WeightFormat(dtype=Dtype.INT8),
        "int4": WeightFormat(dtype=Dtype.INT4, group_size=size),
    }
    if name not in known:
        raise InvalidInput.at(f"{at}.weight.dtype", f"'{name}' is not a known format")
    inputs = nested(config, "input_tensors", at)
    if not inputs:
        return multiplied_with(known[name], Dtype.BF16)
    narrow = str(inputs.get("dtype")).startswith("fp8")
    return multiplied_with(known[name], Dtype.FP8) if narrow else known[name]
