"""Every data file is complete, sourced, and agrees with what its publisher states."""

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import NotFound
from llm_simulator.planner.requests.catalogue import looked_up
from tests.deployments import catalogued, served

CATALOGUE = builtin_catalogue()
ENTRIES = [
    entry
    for room in (CATALOGUE.models, CATALOGUE.chips, CATALOGUE.topologies, CATALOGUE.workloads)
    for entry in room.values()
]


ROUNDED = {"kimi-k2.5": 0.05}
"""Published to one digit (1T): half of the next digit."""


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda m: m.name)
def test_computed_parameters_agree_with_the_published_count(model):
    tolerance = ROUNDED.get(model.name, 0.01)
    assert model.summary()["parameters"] == pytest.approx(model.published_parameters, rel=tolerance)


@pytest.mark.parametrize(
    "name",
    [
        "deepseek-v3",
        "llama-3.1-405b",
        "llama-3.1-70b",
        "llama-3.1-8b",
        "mixtral-8x7b",
        "qwen3-235b-a22b",
        "qwen3-30b-a3b",
    ],
)
def test_active_parameters_agree_with_the_published_count(name):
    model = CATALOGUE.models[name]
    active = model.summary()["active_parameters"]
    assert active == pytest.approx(model.published_active_parameters, rel=0.02)


def test_active_parameters_of_gpt_oss_are_published_without_the_embedding():
    model = CATALOGUE.models["gpt-oss-120b"]
    embedding = model.spec.vocab_size * model.spec.hidden_size
    active = model.summary()["active_parameters"] - embedding
    assert active == pytest.approx(model.published_active_parameters, rel=0.01)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_every_entry_has_a_title_and_a_source(entry):
    assert entry.title
    assert entry.source
    assert entry.summary()["name"] == entry.name


@pytest.mark.parametrize("chip", CATALOGUE.chips.values(), ids=lambda c: c.name)
def test_narrower_formats_compute_faster(chip):
    """Dense figures throughout: a sparse one among them would be twice its neighbour's."""
    peak = chip.spec.peak_flops
    if "fp8" in peak:
        assert peak["fp8"] == pytest.approx(2 * peak["bf16"], rel=0.02)
    if "fp4" in peak:
        assert 2 * peak["fp8"] <= peak["fp4"] * 1.001 <= 3.01 * peak["fp8"]


@pytest.mark.parametrize("chip", CATALOGUE.chips)
def test_every_chip_serves_every_model(chip):
    for model in CATALOGUE.models:
        state = served(catalogued(model, chip, "pod-64"), **_one_server(model))
        for seconds in (state.ttft, state.tpot):
            assert 0 < float(seconds[0]) < 100
        assert 0 < float(state.mfu[0]) < 1
        assert 0 < float(state.mbu[0]) < 1


def _one_server(model):
    """Eight chips: tensor parallel, with experts spread over them."""
    return {"tp": 8, "ep": 8 if CATALOGUE.models[model].spec.num_experts else 1}


@pytest.mark.parametrize(
    ("name", "chips"),
    [
        ("server-8", 8),
        ("servers-4x8", 32),
        ("pod-64", 64),
        ("rack-72", 72),
        ("cluster-1024", 1024),
    ],
)
def test_topologies_hold_the_chips_their_names_say(name, chips):
    assert CATALOGUE.topologies[name].spec.chips == chips


def test_an_alias_finds_its_model():
    assert looked_up(CATALOGUE.models, "model", "DeepSeek-R1").name == "deepseek-v3"


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(NotFound, match=r"No chip 'h1000'\. Nearest: 'h100-sxm'"):
        looked_up(CATALOGUE.chips, "chip", "h1000")


@pytest.mark.parametrize(
    ("alias", "name"), [("llama-3.3-70b", "llama-3.1-70b"), ("kimi-k2-thinking", "kimi-k2.5")]
)
def test_models_of_one_architecture_share_an_entry(alias, name):
    assert looked_up(CATALOGUE.models, "model", alias).name == name


def test_a_path_is_no_preset_name():
    with pytest.raises(NotFound):
        looked_up(CATALOGUE.chips, "chip", "../models/deepseek-v3")
