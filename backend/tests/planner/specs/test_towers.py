"""The towers of published multimodal configs: tokens of an image, and what is refused.

Their sizes, and that no key changes them silently, is tested in ``test_published``.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.encoder import encoder_weights
from llm_simulator.planner.specs.hugging_face import model_from_config


def published(name: str) -> dict[str, Any]:
    """The config of a file in ``published/``."""
    path = Path(__file__).parent / "published" / f"{name}.json"
    return json.loads(path.read_text())["config"]


@pytest.mark.parametrize(
    ("name", "tokens", "why"),
    [
        ("Qwen2-VL-7B-Instruct", 1369, "37 x 37 squares of 28 pixels"),
        ("Qwen2.5-VL-7B-Instruct", 1369, "37 x 37 squares of 28 pixels"),
        ("Qwen3-VL-8B-Instruct", 1024, "32 x 32 squares of 32 pixels"),
        ("Qwen3.5-27B", 1024, "32 x 32 squares of 32 pixels"),
        ("Kimi-K2.5", 1369, "37 x 37 squares of 28 pixels"),
        ("GLM-4.5V", 1369, "37 x 37 squares of 28 pixels"),
        ("gemma-3-27b-it", 256, "one size of image"),
        ("Mistral-Small-3.1-24B-Instruct-2503", 1406, "37 rows of 37 and a token at their end"),
        ("pixtral-12b", 4160, "64 rows of 64 and a token at their end"),
        ("llava-1.5-7b-hf", 576, "24 x 24 patches, one size of image"),
        ("llava-v1.6-mistral-7b-hf", 2928, "576 of the whole, 48 x 49 of 2 x 2 tiles"),
        ("llava-onevision-qwen2-7b-ov-hf", 7371, "729 of the whole, 81 x 82 of 3 x 3 tiles"),
        ("granite-vision-3.2-2b", 7371, "729 of the whole, 81 x 82 of 3 x 3 tiles"),
        ("Idefics3-8B-Llama3", 2873, "4 x 4 tiles and the whole, 169 each"),
        ("command-a-vision-07-2025", 1280, "2 x 2 tiles and the whole, 256 each"),
        ("GLM-4.1V-9B-Thinking", 1369, "37 x 37 squares of 28 pixels"),
        ("gemma-4-26B-A4B", 280, "one number of tokens"),
        ("InternVL3-8B", 2560, "3 x 3 tiles and the whole, 256 each"),
        ("Llama-4-Scout-17B-16E-Instruct", 2448, "16 tiles and the whole, 144 each"),
    ],
)
def test_tokens_of_an_image_of_1024_pixels(name: str, tokens: int, why: str) -> None:
    (encoder,) = model_from_config(published(name)).encoders
    assert encoder.tokens_per_image == tokens, why


def test_voxtral_hears_12_and_a_half_tokens_a_second() -> None:
    (encoder,) = model_from_config(published("Voxtral-Mini-3B-2507")).encoders
    assert (encoder.kind, encoder.tokens_per_second) == ("audio", 12.5)
    assert (encoder.seconds_per_piece, encoder.attention_span) == (30, 1500)


def test_the_thinker_of_qwen3_omni_sees_and_hears() -> None:
    vision, audio = model_from_config(published("Qwen3-Omni-30B-A3B-Thinker")).encoders
    assert (vision.kind, vision.tokens_per_image) == ("vision", 1024)
    assert (audio.kind, audio.tokens_per_second) == ("audio", 13)
    # Output elements of each convolution: 50 x 64, 25 x 32 and 12.5 x 16 a second.
    assert [matrix.rows for matrix in audio.stem] == [256, 64, 16, 1]


def test_small_gemmas_hear_and_large_ones_do_not() -> None:
    small = model_from_config(published("gemma-4-E4B-it")).encoders
    large = model_from_config(published("gemma-4-26B-A4B")).encoders
    assert [encoder.kind for encoder in small] == ["vision", "audio"]
    assert [encoder.kind for encoder in large] == ["vision"]
    # The model card: an audio encoder of about 300 million weights.
    assert encoder_weights(small[1]) == pytest.approx(300e6, rel=0.03)


def test_windows_of_qwen2_5_vl() -> None:
    (encoder,) = model_from_config(published("Qwen2.5-VL-7B-Instruct")).encoders
    assert (encoder.window_size, encoder.num_window_layers) == (64, 28)


@pytest.mark.parametrize(
    ("config", "field", "says"),
    [
        ({"model_type": "mllama", "vision_config": {}}, "model.model_type", "cross-attention"),
        ({"model_type": "phi4mm"}, "model.model_type", "adapters"),
        (
            {"model_type": "qwen3_omni_moe", "thinker_config": {"model_type": "qwen3"}},
            "model.model_type",
            r"a second model, to speak with.* language model alone \(thinker_config\)",
        ),
        (
            {"model_type": "kept_secret", "architectures": ["Ovis2_5"]},
            "model.architectures",
            "'Ovis2_5' can't be costed yet: .* hand over the config of its language model alone",
        ),
        (
            {"model_type": "sees", "vision_config": {"model_type": "aimv2"}},
            "model.vision_config.model_type",
            "'aimv2' is not an encoder .* hand over the language model's config",
        ),
        (
            {"model_type": "sees", "llm_config": {"model_type": "qwen3"}, "vit_config": {}},
            "model.model_type",
            "'sees' has parts beside its language model .* hand over llm_config alone",
        ),
        ({"model_type": "llama", "mm_vision_tower": "clip"}, "model.mm_vision_tower", "'clip'"),
    ],
)
def test_a_tower_that_is_not_known_is_refused_by_name(
    config: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as raised:
        model_from_config(config)
    assert raised.value.problems[0].field == field


def test_the_text_alone_has_no_tower_and_the_whole_is_not_read_without_it() -> None:
    config = published("Qwen3-VL-8B-Instruct")
    assert model_from_config(config["text_config"]).encoders == ()
    with pytest.raises(InvalidInput, match="is missing: models of type qwen3_vl have a tower"):
        model_from_config(config | {"vision_config": None})


def test_an_architecture_with_one_tower_may_leave_it_out() -> None:
    config = published("Llama-4-Scout-17B-16E-Instruct")
    without = {key: value for key, value in config.items() if key != "vision_config"}
    assert model_from_config(without) == model_from_config(config)
