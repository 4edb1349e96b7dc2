"""Which dialect a ``quantization_config`` is in: read into a Scheme or refused by name."""

from collections.abc import Callable, Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import nested
from llm_simulator.planner.specs.quantization.compressed_tensors import compressed_tensors
from llm_simulator.planner.specs.quantization.fields import WAY_OUT
from llm_simulator.planner.specs.quantization.floats import (
    fbgemm_fp8,
    fp8,
    mxfp4,
    mxfp8,
    nvfp4,
    w4afp8,
    w8a8_fp8,
)
from llm_simulator.planner.specs.quantization.integers import (
    auto_round,
    awq,
    gptq,
    w8a8_int8,
)
from llm_simulator.planner.specs.quantization.modelopt import modelopt
from llm_simulator.planner.specs.quantization.quark import quark
from llm_simulator.planner.specs.quantization.scheme import Scheme


def scheme_of(quantization: Mapping[str, Any], at: str) -> Scheme:
    """The scheme of a ``quantization_config``; raises InvalidInput for one that isn't costed."""
    sparsity = nested(quantization, "sparsity_config", at)
    if sparsity and sparsity.get("format", "dense") != "dense":
        raise InvalidInput.at(f"{at}.sparsity_config", f"sparse weights are not costed; {WAY_OUT}")
    method = _method(quantization, at)
    if method in _REFUSED:
        raise InvalidInput.at(
            f"{at}.quant_method",
            f"'{method}' {_REFUSED[method]}; {WAY_OUT}",
        )
    if method not in _DIALECTS:
        raise InvalidInput.at(
            f"{at}.quant_method",
            f"'{method}' is not a known format; known: {', '.join(_DIALECTS)}; or {WAY_OUT}",
        )
    return _DIALECTS[method](quantization, at)


def _method(quantization: Mapping[str, Any], at: str) -> str:
    """The dialect: stated, or told by keys that only one of them has."""
    method = quantization.get("quant_method")
    if isinstance(method, str) and method:
        return method.lower().replace("_", "-")
    producer = nested(quantization, "producer", at).get("name")
    if producer == "modelopt" or "quant_algo" in quantization or "quantization" in quantization:
        return "modelopt"
    if "config_groups" in quantization or "quantization_config" in quantization:
        return "compressed-tensors"
    raise InvalidInput.at(f"{at}.quant_method", "is missing: the format can't be told")


_REFUSED = {
    "bitsandbytes": "quantises while loading, in kernels that serving engines don't tune",
    "bnb": "quantises while loading, in kernels that serving engines don't tune",
    **dict.fromkeys(
        ("aqlm", "vptq", "spqr", "quip", "higgs", "hqq", "eetq", "quanto", "exl2", "exl3"),
        "is a format that vLLM, SGLang and TensorRT-LLM don't serve at speed",
    ),
    "torchao": "names its layers by code and can't be counted from the config",
    "experts-int8": "quantises while loading",
    "deepspeedfp": "quantises while loading",
    "ptpc-fp8": "quantises while loading",
}


_DIALECTS: Mapping[str, Callable[[Mapping[str, Any], str], Scheme]] = {
    "gptq": gptq,
    "gptq-marlin": gptq,
    "awq": awq,
    "awq-marlin": awq,
    "auto-round": auto_round,
    "fp8": fp8,
    "fbgemm-fp8": fbgemm_fp8,
    "mxfp4": mxfp4,
    "mxfp8": mxfp8,
    "nvfp4": nvfp4,
    "w8a8-fp8": w8a8_fp8,
    "w4afp8": w4afp8,
    "w8a8-int8": w8a8_int8,
    "blockwise-int8": w8a8_int8,
    "compressed-tensors": compressed_tensors,
    "modelopt": modelopt,
    "modelopt-fp4": modelopt,
    "quark": quark,
}
