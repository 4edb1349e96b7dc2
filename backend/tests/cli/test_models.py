"""What --model may name: presets however spelt, files, directories, the Hugging Face cache."""

import json
from collections import Counter

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.cli.models import model_named
from llm_simulator.errors import InvalidInput
from llm_simulator.planner.costs.memory import resident_memory
from llm_simulator.planner.requests.catalogue import chosen, find
from llm_simulator.planner.requests.inputs import model_of
from llm_simulator.planner.requests.request import EvaluationRequest
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import parameter_count
from tests.deployments import catalogued, plan
from tests.published import published

CATALOGUE = builtin_catalogue()
LLAMA = published("Meta-Llama-3.1-70B")
SIDE_FILE = {
    "producer": {"name": "modelopt", "version": "0.23"},
    "quantization": {
        "quant_algo": "FP8",
        "kv_cache_quant_algo": "FP8",
        "exclude_modules": ["lm_head"],
    },
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(LLAMA))
    (tmp_path / "hf_quant_config.json").write_text(json.dumps(SIDE_FILE))
    return tmp_path


def test_a_directory_brings_the_formats_that_stand_beside_its_config(folder):
    """nvidia/Llama-3.1-70B-Instruct-FP8: config.json alone says nothing of fp8."""
    model = model_from_config(model_named(str(folder)))
    assert model.published_format(Module.DENSE_MLP).dtype == "fp8"
    assert model.kv_cache_dtype == "fp8"
    assert not model.notes
    alone = model_from_config(model_named(str(folder / "config.json")))
    assert alone.weight_dtype == "bf16"
    assert "hf_quant_config" in alone.notes[0].message


def test_what_was_assumed_of_a_config_stands_beside_the_result(folder):
    body = {
        "model": model_named(str(folder / "config.json")),
        "topology": "server-8",
        "hardware": "h200-sxm",
        "inference": "chat",
    }
    request = EvaluationRequest.parse(body, CATALOGUE)
    (warning,) = request.warnings()
    assert warning.code == "weights_assumed_bf16"
    assert "hf_quant_config" in warning.message


@pytest.mark.parametrize(
    ("side", "quantization", "sentence"),
    [
        (SIDE_FILE, {"quant_method": "gptq", "bits": 4}, "is ModelOpt's, but quantization_config"),
        (SIDE_FILE, {"quant_method": "modelopt", "quant_algo": "NVFP4"}, "is FP8, but NVFP4"),
        ({"quantization": 3}, None, "hf_quant_config.quantization: must be an object"),
        ([], None, "hf_quant_config: must be an object"),
    ],
)
def test_two_files_that_contradict_each_other_are_refused(side, quantization, sentence):
    config = LLAMA | {"quantization_config": quantization, "hf_quant_config": side}
    with pytest.raises(InvalidInput, match=sentence):
        model_from_config(config)


def test_a_hugging_face_id_is_looked_up_in_the_catalogue_then_in_the_local_cache(
    folder, tmp_path, monkeypatch
):
    hub = tmp_path / "hub"
    snapshot = hub / "models--acme--llama-70b-fp8" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("abc")
    for name in ("config.json", "hf_quant_config.json"):
        (snapshot / name).symlink_to(folder / name)
    monkeypatch.setenv("HF_HUB_CACHE", str(hub))
    assert model_named("Qwen/Qwen3-32B") == "Qwen/Qwen3-32B"
    assert model_named("acme/llama-70b-fp8") == LLAMA | {"hf_quant_config": SIDE_FILE}
    with pytest.raises(InvalidInput, match="not in the local Hugging Face cache; give its config"):
        model_named("acme/another")
    assert model_named("Qwen/Qwen3-32B-FP8") == "Qwen/Qwen3-32B-FP8"
    with pytest.raises(InvalidInput, match=r"is qwen3-32b in another number format: .*--download"):
        model_named("acme/Qwen3-32B-FP8")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model.gguf", r"model\.gguf can't be read: No such file"),
        ("acme/nothing.json", "can't be read: No such file"),
    ],
)
def test_what_can_not_be_read_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        model_named(text)


def test_an_empty_directory_names_the_file_that_is_missing(tmp_path):
    with pytest.raises(InvalidInput, match=r"holds no config\.json"):
        model_named(str(tmp_path))


def test_fetching_needs_a_package_and_says_which(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InvalidInput, match=r"needs the huggingface_hub package|can't be fetched"):
        model_named("acme/another", download=True)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("H100", "h100-sxm"),
        ("h100_sxm", "h100-sxm"),
        ("NVIDIA H100 80GB HBM3", "h100-sxm"),
        ("NVIDIA A100-SXM4-80GB", "a100-sxm"),
        ("NVIDIA A100 80GB PCIe", "a100-pcie-80gb"),
        ("NVIDIA H100 PCIe", "h100-pcie"),
        ("NVIDIA GeForce RTX 4090", "rtx-4090"),
        ("AMD Instinct MI300X OAM", "mi300x"),
        ("nvidia h200", "h200-sxm"),
        ("H100-SXM5-80GB", "h100-sxm"),
    ],
)
def test_a_chip_is_known_however_it_is_spelt(written, name):
    entry = find(CATALOGUE.chips, written)
    assert entry is not None
    assert entry.name == name


