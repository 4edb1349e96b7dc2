"""Every data file is complete, sourced, and agrees with what its publisher states."""

import re

import pytest

from llm_simulator.catalogue import builtin_catalogue
from llm_simulator.errors import NotFound
from llm_simulator.planner.requests.catalogue import find, looked_up
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.hugging_face.architectures import ARCHITECTURES
from llm_simulator.planner.specs.parameters import active_parameter_count
from tests.deployments import catalogued, served
from tests.published import FOLDER, published

CATALOGUE = builtin_catalogue()
ENTRIES = [
    entry
    for room in (CATALOGUE.models, CATALOGUE.chips, CATALOGUE.topologies, CATALOGUE.workloads)
    for entry in room.values()
]


OWN_ACTIVE = {"gemma-4-e4b": 0.04, "kimi-vl-a3b": 0.05}
"""Effective weights of Gemma are not said in detail; 2.8 billion of Kimi-VL's are 3 of Moonlight's,
which is its language model."""

OWN_RATIOS = {"gaudi-3", "trainium3", "rubin", "rtx-5090"}
"""Published so: fp8 no faster than bf16, several times as fast, or fp4 four times fp8."""


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda m: m.name)
def test_computed_parameters_agree_with_the_published_count(model):
    assert model.summary()["parameters"] == pytest.approx(model.published_parameters, rel=0.01)


def half_of_the_last_digit(count: float) -> float:
    """Half of what the last published digit stands for, a billion at most: 0.05e9 of 2.4e9.

    >>> half_of_the_last_digit(2.4e9), half_of_the_last_digit(40e9)
    (50000000.0, 500000000.0)
    """
    last_digit = 10 ** next(n for n in range(9, -1, -1) if round(count) % 10**n == 0)
    return last_digit / 2


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda m: m.name)
def test_active_parameters_agree_with_the_published_count(model):
    published = model.published_active_parameters
    share = OWN_ACTIVE.get(model.name, 0.025)
    tolerance = max(share * published, half_of_the_last_digit(published))
    assert model.active_parameters_as_published == pytest.approx(published, abs=tolerance)


def test_a_table_left_out_of_the_active_parameters_is_that_of_the_vocabulary():
    tied, untied = CATALOGUE.models["qwen3-4b"].spec, CATALOGUE.models["qwen3-8b"].spec
    for model, heads in ((tied, 0), (untied, 1)):
        table = model.vocab_size * model.hidden_size
        less = active_parameter_count(model) - active_parameter_count(model, ("embedding", "head"))
        assert less == (1 + heads) * table


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
def test_every_entry_has_a_title_and_a_source(entry):
    assert entry.title
    assert entry.source
    assert entry.summary()["name"] == entry.name


@pytest.mark.parametrize(
    "chip",
    [chip for chip in CATALOGUE.chips.values() if chip.name not in OWN_RATIOS],
    ids=lambda c: c.name,
)
def test_narrower_formats_compute_faster(chip):
    """Dense figures throughout: a sparse one among them would be twice its neighbour's."""
    peak = chip.spec.peak_flops
    if "fp8" in peak:
        assert peak["fp8"] == pytest.approx(2 * peak["bf16"], rel=0.03)
    if "fp4" in peak:
        assert 2 * peak["fp8"] <= peak["fp4"] * 1.001 <= 3.01 * peak["fp8"]


@pytest.mark.parametrize("chip", CATALOGUE.chips)
def test_every_chip_serves_a_model_of_each_kind(chip):
    for model in ("llama-3.1-8b", "qwen3-30b-a3b", "gpt-oss-120b", "deepseek-v3.2"):
        _serves(model, chip)


@pytest.mark.parametrize("model", CATALOGUE.models)
def test_every_model_is_served(model):
    _serves(model, "h100-sxm")


def _serves(model, chip):
    state = served(catalogued(model, chip, "pod-64"), **_one_server(model))
    for seconds in (state.ttft, state.tpot):
        assert 0 < float(seconds[0]) < 200
    assert 0 < float(state.mfu[0]) < 1
    assert 0 < float(state.mbu[0]) < 1


