"""Vision and audio encoders: parameters by hand, tokens of images and sound, what is refused."""

from typing import Any

import numpy as np
import pytest

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.encoder import EncoderSpec, encoder_weights, tokens_of_sound
from llm_simulator.planner.specs.media import media
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.parameters import active_parameter_count, parameter_count
from llm_simulator.planner.specs.validation import validated
from tests.deployments import catalogued, read
from tests.encoders import VISION, VOXTRAL, seeing


def test_parameters_of_a_tower_by_hand() -> None:
    # Qwen3-VL-2B: 24 layers of attention, two matrices, four biases and two norms.
    attention = 4 * 1024**2 + 4 * 1024
    feed_forward = 2 * 1024 * 4096 + 4096 + 1024
    layers = 24 * (attention + feed_forward + 4 * 1024)
    stem = 3 * 2 * 16 * 16 * 1024 + 2304 * 1024
    mergers = 4 * (4096 * 4096 + 4096 * 2048)
    assert encoder_weights(VISION) == layers + stem + mergers
    assert encoder_weights(VISION) == pytest.approx(406.9e6, rel=0.001)


def test_a_gate_is_a_third_matrix() -> None:
    gated = VISION.model_copy(update={"gated_mlp": True, "biases": False})
    plain = VISION.model_copy(update={"biases": False})
    assert encoder_weights(gated) - encoder_weights(plain) == 24 * 1024 * 4096


def test_tensor_ranks_share_the_layers_and_copy_the_stem() -> None:
    whole, half = np.asarray(encoder_weights(VISION, np.array([1, 2])))
    assert whole == encoder_weights(VISION)
    copied = 1536 * 1024 + (2304 + 6 * 24) * 1024
    assert half == (whole - copied) / 2 + copied


def test_the_model_counts_its_encoders_and_a_token_of_text_does_not_use_them() -> None:
    deaf = catalogued("qwen3-1.7b").model
    model = seeing("qwen3-1.7b").model
    assert parameter_count(model) - parameter_count(deaf) == encoder_weights(VISION)
    assert active_parameter_count(model) == active_parameter_count(deaf)


def test_media_tokens_are_the_encoders_unless_stated() -> None:
    deployed = seeing(images_per_request=3)
    (images,) = media(deployed.model, deployed.workload)
    assert (images.items, images.tokens, images.positions) == (3, 1024, 4096)
    deployed = seeing(images_per_request=3, image_tokens=100)
    (images,) = media(deployed.model, deployed.workload)
    assert (images.items, images.tokens, images.positions) == (3, 100, 400)


def test_sound_is_padded_to_whole_pieces() -> None:
    assert tokens_of_sound(VOXTRAL, 30) == 375
    assert tokens_of_sound(VOXTRAL, 30.5) == 750
    assert tokens_of_sound(VOXTRAL.model_copy(update={"seconds_per_piece": None}), 10) == 125


@pytest.mark.parametrize(
    ("load", "field", "says"),
    [
        ({"images_per_request": 1}, "inference.images_per_request", "no vision encoder"),
        ({"audio_seconds_per_request": 3.0}, "inference.audio_seconds_per_request", "no audio"),
        ({"image_tokens": 64}, "inference.image_tokens", "needs images_per_request"),
    ],
)
def test_media_that_nothing_takes_in_are_refused(
    load: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as raised:
        catalogued("qwen3-1.7b", **load)
    assert raised.value.problems[0].field == field


def test_more_image_tokens_than_the_prompt_has_are_refused() -> None:
    with pytest.raises(InvalidInput, match="2048 tokens of the prompt's media"):
        seeing(images_per_request=2, input_seq_length=2000)
    seeing(images_per_request=2, input_seq_length=2048)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"num_window_layers": 30}, "larger than num_hidden_layers"),
        ({"num_window_layers": 3, "window_size": None}, "window_size is needed"),
        ({"tokens_per_image": None}, "tokens_per_image is needed"),
        ({"stem": []}, "at least 1 item"),
    ],
)
def test_an_encoder_that_contradicts_itself_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        validated(EncoderSpec, VISION.model_dump() | change, "encoder")


def test_two_encoders_of_a_kind_are_refused() -> None:
    fields = seeing("qwen3-1.7b").model.model_dump()
    with pytest.raises(InvalidInput, match="more than one of kind vision"):
        validated(ModelSpec, fields | {"encoders": [VISION, VISION]}, "model")


def test_a_request_says_what_an_image_was_taken_as() -> None:
    body = {
        "model": seeing("qwen3-1.7b").model.model_dump(),
        "hardware": "h100-sxm",
        "topology": "server-8",
        "inference": {
            "batch_size": 4,
            "input_seq_length": 2048,
            "output_seq_length": 128,
            "images_per_request": 1,
        },
    }
    told = read(body)
    (warning,) = told.warnings()
    assert "taken as 1024 tokens" in warning.message
    assert read(told.snapshot()).digest == told.digest
    body["inference"] |= {"image_tokens": 500}
    assert not read(body).warnings()


def test_a_preset_may_leave_its_encoder_out() -> None:
    load = {"batch_size": 1, "input_seq_length": 1024, "output_seq_length": 128}
    body = {"hardware": "h100-sxm", "topology": "server-8", "inference": load}
    whole = read(body | {"model": "gemma-3-4b"}).deployment.model
    text = read(body | {"model": {"base": "gemma-3-4b", "encoders": []}}).deployment.model
    assert parameter_count(whole) == pytest.approx(4.30e9, rel=0.001)
    assert parameter_count(text) == pytest.approx(3.88e9, rel=0.001)
