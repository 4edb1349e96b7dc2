"""The dialects of ``quantization_config``, each read into one Scheme or refused by name."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import listed, nested
from llm_simulator.planner.specs.dtypes import NATIVE_ACTIVATIONS, Dtype
from llm_simulator.planner.specs.modules import Module, WeightFormat
from llm_simulator.planner.specs.quantization.patterns import NamedModules

EVERY = frozenset(Module)
BUT_THE_HEAD = EVERY - {Module.HEAD}

UNQUANTISED = WeightFormat(dtype=Dtype.BF16)


@dataclass(frozen=True)
class Rule:
    """What the modules of some names are stored in; the first rule that names one holds."""

    names: NamedModules
    stored: WeightFormat


@dataclass(frozen=True)
class Scheme:
    """A checkpoint's formats: exclusions, exceptions, and what holds for the rest."""

    rest: WeightFormat
    quantised: frozenset[Module] = EVERY
    """Modules that ``rest`` holds for; the others are unquantised."""
    rules: tuple[Rule, ...] = ()
    kv_cache: Dtype | None = None
    excluded: NamedModules = field(default_factory=lambda: NamedModules(()))

    def in_layer(self, layer: int) -> Hashable:
        """What it says of a layer: the same for layers that it stores alike."""
        return tuple(names.in_layer(layer) for names in self._lists)

    @property
    def _lists(self) -> tuple[NamedModules, ...]:
        return (self.excluded, *(rule.names for rule in self.rules))

    def stored(self, module: Module, names: tuple[str, ...]) -> WeightFormat:
        """The format of the matrix that goes by one of ``names``."""
        if any(name in self.excluded for name in names):
            return UNQUANTISED
        for rule in self.rules:
            if any(name in rule.names for name in names):
                return rule.stored
        return self.rest if module in self.quantised else UNQUANTISED


def scheme_of(quantization: Mapping[str, Any], at: str) -> Scheme:
    """The scheme of a ``quantization_config``; raises InvalidInput for one that isn't costed."""
    sparsity = nested(quantization, "sparsity_config", at)
    if sparsity and sparsity.get("format", "dense") != "dense":
        raise InvalidInput.at(f"{at}.sparsity_config", "sparse weights are not costed")
    method = _method(quantization, at)
    if method in _REFUSED:
        raise InvalidInput.at(
            f"{at}.quant_method",
            f"'{method}' {_REFUSED[method]}; leave quantization_config out and give "
            "inference.weight_dtype",
        )
    if method not in _DIALECTS:
        raise InvalidInput.at(
            f"{at}.quant_method",
            f"'{method}' is not a known format; known: {', '.join(_DIALECTS)}. Leave "
            "quantization_config out and give inference.weight_dtype",
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
}

_INTEGERS = {3: Dtype.INT3, 4: Dtype.INT4, 5: Dtype.INT5, 6: Dtype.INT6, 8: Dtype.INT8}


def _integer(bits: object, at: str) -> Dtype:
    if bits is None:
        raise InvalidInput.at(at, "is missing: in how many bits weights are stored")
    if isinstance(bits, bool) or not isinstance(bits, int) or bits not in _INTEGERS:
        known = ", ".join(map(str, _INTEGERS))
        raise InvalidInput.at(at, f"{bits!r} bits are not costed; known: {known}")
    return _INTEGERS[bits]


def _group(size: object, at: str) -> int | None:
    """Weights that share a scale; -1 and null stand for a whole column, which costs nothing."""
    if size is None or size == -1:
        return None
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise InvalidInput.at(at, f"must be a positive whole number, -1 or null, not {size!r}")
    return size


def _texts(quantization: Mapping[str, Any], name: str, at: str) -> list[str]:
    """A list of names; an object's keys count as one."""
    given = quantization.get(name)
    if isinstance(given, Mapping):
        return [str(key) for key in given]
    return [str(text) for text in listed(quantization, name, at)]


def _excluded(quantization: Mapping[str, Any], at: str, *keys: str) -> NamedModules:
    return NamedModules([text for key in keys for text in _texts(quantization, key, at)])


