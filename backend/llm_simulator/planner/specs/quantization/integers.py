"""GPTQ, AWQ and AutoRound: integers that are widened before they are multiplied."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import listed, nested
from llm_simulator.planner.specs.dtypes import NATIVE_ACTIVATIONS, Dtype
from llm_simulator.planner.specs.modules import WeightFormat
from llm_simulator.planner.specs.quantization.fields import (
    WAY_OUT,
    bits_of,
    excluded_by,
    integer,
    read_group,
)
from llm_simulator.planner.specs.quantization.patterns import NamedModules
from llm_simulator.planner.specs.quantization.scheme import (
    BUT_THE_HEAD,
    EVERY,
    UNQUANTISED,
    Rule,
    Scheme,
)


def _weight_only(bits: object, group: object, at: str) -> WeightFormat:
    """Integers that are widened before they are multiplied; -1 is one scale per column."""
    dtype = integer(bits, f"{at}.bits")
    return WeightFormat(
        dtype=dtype,
        group_size=read_group(group, f"{at}.group_size"),
        activation_dtype=Dtype.BF16 if dtype in NATIVE_ACTIVATIONS else None,
        bytes_per_weight=bits_of(dtype) / 8 if group == -1 and dtype is not Dtype.INT8 else None,
    )


def gptq(quantization: Mapping[str, Any], at: str) -> Scheme:
    stored = _weight_only(quantization.get("bits"), quantization.get("group_size", 128), at)
    rules, excluded = [], []
    for name, override in nested(quantization, "dynamic", at).items():
        # "-:" leaves modules unquantised, "+:" or nothing quantises them otherwise (GPTQModel).
        expression = f"re:{name.removeprefix('-:').removeprefix('+:')}"
        if name.startswith("-:"):
            excluded.append(expression)
            continue
        given = override if isinstance(override, Mapping) else {}
        own = _weight_only(
            given.get("bits", quantization.get("bits")),
            given.get("group_size", quantization.get("group_size", 128)),
            f"{at}.dynamic.{name}",
        )
        rules.append(Rule(NamedModules([expression]), own))
    named = [pattern.text for pattern in excluded_by(quantization, at).patterns]
    head = EVERY if quantization.get("lm_head") is True else BUT_THE_HEAD
    left = NamedModules([*excluded, *named])
    only = _flat(listed(quantization, "modules_in_block_to_quantize", at))
    if only:
        rules.append(Rule(NamedModules(only), stored))
        return Scheme(UNQUANTISED, head, tuple(rules), excluded=left)
    return Scheme(stored, head, tuple(rules), excluded=left)


def _flat(names: list[Any]) -> list[str]:
    """Names, given one by one or in the lists that were rounded together (AutoGPTQ)."""
    lists = (one if isinstance(one, list) else [one] for one in names)
    return [str(name) for one in lists for name in one]


def awq(quantization: Mapping[str, Any], at: str) -> Scheme:
    bits = quantization.get("bits", quantization.get("w_bit"))
    group = quantization.get("group_size", quantization.get("q_group_size", 128))
    excluded = excluded_by(quantization, at)
    head = EVERY if quantization.get("lm_head") is True else BUT_THE_HEAD
    return Scheme(_weight_only(bits, group, at), head, excluded=excluded)


def w8a8_int8(quantization: Mapping[str, Any], at: str) -> Scheme:
    """A scale per output channel and one per token, or one per block of weights (SGLang)."""
    excluded = excluded_by(quantization, at)
    quantization.get("weight_block_size")
    return Scheme(WeightFormat(dtype=Dtype.INT8), BUT_THE_HEAD, excluded=excluded)


def auto_round(quantization: Mapping[str, Any], at: str) -> Scheme:
    """AutoRound: GPTQ-like, with layers of their own bits; 16 bits are unquantised."""
    bits, group = quantization.get("bits"), quantization.get("group_size", 128)
    if quantization.get("act_bits", 16) not in (16, 32, None):
        raise InvalidInput.at(f"{at}.act_bits", f"narrower activations are not costed; {WAY_OUT}")
    if not str(quantization.get("data_type", "int")).startswith("int"):
        raise InvalidInput.at(f"{at}.data_type", f"must be int, as the bits are read; {WAY_OUT}")
    rules, excluded = [], []
    for name, override in nested(quantization, "extra_config", at).items():
        given = override if isinstance(override, Mapping) else {}
        if given.get("bits") in (16, 32):
            excluded.append(name)
            continue
        own = (given.get("bits", bits), given.get("group_size", group))
        rules.append(Rule(NamedModules([name]), _weight_only(*own, f"{at}.extra_config.{name}")))
    stored = _weight_only(bits, group, at)
    return Scheme(stored, BUT_THE_HEAD, tuple(rules), excluded=NamedModules(excluded))
