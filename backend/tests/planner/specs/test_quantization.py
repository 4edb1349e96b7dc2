"""Published quantisation: bytes of whole checkpoints, dialects, exclusions, refusals."""

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.plans.table import PlanTable
from llm_simulator.planner.specs.deployment import deployment
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.modules import Module, WeightFormat
from tests.deployments import catalogued
from tests.published import published

LLAMA_70B = published("Meta-Llama-3.1-70B")
QWEN_72B = LLAMA_70B | {"model_type": "qwen2", "intermediate_size": 29568, "vocab_size": 152064}
QWEN_30B_A3B = published("Qwen3-30B-A3B")


def read(quantization, config=LLAMA_70B):
    return model_from_config(config | {"quantization_config": quantization})


def formats(quantization, config=LLAMA_70B):
    model = read(quantization, config)
    return {module: model.published_format(module) for module in model.modules}


def weight_gigabytes(model, tp=1):
    base = catalogued("llama-3.1-70b")
    deployed = deployment(
        model=model,
        chip=base.chip,
        topology=base.topology,
        workload=base.workload,
        calibration=base.calibration,
    )
    degrees = {"dp": 1, "tp": tp, "pp": 1, "ep": 1, "sp": 1}
    plan = PlanTable.of(degrees | {"moe_tp": tp if model.num_experts else 1})
    return float(resident_memory(deployed, plan).weights[0]) / 1e9


def float8(**weights):
    return {"num_bits": 8, "type": "float"} | weights


def groups(weights, activations=None, **more):
    group = {"weights": weights, "input_activations": activations, "targets": ["Linear"]}
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": group}} | more


def mixed(entry):
    layers = {"model.layers.0.self_attn.q_proj": entry}
    return {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "quantized_layers": layers}


NVFP4 = {"num_bits": 4, "type": "float", "group_size": 16}


@pytest.mark.parametrize(
    ("bits", "gigabytes"),
    [
        # 70.2e9 projections with an fp16 scale per 128, two tables of 1.246e9 in bf16.
        (8, 76.55),
        (4, 41.3),
        (3, 32.5),
    ],
)
def test_gptq_takes_the_bits_it_says(bits, gigabytes):
    model = read({"quant_method": "gptq", "bits": bits, "group_size": 128}, QWEN_72B)
    assert weight_gigabytes(model) == pytest.approx(gigabytes, rel=0.005)
    assert model.published_format(Module.ATTENTION).dtype == f"int{bits}"


def test_weights_of_gptq_are_widened_before_they_are_multiplied():
    base = catalogued("llama-3.1-70b", "h100-sxm")
    model = read({"quant_method": "gptq", "bits": 8, "group_size": 128})
    deployed = deployment(
        model=model,
        chip=base.chip,
        topology=base.topology,
        workload=base.workload,
        calibration=base.calibration,
    )
    stored = deployed.formats.of(Module.DENSE_MLP)
    assert (stored.weight, stored.activation, stored.widens_weights) == ("int8", "bf16", True)


def test_a_scale_per_column_is_no_weight():
    grouped = read({"quant_method": "gptq", "bits": 4, "group_size": 128})
    column = read({"quant_method": "gptq", "bits": 4, "group_size": -1})
    assert grouped.published_format(Module.DENSE_MLP).weight_bytes == 0.5 + 2 / 128
    assert column.published_format(Module.DENSE_MLP).weight_bytes == 0.5


@pytest.mark.parametrize(
    "exclusions",
    [
        ["lm_head", *(f"model.layers.{i}.self_attn*" for i in range(48))],
        ["lm_head", "model.layers.*.self_attn"],
        ["lm_head", "re:.*self_attn.*"],
        ["lm_head", "self_attn"],
        ["lm_head", *(f"model.layers.{i}.self_attn.{p}_proj" for i in range(48) for p in "qkvo")],
        ["lm_head", "*.self_attn.qkv_proj", "*.self_attn.o_proj"],
        ["language_model.lm_head", "language_model.model.layers.*.self_attn*", "vision_tower*"],
    ],
)
def test_an_exclusion_list_is_read_however_it_is_written(exclusions):
    """nvidia/*-NVFP4 mixtures: attention and head stay in bf16."""
    quantization = {"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": exclusions}
    found = formats(quantization, QWEN_30B_A3B)
    assert found[Module.ROUTED_EXPERTS].dtype is Dtype.NVFP4
    assert found[Module.ATTENTION] == WeightFormat(dtype=Dtype.BF16)
    assert found[Module.HEAD].dtype is Dtype.BF16


