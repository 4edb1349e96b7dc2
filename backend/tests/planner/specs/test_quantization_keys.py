"""No key of a ``quantization_config`` passes unread: it is read, known, named or refused."""

import json
from collections.abc import Mapping

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.hugging_face import model_from_config
from tests.families import FORMATS, refusal
from tests.published import FOLDER, published

LLAMA_70B = published("Meta-Llama-3.1-70B")
NVFP4 = {"num_bits": 4, "type": "float", "group_size": 16}
GROUP = {"weights": NVFP4, "input_activations": NVFP4, "targets": ["Linear"]}
GROUPS = {"quant_method": "compressed-tensors", "config_groups": {"group_0": GROUP}}
PUBLISHED = {
    path.stem: json.loads(path.read_text())["config"] for path in sorted(FOLDER.glob("*.json"))
}
QUANTIZED = {
    **{name: c for name, c in PUBLISHED.items() if c.get("quantization_config")},
    **{
        name: LLAMA_70B | {"quantization_config": given}
        for name, given in FORMATS.items()
        if given is not None and not refusal(LLAMA_70B, given)
    },
    "quark": LLAMA_70B
    | {
        "quantization_config": {
            "quant_method": "quark",
            "global_quant_config": {
                "weight": {"dtype": "fp4", "group_size": 32, "is_dynamic": False},
                "input_tensors": {"dtype": "fp4", "group_size": 32, "is_dynamic": True},
            },
            "exclude": ["lm_head"],
            "quant_mode": "eager_mode",
        }
    },
    "auto-round": LLAMA_70B
    | {
        "quantization_config": {
            "quant_method": "auto-round",
            "bits": 4,
            "group_size": 128,
            "sym": True,
            "act_bits": 16,
            "data_type": "int",
            "iters": 200,
        }
    },
}
"""Configs with formats, by what they are: published ones, and one of each other dialect."""
QUARK_TENSOR = {
    "ch_axis": -1,
    "dtype": "fp4",
    "group_size": 32,
    "is_dynamic": False,
    "observer_cls": "PerBlockMXObserver",
    "qscheme": "per_group",
    "round_method": "half_even",
    "scale_calculation_mode": "even",
    "scale_format": "e8m0",
    "scale_type": "float",
    "symmetric": None,
}
AS_TOOLS_WRITE_THEM = {
    "AutoGPTQ": {
        "batch_size": 1,
        "bits": 4,
        "block_name_to_quantize": None,
        "cache_block_outputs": True,
        "damp_percent": 0.1,
        "dataset": None,
        "desc_act": False,
        "exllama_config": {"version": 1},
        "group_size": 128,
        "max_input_length": None,
        "model_seqlen": None,
        "module_name_preceding_first_block": None,
        "modules_in_block_to_quantize": None,
        "pad_token_id": None,
        "quant_method": "gptq",
        "sym": True,
        "tokenizer": None,
        "true_sequential": True,
        "use_cuda_fp16": False,
        "use_exllama": True,
    },
    "GPTQModel": {
        "bits": 4,
        "checkpoint_format": "gptq",
        "desc_act": True,
        "dynamic": {"-:lm_head": {}},
        "group_size": 32,
        "hyb_act": False,
        "lm_head": False,
        "meta": {"quantizer": ["gptqmodel:2.1.0"], "uri": "x", "damp_percent": 0.1, "mse": 0.0},
        "pack_dtype": "int32",
        "quant_method": "gptq",
        "sym": True,
    },
    "AutoAWQ": {
        "backend": "autoawq",
        "bits": 4,
        "do_fuse": False,
        "exllama_config": None,
        "fuse_max_seq_len": None,
        "group_size": 128,
        "modules_to_fuse": None,
        "modules_to_not_convert": None,
        "quant_method": "awq",
        "version": "gemm",
        "zero_point": True,
    },
    "AutoRound": {
        "autoround_version": "0.5.1",
        "batch_size": 8,
        "bits": 4,
        "block_name_to_quantize": "model.layers",
        "data_type": "int",
        "gradient_accumulate_steps": 1,
        "group_size": 128,
        "iters": 1000,
        "low_gpu_mem_usage": True,
        "nsamples": 512,
        "packing_format": "auto_round:auto_gptq",
        "quant_method": "auto-round",
        "sym": True,
    },
    "llm-compressor": {
        "config_groups": {
            "group_0": {
                "input_activations": {
                    "actorder": None,
                    "block_structure": None,
                    "dynamic": True,
                    "group_size": None,
                    "num_bits": 8,
                    "observer": None,
                    "observer_kwargs": {},
                    "strategy": "token",
                    "symmetric": True,
                    "type": "float",
                },
                "output_activations": None,
                "targets": ["Linear"],
                "weights": {
                    "actorder": None,
                    "block_structure": None,
                    "dynamic": False,
                    "group_size": None,
                    "num_bits": 8,
                    "observer": "minmax",
                    "observer_kwargs": {},
                    "scale_dtype": None,
                    "strategy": "channel",
                    "symmetric": True,
                    "type": "float",
                },
            }
        },
        "format": "float-quantized",
        "global_compression_ratio": 1.5,
        "ignore": ["lm_head"],
        "kv_cache_scheme": None,
        "quant_method": "compressed-tensors",
        "quantization_status": "compressed",
        "sparsity_config": {},
        "transform_config": {},
        "version": "0.11.1",
    },
    "ModelOpt": {
        "producer": {"name": "modelopt", "version": "0.33.0"},
        "quantization": {
            "quant_algo": "NVFP4",
            "kv_cache_quant_algo": "FP8",
            "group_size": 16,
            "exclude_modules": ["lm_head"],
        },
    },
    "ModelOpt, AWQ": {
        "producer": {"name": "modelopt", "version": "0.21.0"},
        "quantization": {
            "quant_algo": "W4A16_AWQ",
            "kv_cache_quant_algo": None,
            "group_size": 128,
            "has_zero_point": False,
            "pre_quant_scale": True,
            "exclude_modules": ["lm_head"],
        },
    },
    "fbgemm": {
        "activation_scale_ub": 1200.0,
        "modules_to_not_convert": ["lm_head"],
        "quant_method": "fbgemm_fp8",
    },
    "AutoFP8": {
        "activation_scheme": "static",
        "ignored_layers": ["lm_head"],
        "kv_cache_scheme": "static",
        "quant_method": "fp8",
    },
    "Quark": {
        "algo_config": None,
        "exclude": ["lm_head"],
        "export": {
            "kv_cache_group": [],
            "min_kv_scale": 0.0,
            "pack_method": "reorder",
            "weight_format": "real_quantized",
            "weight_merge_groups": None,
        },
        "global_quant_config": {
            "bias": None,
            "input_tensors": QUARK_TENSOR | {"is_dynamic": True},
            "output_tensors": None,
            "target_device": None,
            "weight": QUARK_TENSOR,
        },
        "layer_quant_config": {},
        "layer_type_quant_config": {},
        "quant_method": "quark",
        "quant_mode": "eager_mode",
        "softmax_quant_spec": None,
    },
}
"""Every key of what a tool writes, with values of a published checkpoint of each."""


