"""Every architecture of vLLM's registry is read, or refused by name with its reason."""

import json
from pathlib import Path

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.hugging_face.architectures import ARCHITECTURES
from llm_simulator.planner.specs.hugging_face.encoders import TOWERS
from llm_simulator.planner.specs.hugging_face.refused import REFUSED, REFUSED_WHOLES
from tests.published import FOLDER

REGISTRY = json.loads((Path(__file__).parent / "vllm_architectures.json").read_text())
READ = {*ARCHITECTURES, *TOWERS}
CLASSES = [
    (name, kind)
    for name, kinds in REGISTRY["architectures"].items()
    for kind in kinds or ["a type that Tier6 doesn't know"]
]
NOT_READ = [(name, kind) for name, kind in CLASSES if kind not in READ]
COMPARED_AS = {
    "granitemoeshared": "granitemoe",
    "hyperclovax": "granite",
    "minimax": "minimax_text_01",
    "minimax_m1": "minimax_text_01",
    "smolvlm": "idefics3",
    "stablelm_epoch": "stablelm",
    "vaultgemma": "gemma2",
}
"""Without a published config of their own among the tests: whose keys and parts they have."""


@pytest.mark.parametrize(("name", "kind"), NOT_READ)
def test_an_architecture_of_vllm_that_is_not_read_is_refused_with_its_reason(name, kind):
    with pytest.raises(InvalidInput) as refusal:
        model_from_config({"architectures": [name], "model_type": kind})
    assert f"'{name}'" in str(refusal.value) or f"'{kind}'" in str(refusal.value)
    assert "is not an architecture Tier6 can cost yet" not in str(refusal.value)


def test_what_is_refused_is_not_read():
    assert not READ & {*REFUSED, *REFUSED_WHOLES}
    assert not REFUSED.keys() & REFUSED_WHOLES.keys()


def test_what_is_read_of_the_registry_was_compared_with_a_published_config():
    configs = [json.loads(path.read_text())["config"] for path in FOLDER.glob("*.json")]
    parts = [part for c in configs for part in (c, c.get("text_config"), c.get("llm_config"))]
    compared = {part["model_type"] for part in parts if part and "model_type" in part}
    read = {kind for _, kind in CLASSES if kind in READ}
    assert read - compared == COMPARED_AS.keys()
    assert {*COMPARED_AS.values()} <= compared