def test_what_an_exclusion_list_does_not_name_is_quantised():
    """nvidia/Qwen3-30B-A3B-NVFP4 excludes the routers and the head only."""
    routers = [f"model.layers.{i}.mlp.gate" for i in range(48)]
    quantization = {"quant_algo": "NVFP4", "exclude_modules": [*routers, "lm_head"]}
    found = formats(quantization | {"quant_method": "modelopt"}, QWEN_30B_A3B)
    assert {found[Module.ATTENTION].dtype, found[Module.ROUTED_EXPERTS].dtype} == {Dtype.NVFP4}


def test_the_layer_that_predicts_tokens_may_be_excluded_whole():
    """nvidia/GLM-5.1-NVFP4 excludes ``model.layers.78*`` of 78 layers: the MTP layer."""
    quantization = {"quant_algo": "NVFP4", "exclude_modules": ["model.layers.48*", "lm_head"]}
    found = formats(quantization | {"quant_method": "modelopt"}, QWEN_30B_A3B)
    assert found[Module.ROUTED_EXPERTS].weight_bytes == 0.5 + 1 / 16
    within = {"quant_algo": "NVFP4", "exclude_modules": ["model.layers.4*", "lm_head"]}
    found = formats(within | {"quant_method": "modelopt"}, QWEN_30B_A3B)
    share = (47 * (0.5 + 1 / 16) + 2) / 48
    assert found[Module.ROUTED_EXPERTS].weight_bytes == pytest.approx(share)


def test_layers_of_one_part_are_excluded_by_what_they_are():
    """A Nemotron 3 Nano of which the six layers with attention and one with a state stay bf16."""
    nano = published("NVIDIA-Nemotron-3-Nano-30B-A3B")
    places = [i for i, letter in enumerate(nano["hybrid_override_pattern"]) if letter == "*"]
    names = [f"backbone.layers.{i}.mixer*" for i in (*places, 0)]
    quantization = {"quant_algo": "FP8", "exclude_modules": [*names, "lm_head"]}
    found = formats(quantization | {"quant_method": "modelopt"}, nano)
    assert found[Module.ATTENTION].dtype is Dtype.BF16
    assert found[Module.LINEAR_ATTENTION].weight_bytes == pytest.approx((22 + 2) / 23)
    assert found[Module.ROUTED_EXPERTS].weight_bytes == 1.0


def test_single_layers_are_refused_where_nobody_says_which_have_a_state():
    quantization = {"quant_method": "fp8", "ignored_layers": ["model.layers.3.self_attn"]}
    with pytest.raises(InvalidInput, match="does not list which of them have a state"):
        read(quantization, published("Kimi-Linear-48B-A3B"))


def test_layers_left_in_bf16_count_in_the_mean():
    """fbgemm_fp8 of Llama 3.1 405B: attention, and the first and the last layer's MLP."""
    names = [
        *(f"model.layers.{i}.self_attn.{part}_proj" for i in range(80) for part in "qkvo"),
        *(f"model.layers.{i}.mlp.{part}_proj" for i in (0, 79) for part in ("up", "gate", "down")),
        "lm_head",
    ]
    found = formats({"quant_method": "fbgemm_fp8", "modules_to_not_convert": names})
    assert found[Module.ATTENTION].dtype is Dtype.BF16
    assert found[Module.DENSE_MLP].dtype is Dtype.FP8
    assert found[Module.DENSE_MLP].weight_bytes == pytest.approx((78 * 1 + 2 * 2) / 80)