def read(quantization):
    return model_from_config(LLAMA_70B | {"quantization_config": quantization})


@pytest.mark.parametrize("name", QUANTIZED)
def test_a_renamed_key_of_the_formats_is_refused_or_said(name):
    config = QUANTIZED[name]
    quantization = config["quantization_config"]
    model = model_from_config(config)
    stored = {module: model.published_format(module) for module in model.modules}
    passed = [
        key
        for key, other in renamings(quantization)
        if not refused_or_said(config | {"quantization_config": other}, key, stored)
    ]
    assert passed == []


def renamings(quantization, named=False):
    """With one key under a name that nobody reads; ``named`` where keys are modules or groups."""
    for key, value in quantization.items():
        rest = {name: given for name, given in quantization.items() if name != key}
        if not named and value:
            yield f"other_{key}", rest | {f"other_{key}": value}
        if isinstance(value, Mapping):
            for name, other in renamings(value, named=key == "config_groups"):
                yield name, rest | {key: other}


def refused_or_said(config, key, stored):
    """Whether a config is refused, or has its formats and a note of its ``key``."""
    try:
        model = model_from_config(config)
    except InvalidInput:
        return True
    said = [str(note.values["keys"]).rpartition(".")[2] for note in model.notes if note.values]
    return said == [key] and stored == {m: model.published_format(m) for m in model.modules}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"quant_method": "fp8", "bits": 4}, "bits"),
        ({"quant_method": "gptq", "bits": 4, "weight_bits": 8}, "weight_bits"),
        ({"quant_method": "mxfp4", "modules_to_convert": ["self_attn"]}, "modules_to_convert"),
        ({"quant_method": "auto-round", "bits": 4, "act_bits": 8}, "act_bits"),
        (GROUPS | {"transform_config": {"config_groups": {"u": {}}}}, "transform_config"),
        ({"quant_method": "modelopt", "quant_algo": "FP8", "rotation": "hadamard"}, "rotation"),
        (GROUPS | {"quant_method": "modelopt", "quant_algo": "FP8"}, "config_groups"),
    ],
)
def test_a_key_of_the_formats_that_is_not_read_and_may_matter_is_refused(given, field):
    with pytest.raises(InvalidInput, match=rf"quantization_config\.{field}: "):
        read(given)


@pytest.mark.parametrize("tool", AS_TOOLS_WRITE_THEM)
def test_what_a_tool_writes_is_read_without_a_word(tool):
    assert read(AS_TOOLS_WRITE_THEM[tool]).notes == ()


def test_a_key_of_the_formats_that_moves_no_byte_is_named():
    plain = {"quant_method": "fp8"}
    model = read(plain | {"favourite_colour": "blue", "activation_scheme": "dynamic"})
    assert [note.values["keys"] for note in model.notes] == ["quantization_config.favourite_colour"]
    assert read(plain).notes == ()
