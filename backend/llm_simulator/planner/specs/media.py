"""Images and sound of a load: how many tokens of each prompt they are."""

from dataclasses import dataclass

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.encoder import EncoderSpec, tokens_of_sound
from llm_simulator.planner.specs.model import ModelSpec, encoder_of
from llm_simulator.planner.specs.warning import EvaluationWarning
from llm_simulator.planner.specs.workload import WorkloadSpec


@dataclass(frozen=True)
class Media:
    """What one request brings for one encoder."""

    encoder: EncoderSpec
    items: int
    """Images, or pieces of sound that stand together."""
    tokens: int
    """Tokens of the prompt that one of them gives."""

    @property
    def positions(self) -> float:
        """Positions that the tower computes for one of them."""
        return self.tokens * self.encoder.positions_per_token


def media(model: ModelSpec, workload: WorkloadSpec) -> tuple[Media, ...]:
    """What each request of the load brings for the model's encoders; nothing for text alone."""
    found = []
    vision, audio = encoder_of(model, "vision"), encoder_of(model, "audio")
    if vision is not None and workload.images_per_request:
        tokens = workload.image_tokens or vision.tokens_per_image or 0
        found.append(Media(vision, workload.images_per_request, tokens))
    if audio is not None and workload.audio_seconds_per_request:
        tokens = tokens_of_sound(audio, workload.audio_seconds_per_request)
        found.append(Media(audio, 1, tokens))
    return tuple(found)


def check_media(model: ModelSpec, workload: WorkloadSpec) -> None:
    """Raises InvalidInput for media that the model can't take in or a prompt can't hold."""
    asked = (
        ("images_per_request", "vision", workload.images_per_request),
        ("audio_seconds_per_request", "audio", workload.audio_seconds_per_request),
    )
    for field, kind, amount in asked:
        if amount and encoder_of(model, kind) is None:
            raise InvalidInput.at(
                f"inference.{field}",
                f"{model.name} has no {kind} encoder; leave it out, or give the model one in "
                "model.encoders",
            )
    if workload.image_tokens is not None and not workload.images_per_request:
        raise InvalidInput.at(
            "inference.image_tokens", "needs images_per_request; leave it out for text alone"
        )
    brought = media(model, workload)
    tokens = sum(each.items * each.tokens for each in brought)
    if tokens > workload.input_seq_length:
        amounts = " and ".join(f"{each.items} of {each.tokens} tokens" for each in brought)
        raise InvalidInput.at(
            "inference.input_seq_length",
            f"{workload.input_seq_length} is less than the {tokens} tokens of the prompt's media "
            f"({amounts}), which it counts beside those of the text; raise it",
        )


def media_warnings(model: ModelSpec, workload: WorkloadSpec) -> list[EvaluationWarning]:
    """A warning where the tokens of an image are the model's default, not stated."""
    if workload.image_tokens is not None:
        return []
    return [
        EvaluationWarning.of(
            "image_tokens_assumed",
            "Each image is taken as {tokens} tokens of the prompt, {model}'s for 1024 x 1024 "
            "pixels; give inference.image_tokens for another size.",
            tokens=each.tokens,
            model=model.name,
        )
        for each in media(model, workload)
        if each.encoder.kind == "vision"
    ]
