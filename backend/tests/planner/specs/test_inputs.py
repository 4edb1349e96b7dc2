"""Every written form of an input gives the same spec, and every impossible one names its field."""

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.requests.inputs import chip_of, model_of, topology_of
from llm_simulator.planner.search.prepared import prepare
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.modules import Module
from llm_simulator.units import quantity
from tests.deployments import read

CATALOGUE = builtin_catalogue()

LINKS = {
    "links": {
        "c2c": {"bandwidth_gbps": 450, "latency_us": 1},
        "b2b": {"bandwidth": "400 Gb/s", "latency": "4 us"},
        "r2r": {"bandwidth_gbps": 50, "latency_us": 5},
    }
}
GROUPED = {
    "pods": [
        {
            "count": 1,
            "racks": [
                {"count": 2, "boards": [{"count": 4, "chips": [{"name": "h200-sxm", "count": 8}]}]}
            ],
        }
    ],
    "interconnect": LINKS,
}
WRITTEN_OUT = {
    "pods": [
        {
            "id": "pod-0",
            "racks": [
                {
                    "id": f"rack-{r}",
                    "boards": [
                        {"chips": [{"name": "h200-sxm", "id": str(c)} for c in range(8)]}
                        for _ in range(4)
                    ],
                }
                for r in range(2)
            ],
        }
    ],
    "interconnect": LINKS,
}
LLAMA_CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "max_position_embeddings": 131072,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "rope_theta": 500000.0,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "vocab_size": 128256,
}
DEEPSEEK_CONFIG = {
    "model_type": "deepseek_v3",
    "hidden_size": 7168,
    "num_nextn_predict_layers": 1,
    "intermediate_size": 18432,
    "kv_lora_rank": 512,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "v_head_dim": 128,
    "moe_intermediate_size": 2048,
    "moe_layer_freq": 1,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "first_k_dense_replace": 3,
    "num_attention_heads": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 61,
    "num_key_value_heads": 128,
    "max_position_embeddings": 163840,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "vocab_size": 129280,
}
GPT_OSS_CONFIG = {
    "model_type": "gpt_oss",
    "attention_bias": True,
    "head_dim": 64,
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "layer_types": ["sliding_attention", "full_attention"] * 18,
    "max_position_embeddings": 131072,
    "num_attention_heads": 64,
    "num_experts_per_tok": 4,
    "num_hidden_layers": 36,
    "num_key_value_heads": 8,
    "num_local_experts": 128,
    "quantization_config": {"quant_method": "mxfp4"},
    "sliding_window": 128,
    "vocab_size": 201088,
}
CHIP = {
    "name": "my-chip",
    "peak_tflops": {"bf16": 500, "fp8": 1000},
    "memory_capacity_gb": 96,
    "memory_bandwidth": "4 TB/s",
    "chip_to_chip": {"bandwidth": "200 GB/s", "latency": "2 us"},
}
BODY = {
    "topology": "pod-64",
    "model": "deepseek-v3",
    "hardware": "h200-sxm",
    "inference": {"batch_size": 64, "input_seq_length": 1024, "output_seq_length": 1024},
}


def test_the_grouped_and_the_written_out_tree_are_the_same_cluster():
    assert topology_of(GROUPED, CATALOGUE) == topology_of(WRITTEN_OUT, CATALOGUE)
    assert topology_of(GROUPED, CATALOGUE).capacities == (8, 32, 64, 64)


def test_gigabytes_and_gigabits_are_told_apart():
    links = topology_of(GROUPED, CATALOGUE).links
    assert links["b2b"].bandwidth == links["r2r"].bandwidth == 50e9
    assert quantity("80 GB", "bytes") == 80e9
    assert quantity("80 GiB", "bytes") == 80 * 2**30


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (LLAMA_CONFIG, "llama-3.1-8b"),
        (DEEPSEEK_CONFIG, "deepseek-v3"),
        (GPT_OSS_CONFIG, "gpt-oss-120b"),
    ],
)
def test_a_hugging_face_config_gives_the_catalogued_model(config, name):
    apart = {"name", "head_dim", "notes"}
    read = model_of(config, CATALOGUE).model_dump(exclude=apart)
    catalogued = CATALOGUE.models[name].spec.model_dump(exclude=apart)
    assert read == catalogued


