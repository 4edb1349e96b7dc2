"""A model is calibrated by its network, however it was named or handed over."""

from typing import Any

import pytest

from llm_simulator.planner.requests.catalogue import measured_name
from llm_simulator.planner.requests.presets import ModelEntry
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.network import network
from tests.deployments import CATALOGUE, evaluated
from tests.published import FOLDER, published


def _named(name: str) -> str:
    model = CATALOGUE.models[name].spec
    return measured_name(model, CATALOGUE.models, CATALOGUE.calibrations)


def _answer(model: object) -> list[Any]:
    request = {
        "model": model,
        "hardware": "h100-sxm",
        "topology": "server-8",
        "inference": {
            "batch_size": 16,
            "input_seq_length": 1024,
            "output_seq_length": 1024,
            "engine": "vllm",
        },
        "search_mode": "manual",
        "manual_parallelism": {"tp": 1},
    }
    return evaluated(request)["top_k_plans"]


@pytest.mark.parametrize(
    ("config", "quantization", "name"),
    [
        ("gpt-oss-120b", {"quant_method": "mxfp4"}, "gpt-oss-120b"),
        ("Meta-Llama-3.1-8B", None, "llama-3.1-8b"),
    ],
)
def test_a_preset_and_its_own_config_are_answered_alike_to_the_last_digit(
    config: str, quantization: object, name: str
) -> None:
    handed_over = published(config) | {"quantization_config": quantization}
    assert _answer(handed_over) == _answer(name)


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda model: model.name)
def test_a_preset_is_the_network_of_its_published_config(model: ModelEntry) -> None:
    names = {alias.rpartition("/")[2] for alias in model.aliases if "/" in alias}
    for name in names & {path.stem for path in FOLDER.glob("*.json")}:
        assert network(model_from_config(published(name))) == network(model.spec), name


def test_a_preset_under_another_name_is_answered_alike() -> None:
    fine_tuned = CATALOGUE.models["gpt-oss-120b"].spec.model_dump() | {"name": "our-assistant"}
    assert _answer(fine_tuned) == _answer("gpt-oss-120b")


@pytest.mark.parametrize(
    ("name", "measured"),
    [
        ("gpt-oss-120b", "gpt-oss-120b"),
        ("llama-3-70b", "llama-3.1-70b"),
        ("kimi-k2", "kimi-k2.5"),
        ("deepseek-r1", "deepseek-v3"),
        ("gpt-oss-20b", "gpt-oss-20b"),
    ],
)
def test_runs_of_the_same_network_speak_for_a_model(name: str, measured: str) -> None:
    if name not in CATALOGUE.models:
        name = next(n for n, e in CATALOGUE.models.items() if name in e.aliases)
    assert _named(name) == measured


def test_formats_and_unused_fields_make_no_other_network_but_sizes_do() -> None:
    spec = CATALOGUE.models["qwen3-235b-a22b"].spec
    same = {"name": "x", "weight_dtype": Dtype.FP8, "intermediate_size": 12288}
    assert network(spec.model_copy(update=same)) == network(spec)
    for size in ("hidden_size", "num_hidden_layers", "num_experts", "vocab_size"):
        other = spec.model_copy(update={size: getattr(spec, size) + 1})
        assert network(other) != network(spec), size
