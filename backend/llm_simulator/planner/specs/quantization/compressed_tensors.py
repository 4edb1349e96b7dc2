"""compressed-tensors: groups of targets (vllm-project/compressed-tensors)."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import nested
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.modules import WeightFormat
from llm_simulator.planner.specs.quantization.fields import (
    WAY_OUT,
    bits_of,
    block_format,
    cache_of_scheme,
    excluded_by,
    integer,
    read_group,
    texts,
)
from llm_simulator.planner.specs.quantization.patterns import NamedModules
from llm_simulator.planner.specs.quantization.scheme import (
    EVERY,
    UNQUANTISED,
    Rule,
    Scheme,
    multiplied_with,
)


def compressed_tensors(quantization: Mapping[str, Any], at: str) -> Scheme:
    """Groups of targets: kinds of layers ("Linear") or names; ``ignore`` comes before them."""
    inner = nested(quantization, "quantization_config", at)
    if inner:
        return compressed_tensors(inner, f"{at}.quantization_config")
    _refuse_sparse(quantization, at)
    excluded = excluded_by(quantization, at)
    groups = nested(quantization, "config_groups", at)
    rest, rules = UNQUANTISED, []
    if not groups:
        raise InvalidInput.at(f"{at}.config_groups", "is missing: no format is stated")
    for name in groups:
        place = f"{at}.config_groups.{name}"
        group = nested(groups, name, f"{at}.config_groups")
        stored = _group_format(group, quantization, place)
        targets = texts(group, "targets", place) or ["Linear"]
        kinds = [target for target in targets if target in _KINDS]
        if kinds:
            rest = stored
        rules.append(Rule(NamedModules([t for t in targets if t not in _KINDS]), stored))
    cache = cache_of_scheme(quantization.get("kv_cache_scheme"), f"{at}.kv_cache_scheme")
    named = tuple(rule for rule in rules if rule.names)
    return Scheme(rest, EVERY, named, cache, excluded)


def _refuse_sparse(quantization: Mapping[str, Any], at: str) -> None:
    """Raises InvalidInput where half of the weights are left out (``marlin-24``)."""
    layout = str(quantization.get("format"))
    if layout == "marlin-24" or "sparse" in layout:
        raise InvalidInput.at(
            f"{at}.format", f"'{layout}' has sparse weights, which are not costed; {WAY_OUT}"
        )


_KINDS = ("Linear", "FusedMoE", "RowParallelLinear", "ColumnParallelLinear", "QKVParallelLinear")


def _group_format(group: Mapping[str, Any], whole: Mapping[str, Any], at: str) -> WeightFormat:
    weights = nested(group, "weights", at)
    stored = _tensor_format(weights, str(group.get("format") or whole.get("format")), at)
    if group.get("input_activations", "not said") is None:
        return multiplied_with(stored, Dtype.BF16)
    inputs = nested(group, "input_activations", at)
    bits, kind = inputs.get("num_bits"), inputs.get("type")
    if bits == 8 and weights.get("num_bits") == 4:
        return multiplied_with(stored, Dtype.INT8 if kind == "int" else Dtype.FP8)
    return stored


def _tensor_format(weights: Mapping[str, Any], layout: str, at: str) -> WeightFormat:
    kind, bits, strategy = (weights.get(name) for name in ("type", "num_bits", "strategy"))
    size = read_group(weights.get("group_size"), f"{at}.weights.group_size")
    if kind == "int":
        dtype = integer(bits, f"{at}.weights.num_bits")
        is_column = strategy in ("channel", "tensor") and size is None
        exact = bits_of(dtype) / 8 if is_column and dtype is not Dtype.INT8 else None
        return WeightFormat(dtype=dtype, group_size=size, bytes_per_weight=exact)
    if kind == "float" and bits == 8:
        if strategy == "block":
            return block_format(weights.get("block_structure"), f"{at}.weights.block_structure")
        if size == 32:
            return WeightFormat(dtype=Dtype.MXFP8)
        return WeightFormat(dtype=Dtype.FP8, group_size=size)
    if kind == "float" and bits == 4:
        wide = size == 32 or "mxfp4" in layout
        return WeightFormat(dtype=Dtype.MXFP4 if wide else Dtype.NVFP4)
    raise InvalidInput.at(
        f"{at}.weights",
        f"{kind!r} of {bits!r} bits is not one known format; leave quantization_config out and "
        "give inference.weight_dtype",
    )
