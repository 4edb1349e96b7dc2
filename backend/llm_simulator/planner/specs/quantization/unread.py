"""Keys of a ``quantization_config`` that its dialect did not ask for: harmless, named, or refused.

As with a ``config.json`` itself (docs/decisions/0027): what says nothing and what is known to move
no byte passes, a name that speaks of weights, modules or formats is refused, any other is named.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.quantization.asked import Asked
from llm_simulator.planner.specs.quantization.fields import WAY_OUT
from llm_simulator.planner.specs.warning import EvaluationWarning

# fmt: off
_NAMES: Mapping[str, tuple[str, ...]] = {
    "names and versions": (
        "autoround_version", "checkpoint_format", "exllama_version", "export", "fmt",
        "is_marlin_format", "meta", "model_file_base_name", "model_name_or_path", "pack_dtype",
        "pack_method", "packing_format", "packing_method", "quant_method", "quant_mode",
        "quantization_status", "quantized_by", "tokenizer", "version", "weight_format",
    ),
    "how weights were rounded": (
        "act_group_aware", "actorder", "algo_config", "amp", "batch_size", "ch_axis",
        "damp_auto_increment", "damp_percent", "dataset", "desc_act", "enable_minmax_tuning",
        "enable_norm_bias_tuning", "enable_quanted_input", "global_compression_ratio",
        "gradient_accumulate_steps", "has_zero_point", "hyb_act", "iters", "low_gpu_mem_usage",
        "lr", "minmax_lr", "model_seqlen", "mse", "nsamples", "observer", "observer_cls",
        "observer_kwargs", "pre_quant_scale", "qscheme", "round_method", "seqlen",
        "smoothquant_val", "static_groups", "sym", "symmetric", "true_sequential", "zero_point",
    ),
    "how scales are written": (
        "is_dynamic", "is_scale_quant", "min_kv_scale", "mx_element_dtype",
        "scale_calculation_mode", "scale_dtype", "scale_fmt", "scale_format", "scale_type",
        "zp_dtype",
    ),
    "how activations are scaled": (
        "act_data_type", "act_dynamic", "act_group_size", "act_sym", "activation_scale_ub",
        "activation_scheme", "dynamic", "linear_activation_scheme", "moe_activation_scheme",
    ),
    "how code runs": (
        "backend", "block_name_to_quantize", "cache_block_outputs", "dequantize", "do_fuse",
        "exllama_config", "fuse_max_seq_len", "kv_cache_post_rope", "log_severity_level",
        "max_input_length", "module_name_preceding_first_block", "modules_to_fuse",
        "pad_token_id", "run_compressed", "target_device", "to_quant_block_names",
        "use_cuda_fp16", "use_exllama", "use_optimized_inference",
    ),
}
# fmt: on
_OF_NO_SIZE = frozenset(name for names in _NAMES.values() for name in names)
_IN_PARTS: Mapping[str, tuple[str, ...]] = {
    "input_activations": ("strategy", "group_size", "block_structure"),
    "input_tensors": ("group_size", "block_size"),
    "kv_cache_scheme": ("strategy", "group_size", "block_structure"),
    "sparsity_config": ("targets", "ignore", "sparsity_structure", "global_sparsity"),
}
"""In some objects: how activations and the cache are scaled, what a dense "sparsity" names."""
_SPEAKS_OF_FORMATS = re.compile(
    r"modul|layer|ignor|exclu|convert|skip|keep|bit|group|dtype|weight|cache|kv|embed|head|expert"
    r"|act|target|algo|scheme|format|precision|fp\d|int\d|block|mixed|sparse|quant|rank|lora|size"
    r"|method|config|scale|transform|rotat|hadamard|outlier|float|kind|type",
    re.IGNORECASE,
)


def notes_of_unread_formats(quantization: Asked) -> tuple[EvaluationWarning, ...]:
    """A note that names the keys nobody asked for; raises InvalidInput where one may matter."""
    found = dict(_unread(quantization.values_as_given, quantization.asked, quantization.at))
    for place, value in found.items():
        name = place.rpartition(".")[2]
        if isinstance(value, Mapping | list) or _SPEAKS_OF_FORMATS.search(name):
            raise InvalidInput.at(
                place,
                "is not read, and may change what weights are stored in; take it out if it "
                f"doesn't, or {WAY_OUT}",
            )
    names = ", ".join(place.partition(".")[2] for place in found)
    sentence = "The quantization_config has keys that are not read: {keys}."
    return (EvaluationWarning.of("unread_keys", sentence, keys=names[:1000]),) if names else ()


def _unread(stated: Mapping[str, Any], asked: set[str], at: str) -> Iterator[tuple[str, object]]:
    for name, value in stated.items():
        place = f"{at}.{name}"
        part = at.rpartition(".")[2]
        if not value or name in _OF_NO_SIZE or name in _IN_PARTS.get(part, ()):
            continue
        if isinstance(value, Mapping) and any(path.startswith(f"{place}.") for path in asked):
            yield from _unread(value, asked, place)
        elif place not in asked:
            yield place, value
