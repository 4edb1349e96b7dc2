"""Fields that several dialects share, each read with its type or refused by name."""

import re
from collections.abc import Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import listed
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.modules import WeightFormat
from llm_simulator.planner.specs.quantization.patterns import NamedModules

WAY_OUT = "leave quantization_config out and give inference.weight_dtype"
_INTEGERS = {3: Dtype.INT3, 4: Dtype.INT4, 5: Dtype.INT5, 6: Dtype.INT6, 8: Dtype.INT8}


def integer(bits: object, at: str) -> Dtype:
    if bits is None:
        raise InvalidInput.at(at, "is missing: in how many bits weights are stored")
    if isinstance(bits, bool) or not isinstance(bits, int) or bits not in _INTEGERS:
        known = ", ".join(map(str, _INTEGERS))
        raise InvalidInput.at(at, f"{bits!r} bits are not costed; known: {known}; or {WAY_OUT}")
    return _INTEGERS[bits]


def read_group(size: object, at: str) -> int | None:
    """Weights that share a scale; -1 and null stand for a whole column, which costs nothing."""
    if size is None or size == -1:
        return None
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise InvalidInput.at(at, f"must be a positive whole number, -1 or null, not {size!r}")
    return size


def bits_of(dtype: Dtype) -> int:
    return {number: bits for bits, number in _INTEGERS.items()}[dtype]


def texts(quantization: Mapping[str, Any], name: str, at: str) -> list[str]:
    """A list of names; an object's keys count as one."""
    given = quantization.get(name)
    if isinstance(given, Mapping):
        return [str(key) for key in given]
    return [str(text) for text in listed(quantization, name, at)]


_EXCLUDING = ("modules_to_not_convert", "ignored_layers", "ignore", "exclude_modules", "exclude")
"""What dialects call their list of modules that stay as they are; none means something else."""
_LOOKS_EXCLUDING = re.compile("ignor|exclu|not_convert|skip|unquant")


def excluded_by(quantization: Mapping[str, Any], at: str) -> NamedModules:
    """The modules that a ``quantization_config`` leaves as they are, whatever it calls them.

    Raises InvalidInput for a list under a name that looks like one and isn't known.
    """
    looking = (key for key in quantization if _LOOKS_EXCLUDING.search(key))
    for key in looking:
        if key not in _EXCLUDING and isinstance(quantization[key], list | Mapping):
            known = ", ".join(_EXCLUDING)
            raise InvalidInput.at(f"{at}.{key}", f"is not read; known: {known}; or {WAY_OUT}")
    return NamedModules([text for key in _EXCLUDING for text in texts(quantization, key, at)])


def block_format(block: object, at: str) -> WeightFormat:
    if block == [128, 128]:
        return WeightFormat(dtype=Dtype.FP8_BLOCK)
    if block == [1, 32]:
        return WeightFormat(dtype=Dtype.MXFP8)
    known = "[128, 128] and [1, 32]"
    raise InvalidInput.at(at, f"{block!r} is not costed; known: {known}; or {WAY_OUT}")


def cache_of_scheme(scheme: object, at: str) -> Dtype | None:
    """The format of the cache that a checkpoint has scales for."""
    if not scheme:
        return None
    if isinstance(scheme, str):
        return cache_of_algorithm(scheme, at)
    if isinstance(scheme, Mapping):
        found = {"float8": Dtype.FP8, "float4": Dtype.NVFP4, "int8": Dtype.INT8}
        dtype = found.get(f"{scheme.get('type')}{scheme.get('num_bits')}")
        if dtype is not None:
            return dtype
    raise InvalidInput.at(at, f"{scheme!r} is not a known format; give inference.kv_cache_dtype")


def cache_of_algorithm(name: object, at: str) -> Dtype | None:
    if name in (None, "", "none", "None"):
        return None
    known = {"FP8": Dtype.FP8, "NVFP4": Dtype.NVFP4, "INT8": Dtype.INT8, "FP8_E4M3": Dtype.FP8}
    dtype = known.get(str(name).upper())
    if dtype is None:
        raise InvalidInput.at(at, f"{name!r} is not a known format; give inference.kv_cache_dtype")
    return dtype