def test_a_chip_may_be_written_out_under_any_name():
    chip = chip_of(CHIP, topology_of("server-8", CATALOGUE), CATALOGUE)
    assert (chip.name, chip.peak_flops["fp8"], chip.memory_capacity) == ("my-chip", 1e15, 96e9)


def test_a_preset_may_be_changed_in_one_figure():
    changed = {"base": "h100-sxm", "name": "h100-fast", "memory_bandwidth_gbps": 6000}
    chip = chip_of(changed, topology_of("server-8", CATALOGUE), CATALOGUE)
    assert chip.memory_bandwidth == 6e12
    assert chip.peak_flops == CATALOGUE.chips["h100-sxm"].spec.peak_flops


def test_hardware_left_out_is_the_chip_that_the_topology_names():
    request = read(BODY | {"topology": GROUPED, "hardware": None})
    assert request.deployment.chip.name == "h200-sxm"


def test_another_chip_than_the_topology_names_is_a_note_not_an_error():
    request = read(BODY | {"topology": GROUPED, "hardware": CHIP})
    (warning,) = request.warnings()
    said = {"labels": "h200-sxm", "chip": "my-chip"}
    assert (warning.code, warning.values) == ("chip_label", said)


def test_formats_follow_the_published_weights_and_the_chip():
    def formats(model, chip):
        return read(BODY | {"model": model, "hardware": chip}).deployment.formats

    assert formats("deepseek-v3", "h200-sxm").of(Module.ATTENTION).activation == Dtype.FP8_BLOCK
    assert formats("deepseek-v3", "a100-sxm").of(Module.ATTENTION).activation == Dtype.BF16
    assert formats("gpt-oss-120b", "h200-sxm").of(Module.ROUTED_EXPERTS).weight == Dtype.MXFP4
    assert formats("gpt-oss-120b", "h200-sxm").of(Module.ATTENTION).weight == Dtype.BF16
    assert formats("gpt-oss-120b", "b200-sxm").of(Module.ROUTED_EXPERTS).activation == Dtype.FP8


@pytest.mark.parametrize("part", ["topology", "model", "hardware"])
def test_a_snapshot_gives_the_request_back(part):
    forms = {"topology": GROUPED, "model": DEEPSEEK_CONFIG, "hardware": CHIP}
    request = read(BODY | {part: forms[part]})
    assert read(request.snapshot()) == request


LOAD = BODY["inference"]
DRAFTS = {"draft_tokens": 2, "acceptance_rate": 0.7}


def test_every_option_of_the_load_survives_a_snapshot():
    options = {"expert_load": {"histogram": [1, 2, 3, 4] * 64}, "redundant_experts": 32}
    options |= {"speculative": DRAFTS, "prefix_cache_hit_rate": 0.5}
    request = read(BODY | {"model": "deepseek-v3", "inference": LOAD | options})
    assert read(request.snapshot()) == request