def _weight_only(bits: object, group: object, at: str) -> WeightFormat:
    """Integers that are widened before they are multiplied; -1 is one scale per column."""
    dtype = _integer(bits, f"{at}.bits")
    return WeightFormat(
        dtype=dtype,
        group_size=_group(group, f"{at}.group_size"),
        activation_dtype=Dtype.BF16 if dtype in NATIVE_ACTIVATIONS else None,
        bytes_per_weight=_bits(dtype) / 8 if group == -1 and dtype is not Dtype.INT8 else None,
    )


def _bits(dtype: Dtype) -> int:
    return {number: bits for bits, number in _INTEGERS.items()}[dtype]


def _gptq(quantization: Mapping[str, Any], at: str) -> Scheme:
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
    named = _texts(quantization, "modules_to_not_convert", at)
    head = EVERY if quantization.get("lm_head") is True else BUT_THE_HEAD
    return Scheme(stored, head, tuple(rules), excluded=NamedModules([*excluded, *named]))


def _awq(quantization: Mapping[str, Any], at: str) -> Scheme:
    bits = quantization.get("bits", quantization.get("w_bit"))
    group = quantization.get("group_size", quantization.get("q_group_size", 128))
    excluded = _excluded(quantization, at, "modules_to_not_convert")
    head = EVERY if quantization.get("lm_head") is True else BUT_THE_HEAD
    return Scheme(_weight_only(bits, group, at), head, excluded=excluded)


def _auto_round(quantization: Mapping[str, Any], at: str) -> Scheme:
    """AutoRound: GPTQ-like, with layers of their own bits; 16 bits are unquantised."""
    bits, group = quantization.get("bits"), quantization.get("group_size", 128)
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


def _fp8(quantization: Mapping[str, Any], at: str) -> Scheme:
    """One scale per tensor, or per block of 128 x 128 weights."""
    excluded = _excluded(quantization, at, "modules_to_not_convert", "ignored_layers")
    block = quantization.get("weight_block_size")
    if block is None:
        return Scheme(WeightFormat(dtype=Dtype.FP8), BUT_THE_HEAD, excluded=excluded)
    stored = _blocks(block, f"{at}.weight_block_size")
    if quantization.get("expert_dtype") in ("fp4", "mxfp4"):
        own = Rule(NamedModules(["experts"]), WeightFormat(dtype=Dtype.MXFP4))
        return Scheme(stored, BUT_THE_HEAD, (own,), excluded=excluded)
    return Scheme(stored, BUT_THE_HEAD, excluded=excluded)


def _blocks(block: object, at: str) -> WeightFormat:
    if block == [128, 128]:
        return WeightFormat(dtype=Dtype.FP8_BLOCK)
    if block == [1, 32]:
        return WeightFormat(dtype=Dtype.MXFP8)
    raise InvalidInput.at(at, f"{block!r} is not costed; known: [128, 128] and [1, 32]")


def _fbgemm_fp8(quantization: Mapping[str, Any], at: str) -> Scheme:
    """A scale per output channel of the weights, one per token of the activations."""
    excluded = _excluded(quantization, at, "modules_to_not_convert")
    return Scheme(WeightFormat(dtype=Dtype.FP8), BUT_THE_HEAD, excluded=excluded)


def _mxfp4(quantization: Mapping[str, Any], at: str) -> Scheme:
    """The routed experts only (gpt-oss model card)."""
    excluded = _excluded(quantization, at, "modules_to_not_convert")
    experts = frozenset({Module.ROUTED_EXPERTS})
    return Scheme(WeightFormat(dtype=Dtype.MXFP4), experts, excluded=excluded)


def _nvfp4(quantization: Mapping[str, Any], at: str) -> Scheme:
    excluded = _excluded(quantization, at, "modules_to_not_convert", "ignore")
    return Scheme(WeightFormat(dtype=Dtype.NVFP4), EVERY, excluded=excluded)


