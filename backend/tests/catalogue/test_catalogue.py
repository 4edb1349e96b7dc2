"""Every data file is complete, sourced, and agrees with what its publisher states."""

import pytest

from llm_simulator.catalogue import Catalogue
from llm_simulator.catalogue.catalogue import looked_up
from llm_simulator.errors import NotFound

CATALOGUE = Catalogue.builtin()
ENTRIES = [
    entry
    for room in (CATALOGUE.models, CATALOGUE.chips, CATALOGUE.topologies, CATALOGUE.workloads)
    for entry in room.values()
]


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda m: m.name)
def test_computed_parameters_agree_with_the_published_count(model):
    assert model.summary()["parameters"] == pytest.approx(model.published_parameters, rel=0.01)


@pytest.mark.parametrize(
    "name", ["deepseek-v3", "qwen3-235b-a22b", "llama-3.1-8b", "llama-3.1-70b"]
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


def test_a_path_is_no_preset_name():
    with pytest.raises(NotFound):
        looked_up(CATALOGUE.chips, "chip", "../models/deepseek-v3")
