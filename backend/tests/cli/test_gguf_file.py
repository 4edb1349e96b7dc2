"""A GGUF file as --model: read whole or in parts, refused where it is broken."""

import pytest

from llm_simulator.cli.models import model_named
from llm_simulator.errors import InvalidInput
from tests.deployments import evaluated
from tests.gguf_files import all_in, dense, q4_k_m, tensors, write
from tests.published import published

LLAMA = published("Meta-Llama-3.1-8B")
METADATA = dense("llama", LLAMA)


@pytest.fixture
def path(tmp_path):
    listed = tensors(METADATA, LLAMA["vocab_size"], q4_k_m)
    return write(tmp_path / "llama.gguf", METADATA, listed)


def test_a_file_is_a_model_that_fits_a_small_card(path):
    result = evaluated(
        {
            "model": model_named(str(path)),
            "topology": "workstation-1",
            "hardware": "rtx-4090",
            "inference": {"batch_size": 4, "input_seq_length": 512, "output_seq_length": 128},
        }
    )
    plan = result["top_k_plans"][0]
    assert plan["is_feasible"]


def test_any_part_of_a_split_file_stands_for_all(tmp_path):
    listed = tensors(METADATA, LLAMA["vocab_size"], all_in("Q8_0"))
    whole = write(tmp_path / "whole.gguf", METADATA, listed)
    half = len(listed) // 2
    first = tmp_path / "llama-00001-of-00002.gguf"
    write(first, METADATA, listed[:half])
    with pytest.raises(InvalidInput, match=r"00002-of-00002\.gguf can't be read: No such file"):
        model_named(str(first))
    bare = {"general.architecture": "llama"}
    second = write(tmp_path / "llama-00002-of-00002.gguf", bare, listed[half:])
    assert model_named(str(second)) == model_named(str(whole))


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no GGUF at all", b"GGUF\x01" + bytes(200)])
def test_a_broken_file_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"broken\.gguf can't be read as GGUF"):
        model_named(str(path))


def test_a_header_cut_short_is_refused(path):
    with path.open("rb") as file:
        content = file.read(10_000)
    for length in (10, 100, 1_000, 5_000, 10_000):
        path.write_bytes(content[:length])
        with pytest.raises(InvalidInput, match="can't be read as GGUF"):
            model_named(str(path))


def test_any_damage_is_refused_in_a_sentence_or_does_no_harm(path):
    """Ten bytes at a time, anywhere in the header, become the largest number there is."""
    with path.open("rb") as file:
        content = file.read(3_000)
    whole = model_named(str(path))
    for start in range(0, len(content) - 10, 23):
        with path.open("r+b") as file:
            file.write(content[:start] + b"\xff" * 10 + content[start + 10 :])
        assert layers_or_refusal(path) in (whole["num_hidden_layers"], None)


def layers_or_refusal(path):
    try:
        return model_named(str(path))["num_hidden_layers"]
    except InvalidInput:
        return None