def test_groups_and_mixed_precision_give_modules_formats_of_their_own():
    attention = {"weights": float8(), "targets": ["re:.*self_attn.*"]}
    experts = {"weights": NVFP4, "targets": ["re:.*mlp.experts.*"]}
    grouped = {
        "quant_method": "compressed-tensors",
        "config_groups": {"a": attention, "b": experts},
    }
    layers = {f"model.layers.{i}.self_attn.qkv_proj": {"quant_algo": "FP8"} for i in range(48)}
    layers |= {f"model.layers.{i}.self_attn.o_proj": {"quant_algo": "FP8"} for i in range(48)}
    layers |= {f"model.layers.{i}.mlp.experts": {"quant_algo": "NVFP4"} for i in range(48)}
    mixed = {"quant_algo": "MIXED_PRECISION", "quantized_layers": layers}
    for quantization in (grouped, mixed | {"quant_method": "modelopt"}):
        found = formats(quantization, QWEN_30B_A3B)
        assert found[Module.ATTENTION].dtype is Dtype.FP8
        assert found[Module.ROUTED_EXPERTS].dtype is Dtype.NVFP4
        assert found[Module.HEAD].dtype is Dtype.BF16


@pytest.mark.parametrize(
    ("quantization", "stored"),
    [
        ({"quant_method": "fp8"}, {"dtype": "fp8"}),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, {"dtype": "fp8_block"}),
        ({"quant_method": "awq", "bits": 4, "group_size": 64}, {"dtype": "int4", "group_size": 64}),
        (groups(float8(strategy="tensor"), float8()), {"dtype": "fp8"}),
        (groups(float8()), {"dtype": "fp8", "activation_dtype": "bf16"}),
        (
            groups(float8(strategy="block", block_structure=[128, 128]), float8()),
            {"dtype": "fp8_block"},
        ),
        (
            groups({"num_bits": 4, "type": "int", "group_size": 32}),
            {"dtype": "int4", "group_size": 32},
        ),
        (
            groups({"num_bits": 8, "type": "int", "strategy": "channel"}, {"num_bits": 8}),
            {"dtype": "int8", "activation_dtype": None},
        ),
        (groups(NVFP4, NVFP4), {"dtype": "nvfp4"}),
        (groups({"num_bits": 4, "type": "float", "group_size": 32}), {"dtype": "mxfp4"}),
        ({"quant_method": "modelopt", "quant_algo": "W4A8_AWQ"}, {"activation_dtype": "fp8"}),
        ({"quant_algo": "FP8", "producer": {"name": "modelopt"}}, {"dtype": "fp8"}),
        ({"quantization": {"quant_algo": "MXFP8"}, "producer": {}}, {"dtype": "mxfp8"}),
        (
            {
                "quant_method": "quark",
                "global_quant_config": {
                    "weight": {"dtype": "fp4", "group_size": 32},
                    "input_tensors": {"dtype": "fp4"},
                },
            },
            {"dtype": "mxfp4"},
        ),
        ({"quant_method": "mxfp8", "activation_scheme": "dynamic"}, {"dtype": "mxfp8"}),
        ({"quant_method": "w8a8_fp8"}, {"dtype": "fp8"}),
        ({"quant_method": "w8a8_int8"}, {"dtype": "int8", "activation_dtype": None}),
        ({"quant_method": "blockwise_int8", "weight_block_size": [128, 128]}, {"dtype": "int8"}),
    ],
)
def test_every_dialect_is_read(quantization, stored):
    found = formats(quantization)[Module.DENSE_MLP].model_dump()
    assert found | stored == found


def test_w4afp8_stores_routed_experts_alone_in_int4():
    config = published("DeepSeek-V3") | {"quantization_config": {"quant_method": "w4afp8"}}
    model = model_from_config(config)
    experts = model.published_format(Module.ROUTED_EXPERTS)
    assert (experts.dtype, experts.group_size, experts.activation_dtype) == ("int4", 128, "fp8")
    for module in (Module.ATTENTION, Module.SHARED_EXPERT, Module.DENSE_MLP):
        assert model.published_format(module).dtype == "fp8_block"


def test_an_older_key_holds_the_same():
    inner = groups(float8(), float8(), ignore=["lm_head"])
    old = model_from_config(LLAMA_70B | {"compression_config": inner})
    older = model_from_config(LLAMA_70B | {"compression_config": {"quantization_config": inner}})
    assert old == older == read(inner)