@pytest.mark.parametrize("kind", ["models", "chips", "topologies"])
def test_no_spelling_means_two_presets(kind):
    entries = getattr(CATALOGUE, kind).values()
    spellings = Counter(name for entry in entries for name in entry.spellings)
    assert max(spellings.values()) == 1


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("acme/Qwen3-32B-FP8", "qwen3-32b"),
        ("nvidia/DeepSeek-R1-FP4", "deepseek-v3"),
        ("neuralmagic/Meta-Llama-3.1-70B-Instruct-gptq-4bit", "llama-3.1-70b"),
    ],
)
def test_a_checkpoint_in_another_format_is_not_taken_for_the_preset(written, name):
    with pytest.raises(InvalidInput, match=f"is {name} in another number format"):
        chosen(CATALOGUE.models, "model", written, "model")


@pytest.mark.parametrize(
    ("written", "name", "dtype", "activation"),
    [
        ("Qwen/Qwen3-32B-FP8", "qwen3-32b", "fp8_block", None),
        ("qwen/qwen2.5-72b-instruct-awq", "qwen2.5-72b", "int4", None),
        ("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int8", "qwen2.5-72b", "int8", "bf16"),
        ("RedHatAI/Meta-Llama-3.1-70B-Instruct-FP8-dynamic", "llama-3.1-70b", "fp8", None),
        ("neuralmagic/Meta-Llama-3.1-70B-Instruct-FP8", "llama-3.1-70b", "fp8", None),
        ("RedHatAI/Meta-Llama-3.1-70B-Instruct-quantized.w8a8", "llama-3.1-70b", "int8", None),
        ("RedHatAI/Meta-Llama-3.1-70B-Instruct-quantized.w4a16", "llama-3.1-70b", "int4", None),
    ],
)
def test_a_publishers_checkpoint_is_the_preset_in_its_format(written, name, dtype, activation):
    model = model_of(written, CATALOGUE)
    stored = model.published_format(Module.DENSE_MLP)
    assert (model.name, stored.dtype, stored.activation_dtype) == (name, dtype, activation)
    assert model.published_format(Module.HEAD).dtype == "bf16"
    assert model.notes[0].message.startswith(f"{written} is taken as {name} in the format")
    preset = CATALOGUE.models[name].spec
    assert parameter_count(model) == parameter_count(preset)


def test_an_id_with_a_format_reads_as_its_config_does():
    """Qwen3-32B-FP8: its config.json is that of Qwen3-32B with blocks of 128 x 128."""
    blocks = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    read = model_from_config(published("Qwen3-32B") | {"quantization_config": blocks})
    named = model_of("Qwen/Qwen3-32B-FP8", CATALOGUE)
    assert named.module_formats == read.module_formats
    assert named.weight_dtype == read.weight_dtype


@pytest.mark.parametrize(
    ("written", "attention", "cache"),
    [
        ("nvidia/DeepSeek-R1-FP4", "bf16", None),
        ("nvidia/DeepSeek-V3-0324-NVFP4", "bf16", None),
        ("nvidia/Kimi-K2.5-NVFP4", "bf16", "fp8"),
        ("nvidia/Qwen3.5-122B-A10B-NVFP4", "bf16", "fp8"),
        ("nvidia/Qwen3-30B-A3B-NVFP4", "nvfp4", "fp8"),
        ("nvidia/Llama-3.3-70B-Instruct-FP4", "nvfp4", "fp8"),
        ("RedHatAI/Llama-3.1-8B-Instruct-NVFP4", "nvfp4", None),
    ],
)
def test_what_nvfp4_leaves_out_depends_on_the_model(written, attention, cache):
    model = model_of(written, CATALOGUE)
    bulk = Module.ROUTED_EXPERTS if model.num_experts else Module.DENSE_MLP
    assert model.published_format(bulk).dtype == "nvfp4"
    assert (model.published_format(Module.ATTENTION).dtype, model.kv_cache_dtype) == (
        attention,
        cache,
    )


def test_nvidias_kimi_weighs_by_its_id_what_a_maintainer_reports():
    """152 GiB per GPU at DP4 EP4 (ai-dynamo/aiconfigurator#1396)."""
    model = model_of("nvidia/Kimi-K2.5-NVFP4", CATALOGUE)
    deployed = catalogued("kimi-k2.5", "b200-sxm", model_changes=dict(model))
    weights = float(resident_memory(deployed, plan(dp=4, ep=4)).weights[0])
    assert weights == pytest.approx(152 * 2**30, rel=0.01)


def test_an_id_whose_format_is_not_known_is_refused():
    with pytest.raises(InvalidInput, match="is glm-5 in another number format"):
        model_of("nvidia/GLM-5-NVFP4", CATALOGUE)