def _compressed_tensors(quantization: Mapping[str, Any], at: str) -> Scheme:
    """Groups of targets: kinds of layers ("Linear") or names; ``ignore`` comes before them."""
    inner = nested(quantization, "quantization_config", at)
    if inner:
        return _compressed_tensors(inner, f"{at}.quantization_config")
    excluded = _excluded(quantization, at, "ignore")
    groups = nested(quantization, "config_groups", at)
    rest, rules = UNQUANTISED, []
    if not groups:
        raise InvalidInput.at(f"{at}.config_groups", "is missing: no format is stated")
    for name in groups:
        place = f"{at}.config_groups.{name}"
        group = nested(groups, name, f"{at}.config_groups")
        stored = _group_format(group, quantization, place)
        targets = _texts(group, "targets", place) or ["Linear"]
        kinds = [target for target in targets if target in _KINDS]
        if kinds:
            rest = stored
        rules.append(Rule(NamedModules([t for t in targets if t not in _KINDS]), stored))
    cache = _cache_scheme(quantization.get("kv_cache_scheme"), f"{at}.kv_cache_scheme")
    named = tuple(rule for rule in rules if rule.names)
    return Scheme(rest, EVERY, named, cache, excluded)


_KINDS = ("Linear", "FusedMoE", "RowParallelLinear", "ColumnParallelLinear", "QKVParallelLinear")


def _group_format(group: Mapping[str, Any], whole: Mapping[str, Any], at: str) -> WeightFormat:
    weights = nested(group, "weights", at)
    stored = _tensor_format(weights, str(group.get("format") or whole.get("format")), at)
    inputs = group.get("input_activations", "not said")
    if inputs is None:
        return multiplied_with(stored, Dtype.BF16)
    bits = inputs.get("num_bits") if isinstance(inputs, Mapping) else None
    if bits == 8 and weights.get("num_bits") == 4:
        kind = inputs.get("type") if isinstance(inputs, Mapping) else None
        return multiplied_with(stored, Dtype.INT8 if kind == "int" else Dtype.FP8)
    return stored


def multiplied_with(stored: WeightFormat, activation: Dtype) -> WeightFormat:
    """The same weights, multiplied with other activations than their format's own."""
    if NATIVE_ACTIVATIONS.get(stored.dtype, Dtype.BF16) is activation:
        return stored
    return stored.model_copy(update={"activation_dtype": activation})


def _tensor_format(weights: Mapping[str, Any], layout: str, at: str) -> WeightFormat:
    kind, bits, strategy = (weights.get(name) for name in ("type", "num_bits", "strategy"))
    size = _group(weights.get("group_size"), f"{at}.weights.group_size")
    if kind == "int":
        dtype = _integer(bits, f"{at}.weights.num_bits")
        is_column = strategy in ("channel", "tensor") and size is None
        exact = _bits(dtype) / 8 if is_column and dtype is not Dtype.INT8 else None
        return WeightFormat(dtype=dtype, group_size=size, bytes_per_weight=exact)
    if kind == "float" and bits == 8:
        if strategy == "block":
            return _blocks(weights.get("block_structure"), f"{at}.weights.block_structure")
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


def _cache_scheme(scheme: object, at: str) -> Dtype | None:
    """The format of the cache that a checkpoint has scales for."""
    if scheme is None or scheme == {}:
        return None
    if isinstance(scheme, str):
        return _cache_algorithm(scheme, at)
    if isinstance(scheme, Mapping):
        found = {"float8": Dtype.FP8, "float4": Dtype.NVFP4, "int8": Dtype.INT8}
        dtype = found.get(f"{scheme.get('type')}{scheme.get('num_bits')}")
        if dtype is not None:
            return dtype
    raise InvalidInput.at(at, f"{scheme!r} is not a known format; give inference.kv_cache_dtype")


def _cache_algorithm(name: object, at: str) -> Dtype | None:
    if name in (None, "", "none", "None"):
        return None
    known = {"FP8": Dtype.FP8, "NVFP4": Dtype.NVFP4, "INT8": Dtype.INT8, "FP8_E4M3": Dtype.FP8}
    dtype = known.get(str(name).upper())
    if dtype is None:
        raise InvalidInput.at(at, f"{name!r} is not a known format; give inference.kv_cache_dtype")
    return dtype


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