@pytest.mark.parametrize(
    ("quantization", "cache"),
    [
        (groups(float8(), float8(), kv_cache_scheme=float8()), "fp8"),
        (groups(float8(), float8(), kv_cache_scheme=None), None),
        ({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}, "fp8"),
        ({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_scheme": float8()}, "fp8"),
        ({"quant_method": "modelopt", "kv_cache_quant_algo": "NVFP4"}, "nvfp4"),
    ],
)
def test_a_cache_scheme_decides_the_cache_unless_the_load_does(quantization, cache):
    model = read(quantization)
    assert model.kv_cache_dtype == cache
    base = catalogued("llama-3.1-70b")
    for given in (None, "bf16"):
        workload = base.workload.model_copy(update={"kv_cache_dtype": given})
        deployed = deployment(
            model=model,
            chip=base.chip,
            topology=base.topology,
            workload=workload,
            calibration=base.calibration,
        )
        assert deployed.formats.kv_cache == (given or cache or "bf16")


@pytest.mark.parametrize(
    ("quantization", "sentence"),
    [
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "quantises while loading"),
        ({"quant_method": "aqlm"}, "don't serve at speed"),
        ({"quant_method": "zip"}, "'zip' is not a known format; known: gptq"),
        ({"bits": 4}, "quant_method: is missing"),
        ({"quant_method": "gptq"}, "bits: is missing"),
        ({"quant_method": "gptq", "bits": 2}, "2 bits are not costed; known: 3, 4"),
        ({"quant_method": "gptq", "bits": True}, "True bits are not costed"),
        ({"quant_method": "gptq", "bits": 4, "group_size": 0}, "group_size: must be"),
        ({"quant_method": "fp8", "weight_block_size": [64, 64]}, r"\[64, 64\] is not costed"),
        ({"quant_method": "fp8", "ignored_layers": ["blk.7.thing"]}, "excludes 'blk.7.thing'"),
        ({"quant_method": "fp8", "ignored_layers": 3}, "must be a list"),
        ({"quant_method": "modelopt", "quant_algo": "FP3"}, "'FP3' is not a known algorithm"),
        ({"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION"}, "hf_quant_config.json"),
        (mixed({"quant_algo": "FP8", "group_size": []}), "must be a positive whole number"),
        (mixed(8), "must be an object"),
        (groups({"num_bits": 2, "type": "float"}), "is not one known format"),
        (groups(float8(), kv_cache_scheme={"num_bits": 3}), "give inference.kv_cache_dtype"),
        (groups(float8(), ignore=["re:("]), "is no regular expression"),
        (groups(float8(), sparsity_config={"format": "sparse-24-bitmask"}), "sparse weights"),
        (groups(float8(), format="marlin-24"), "'marlin-24' has sparse weights"),
        ({"quant_method": "ptpc_fp8"}, "quantises while loading"),
        ({"quant_method": "compressed-tensors"}, "config_groups: is missing"),
    ],
)
def test_what_is_not_costed_is_refused_in_a_sentence(quantization, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        read(quantization)


def test_an_override_is_read_as_checkpoints_of_that_format_are_published():
    def stored(module, **load):
        return catalogued("deepseek-v3", "b200-sxm", **load).formats.of(module).weight

    assert stored(Module.ATTENTION, weight_dtype=Dtype.NVFP4) is Dtype.BF16
    assert stored(Module.SHARED_EXPERT, weight_dtype=Dtype.NVFP4) is Dtype.NVFP4
    both = {"weight_dtype": Dtype.NVFP4, "attention_weight_dtype": Dtype.FP8}
    assert stored(Module.ATTENTION, **both) is Dtype.FP8
    assert stored(Module.ATTENTION, expert_weight_dtype=Dtype.NVFP4) is Dtype.FP8_BLOCK
    dense = catalogued("llama-3.1-70b", "b200-sxm", weight_dtype=Dtype.NVFP4).formats
    assert dense.of(Module.ATTENTION).weight is Dtype.NVFP4
    assert dense.of(Module.HEAD).weight is Dtype.BF16


def test_gptq_may_name_the_modules_that_it_quantises():
    """modules_in_block_to_quantize of AutoGPTQ: lists of modules that were rounded together."""
    inside = [["self_attn.k_proj", "self_attn.v_proj", "self_attn.q_proj"], ["self_attn.o_proj"]]
    given = {"quant_method": "gptq", "bits": 4, "modules_in_block_to_quantize": inside}
    found = formats(given)
    assert found[Module.ATTENTION].dtype is Dtype.INT4
    assert found[Module.DENSE_MLP].dtype is Dtype.BF16