def _one_server(model):
    """At most eight chips: tensor parallel, with experts spread over them."""
    spec = CATALOGUE.models[model].spec
    degree = next(tp for tp in (8, 4, 2, 1) if not spec.num_attention_heads % tp)
    return {"tp": degree, "ep": degree if spec.num_experts else 1}


@pytest.mark.parametrize(
    ("name", "chips"),
    [
        ("workstation-1", 1),
        ("workstation-2", 2),
        ("pcie-4", 4),
        ("pcie-8", 8),
        ("server-8", 8),
        ("servers-4x8", 32),
        ("pod-64", 64),
        ("rack-72", 72),
        ("cluster-1024", 1024),
    ],
)
def test_topologies_hold_the_chips_their_names_say(name, chips):
    assert CATALOGUE.topologies[name].spec.chips == chips


@pytest.mark.parametrize("model", CATALOGUE.models.values(), ids=lambda m: m.name)
def test_a_model_has_the_architecture_of_its_published_config(model):
    assert model.spec.architecture in ARCHITECTURES
    stored = {path.stem for path in FOLDER.glob("*.json")}
    names = stored & {alias.rpartition("/")[2] for alias in model.aliases if "/" in alias}
    # GLM-4-9B was published in two.
    kinds = {model_from_config(published(name)).architecture for name in names}
    assert model.spec.architecture in kinds or not kinds


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


@pytest.mark.parametrize("room", [CATALOGUE.models, CATALOGUE.chips], ids=["models", "chips"])
def test_a_name_means_one_entry_in_any_letter_case(room):
    names = [n.lower() for entry in room.values() for n in (entry.name, *entry.aliases)]
    assert len(names) == len(set(names))
    for entry in room.values():
        for alias in entry.aliases:
            assert find(room, alias.upper()) is entry


@pytest.mark.parametrize("name", ["H100", "h100_sxm", "NVIDIA H100 80GB HBM3"])
def test_a_chip_is_found_as_tools_write_it(name):
    assert looked_up(CATALOGUE.chips, "chip", name).name == "h100-sxm"


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("deepseek-ai/DeepSeek-V3.1", "deepseek-v3"),
        ("qwen/qwen3-32b", "qwen3-32b"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama-3.1-70b"),
    ],
)
def test_a_model_is_found_by_its_hugging_face_id(name, entry):
    assert looked_up(CATALOGUE.models, "model", name).name == entry


def test_the_catalogue_covers_what_people_run():
    assert len(CATALOGUE.models) >= 200
    assert len(CATALOGUE.chips) >= 40


def test_an_announced_chip_says_so_in_its_title():
    for name in ("rubin", "mi455x", "ascend-950pr", "ascend-950dt"):
        assert CATALOGUE.chips[name].title.endswith("(announced)")


def test_a_path_is_no_preset_name():
    with pytest.raises(NotFound):
        looked_up(CATALOGUE.chips, "chip", "../models/deepseek-v3")


@pytest.mark.parametrize(
    ("name", "mebibytes"),
    [
        ("h100-sxm", 81_559),
        ("a100-sxm", 81_920),
        ("h200-sxm", 143_771),
        ("b200-sxm", 183_359),
        ("gb200", 189_471),
        ("b300-sxm", 275_040),
        ("h20", 97_871),
        ("l40s", 46_068),
        ("rtx-4090", 24_564),
        ("mi300x", 196_592),
        ("mi355x", 294_896),
    ],
)
def test_a_chip_has_the_memory_that_its_driver_reports(name, mebibytes):
    assert CATALOGUE.chips[name].spec.memory_capacity == mebibytes * 2**20


@pytest.mark.parametrize("chip", CATALOGUE.chips.values(), ids=lambda c: c.name)
def test_memory_is_within_a_tenth_of_what_a_chip_is_sold_as(chip):
    found = re.search(r"(\d+) GB", chip.title)
    assert found is not None
    sold = float(found[1])
    assert 0.9 * sold <= chip.spec.memory_capacity / 1e9 <= 1.1 * sold
