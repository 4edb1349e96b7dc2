"""Published configs read as published, and one wrong key never reads as another model.

``published/`` holds the facts of config.json files, reduced to keys that matter, each with the
weights of the model, towers included, in billions (safetensors metadata and model cards).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.hugging_face.keys_of_no_size import has_no_size
from llm_simulator.planner.specs.hugging_face.unread import says_nothing
from llm_simulator.planner.specs.parameters import parameter_count
from tests.published import FOLDER

PUBLISHED = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
DROPPED = object()
MUTATIONS = (DROPPED, None, 0, -1, "text", ["text"], [])


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_config_has_the_published_size(name):
    facts = PUBLISHED[name]
    count = parameter_count(model_from_config(facts["config"]))
    assert count / 1e9 == pytest.approx(facts["billions"], rel=0.01)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_wrong_key_gives_the_same_size_or_an_error(name):
    config = PUBLISHED[name]["config"]
    size = parameter_count(model_from_config(config))
    sizes = {f"{key} = {value!r}": size_or_refusal(c) for key, value, c in mutations(config)}
    assert {change: other for change, other in sizes.items() if other not in (None, size)} == {}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_missing_key_moves_no_window(name):
    config = PUBLISHED[name]["config"]
    windows = windows_or_refusal(config)
    missing = {key: windows_or_refusal(c) for key, value, c in mutations(config, (DROPPED,))}
    assert {key: other for key, other in missing.items() if other not in (None, windows)} == {}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_config_has_no_key_that_is_not_read(name):
    notes = model_from_config(PUBLISHED[name]["config"]).notes
    assert "unread_keys" not in [note.code for note in notes]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_renamed_key_is_refused_or_said(name):
    config = PUBLISHED[name]["config"]
    size = parameter_count(model_from_config(config))
    assert [key for key, other in renamings(config) if not refused_or_said(other, key, size)] == []


def refused_or_said(config: Mapping[str, Any], key: str, size: float) -> bool:
    """Whether a config is refused, or has its size and a note of its ``key`` that nobody reads."""
    try:
        model = model_from_config(config)
    except InvalidInput:
        return True
    said = [str(note.values["keys"]).split(", ") for note in model.notes if "keys" in note.values]
    return parameter_count(model) == size and said == [[key]]


def renamings(config: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every config with a key that means something under a name that nobody reads."""
    for key, value in config.items():
        if not says_nothing(value) and not has_no_size(f"other_{key}"):
            yield f"other_{key}", {**changed(config, key, DROPPED), f"other_{key}": value}
    for part in ("text_config", "llm_config", "vision_config", "audio_config"):
        within = "" if part.startswith(("text", "llm")) else f"{part}."
        for key, other in renamings(config[part]) if config.get(part) else ():
            yield f"{within}{key}", {**config, part: other}


def mutations(
    config: Mapping[str, Any], values: Sequence[object] = MUTATIONS
) -> Iterator[tuple[str, object, dict[str, Any]]]:
    """Every config with one key changed, at the top and in its parts."""
    for key in config:
        for value in values:
            yield key, value, changed(config, key, value)
    for part in ("text_config", "llm_config", "vision_config", "audio_config"):
        for key in config.get(part) or ():
            for value in values:
                yield f"{part}.{key}", value, {**config, part: changed(config[part], key, value)}


def changed(config: Mapping[str, Any], key: str, value: object) -> dict[str, Any]:
    kept = {name: given for name, given in config.items() if name != key}
    return kept if value is DROPPED else kept | {key: value}


def size_or_refusal(config: Mapping[str, Any]) -> float | None:
    """The size that a config reads as; None where it is refused."""
    try:
        return parameter_count(model_from_config(config))
    except InvalidInput:
        return None


def windows_or_refusal(config: Mapping[str, Any]) -> tuple[int | None, int] | None:
    """Width of the window and layers with it; None where the config is refused."""
    try:
        model = model_from_config(config)
    except InvalidInput:
        return None
    return model.sliding_window, model.num_sliding_window_layers