def test_a_named_draft_model_survives_a_snapshot():
    drafts = DRAFTS | {"method": "draft_model", "draft_model": "meta-llama/Llama-3.1-8B-Instruct"}
    body = BODY | {"model": "llama-3.1-70b", "inference": LOAD | {"speculative": drafts}}
    request = read(body)
    speculative = request.deployment.workload.speculative
    assert speculative is not None
    assert speculative.draft_model is not None
    assert speculative.draft_model.num_hidden_layers == 32
    assert read(request.snapshot()) == request


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": "deepsek-v3"}, "model"),
        ({"model": None}, "model"),
        ({"model": {"name": "x", "hidden_size": 0}}, "model.hidden_size"),
        ({"model": LLAMA_CONFIG | {"model_type": "rwkv"}}, "model.model_type"),
        ({"hardware": "h1000"}, "hardware"),
        ({"hardware": CHIP | {"memory_bandwidth": "4 TB"}}, "hardware.memory_bandwidth"),
        ({"hardware": CHIP | {"memory_capacity_gb": -1}}, "hardware.memory_capacity"),
        ({"hardware": CHIP | {"peak_tflops": {"fp8": 1}}}, "hardware"),
        ({"hardware": CHIP | {"speed": 3}}, "hardware.speed"),
        ({"topology": {"pods": []}}, "topology.pods"),
        ({"topology": {"pods": [{"racks": [{"boards": [{}]}]}]}}, "topology.pods[0].racks[0]"),
        ({"topology": {"pods": [{"count": 0, "racks": GROUPED["pods"][0]["racks"]}]}}, "topology"),
        ({"topology": GROUPED | {"interconnect": None}}, "topology.interconnect.links.b2b"),
        ({"inference": LOAD | {"batch_size": 0}}, "inference.batch_size"),
        ({"inference": LOAD | {"batch_size": "64"}}, "inference.batch_size"),
        ({"inference": LOAD | {"input_seq_length": -5}}, "inference.input_seq_length"),
        ({"inference": LOAD | {"output_seq_length": 1.5}}, "inference.output_seq_length"),
        ({"inference": LOAD | {"weight_dtype": "fp3"}}, "inference.weight_dtype"),
        ({"inference": LOAD | {"kv_cache_dtype": "int3"}}, "inference.kv_cache_dtype"),
        ({"inference": LOAD | {"max_ttft_ms": float("nan")}}, "inference.max_ttft_ms"),
        ({"inference": LOAD | {"expert_load": "options"}}, "inference.expert_load"),
        ({"inference": LOAD | {"expert_load": {}}}, "inference.expert_load"),
        ({"inference": LOAD | {"expert_load": {"power_law": -1}}}, "inference.expert_load"),
        ({"inference": LOAD | {"expert_load": {"histogram": [1, 2]}}}, "inference.expert_load"),
        ({"inference": LOAD | {"redundant_experts": -1}}, "inference.redundant_experts"),
        ({"inference": LOAD | {"prefix_cache_hit_rate": 1}}, "inference.prefix_cache_hit_rate"),
        ({"inference": LOAD | {"speculative": {"draft_tokens": 1}}}, "inference.speculative"),
        (
            {"inference": LOAD | {"speculative": DRAFTS | {"acceptance_rate": 1.1}}},
            "inference.speculative.acceptance_rate",
        ),
        (
            {"inference": LOAD | {"speculative": DRAFTS | {"method": "draft_model"}}},
            "inference.speculative",
        ),
        (
            {"inference": LOAD | {"speculative": DRAFTS | {"draft_model": "llama-3.1-8b"}}},
            "inference.speculative",
        ),
        (
            {"inference": LOAD | {"speculative": DRAFTS | {"draft_model": "llama-9"}}},
            "inference.speculative.draft_model",
        ),
        (
            {
                "model": "llama-3.1-70b",
                "inference": LOAD
                | {
                    "speculative": DRAFTS
                    | {"method": "draft_model", "draft_model": "qwen3-30b-a3b"}
                },
            },
            "inference.speculative.draft_model",
        ),
        ({"inference": {}}, "inference.input_seq_length"),
        ({"search_mode": "magic"}, "search_mode"),
        ({"search_mode": "manual"}, "manual_parallelism"),
        ({"search_mode": "manual", "manual_parallelism": {"tp": 3}}, "manual_parallelism.tp"),
        ({"search_mode": "manual", "manual_parallelism": {"dp": 128}}, "manual_parallelism"),
        ({"search_constraints": {"max_chips": 0}}, "search_constraints.max_chips"),
        ({"search_constraints": {"top_k": 0}}, "search_constraints.top_k"),
        ({"search_constraints": {"objective": "best"}}, "search_constraints.objective"),
        ({"search_constraints": {"allowed": {"tp": [3]}}}, "search_constraints.allowed"),
        ({"search_constraints": {"max_chip": 8}}, "search_constraints.max_chip"),
        ({"modle": "x"}, "modle"),
    ],
)
def test_an_impossible_input_names_its_field(change, field):
    with pytest.raises(InvalidInput) as caught:
        prepare(read(BODY | change))
    fields = [problem.field for problem in caught.value.problems]
    assert any(found.startswith(field) for found in fields), fields


def test_all_problems_are_told_at_once():
    with pytest.raises(InvalidInput) as caught:
        read({"model": "x", "hardware": "y", "topology": "z", "inference": {}})
    fields = {problem.field.split(".")[0] for problem in caught.value.problems}
    assert fields == {"model", "hardware", "topology", "inference"}


def test_unequal_boards_are_refused_with_the_node_that_differs():
    tree = {
        "pods": [{"racks": [{"boards": [{"chips": [{"count": 8}]}, {"chips": [{"count": 4}]}]}]}]
    }
    with pytest.raises(InvalidInput, match=r"boards\[1\]"):
        topology_of(tree, CATALOGUE)