def _modelopt(quantization: Mapping[str, Any], at: str) -> Scheme:
    """``hf_quant_config.json`` and what newer versions write into ``config.json``."""
    inner = nested(quantization, "quantization", at) or quantization
    excluded = _excluded(inner, at, "exclude_modules", "ignore", "modules_to_not_convert")
    cache = _cache_scheme(inner.get("kv_cache_scheme"), f"{at}.kv_cache_scheme")
    cache = cache or _cache_algorithm(inner.get("kv_cache_quant_algo"), f"{at}.kv_cache_quant_algo")
    algorithm = inner.get("quant_algo")
    layers = nested(inner, "quantized_layers", at)
    if str(algorithm).upper() == "MIXED_PRECISION" or (layers and algorithm is None):
        return _mixed(layers, excluded, cache, at)
    if algorithm is None and "config_groups" in inner:
        return replace(_compressed_tensors(inner, at), kv_cache=cache, excluded=excluded)
    if algorithm is None:
        if cache is not None:
            return Scheme(UNQUANTISED, kv_cache=cache)
        raise InvalidInput.at(f"{at}.quant_algo", "is missing: no format is stated")
    stored = _algorithm(algorithm, inner.get("group_size"), f"{at}.quant_algo")
    return Scheme(stored, EVERY, (), cache, excluded)


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
    by_format: dict[tuple[str, object], list[str]] = {}
    for name, given in layers.items():
        entry = given if isinstance(given, Mapping) else {}
        key = (str(entry.get("quant_algo")), entry.get("group_size"))
        by_format.setdefault(key, []).append(str(name))
    rules = [
        Rule(NamedModules(names), _algorithm(algorithm, size, f"{at}.quantized_layers"))
        for (algorithm, size), names in by_format.items()
    ]
    return Scheme(UNQUANTISED, EVERY, tuple(rules), cache, excluded)


def _algorithm(name: object, group_size: object, at: str) -> WeightFormat:
    stored = _MODELOPT.get(str(name).upper())
    if stored is None:
        raise InvalidInput.at(
            at,
            f"{name!r} is not a known algorithm; known: {', '.join(_MODELOPT)}. Leave "
            "quantization_config out and give inference.weight_dtype",
        )
    size = _group(group_size, at)
    is_grouped = stored.dtype in (Dtype.INT4, Dtype.INT8, Dtype.NVFP4)
    if size is None or not is_grouped:
        return stored
    return stored.model_copy(update={"group_size": size})


def _quark(quantization: Mapping[str, Any], at: str) -> Scheme:
    """AMD Quark: one global config, layers with their own, and an exclusion list."""
    whole = nested(quantization, "global_quant_config", at)
    rules = [
        Rule(NamedModules([name]), _quark_format(own, f"{at}.layer_quant_config.{name}"))
        for name, own in _entries(quantization, "layer_quant_config", at)
    ]
    cache = None
    for _, own in _entries(quantization, "kv_cache_quant_config", at):
        outputs = nested(own, "output_tensors", at)
        cache = Dtype.FP8 if str(outputs.get("dtype")).startswith("fp8") else cache
    stored = _quark_format(whole, f"{at}.global_quant_config")
    return Scheme(stored, EVERY, tuple(rules), cache, _excluded(quantization, at, "exclude"))


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
    name, size = str(weight.get("dtype")), weight.get("group_size")
    known = {
        "fp8_e4m3": WeightFormat(dtype=Dtype.FP8),
        "fp8_e4m3fn": WeightFormat(dtype=Dtype.FP8),
        "fp4": WeightFormat(dtype=Dtype.MXFP4),
        "int8": WeightFormat(dtype=Dtype.INT8),
        "int4": WeightFormat(dtype=Dtype.INT4, group_size=_group(size, f"{at}.weight.group_size")),
    }
    if name not in known:
        raise InvalidInput.at(f"{at}.weight.dtype", f"'{name}' is not a known format")
    is_alone = config.get("input_tensors") is None
    return multiplied_with(known[name], Dtype.BF16) if is_alone else known[name]


_DIALECTS: Mapping[str, Callable[[Mapping[str, Any], str], Scheme]] = {
    "gptq": _gptq,
    "gptq-marlin": _gptq,
    "awq": _awq,
    "awq-marlin": _awq,
    "auto-round": _auto_round,
    "fp8": _fp8,
    "fbgemm-fp8": _fbgemm_fp8,
    "mxfp4": _mxfp4,
    "nvfp4": _nvfp4,
    "compressed-tensors": _compressed_tensors,
    "modelopt": _modelopt,
    "modelopt-fp4": _modelopt,
    "quark": _quark,
}
