"""What turns an image or a sound into tokens of the prompt: a tower and its projector.

A tower cuts its input into *positions* (patches of an image, frames of a sound), runs them through
transformer layers, and its projector joins them to the tokens that the language model reads.
"""

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from llm_simulator.planner.specs.validation import (
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Spec,
)
from llm_simulator.units import Count


class Matrix(Spec):
    """A matrix that rows of an encoder are multiplied by; an unrolled convolution is one too."""

    inner: PositiveInt
    columns: PositiveInt
    rows: PositiveFloat = 1.0
    """Rows per position of the tower, or per token of the prompt in a projector."""

    @property
    def weights(self) -> int:
        """Elements of the matrix."""
        return self.inner * self.columns


class EncoderSpec(Spec):
    """A vision or audio tower: its layers, and what stands before and behind them."""

    kind: Literal["vision", "audio"]
    hidden_size: PositiveInt
    num_hidden_layers: PositiveInt
    num_attention_heads: PositiveInt
    head_dim: PositiveInt
    intermediate_size: PositiveInt
    gated_mlp: bool = False
    """Whether the feed-forward part has a gate beside its up matrix (Qwen2.5-VL, Pixtral)."""
    biases: bool = True
    """Whether the layers' matrices have a bias."""
    num_position_embeddings: NonNegativeInt = 0
    """Rows of the learned table of positions; 0 where positions are rotary."""
    stem: tuple[Matrix, ...] = Field(min_length=1)
    """What makes positions of pixels or of a spectrum."""
    projector: tuple[Matrix, ...] = Field(min_length=1)
    """What makes tokens of positions, one matrix after the other."""
    num_projectors: PositiveInt = 1
    """Such projectors: one more for every layer that is tapped on the way (Qwen3-VL)."""
    positions_per_token: PositiveFloat
    """Positions that are joined to one token: the square of the spatial merge size."""
    attention_span: PositiveInt | None = None
    """Positions that attend to each other: those of a tile or of a piece of sound; None: all."""
    window_size: PositiveInt | None = None
    """Positions of a window, in layers that attend to their window only."""
    num_window_layers: NonNegativeInt = 0
    tokens_per_image: PositiveInt | None = None
    """Tokens of an image of 1024 x 1024 pixels, or of any where a model knows one size only."""
    tokens_per_second: PositiveFloat | None = None
    """Tokens of a second of sound."""
    seconds_per_piece: PositiveFloat | None = None
    """Length of the pieces that a sound is padded to; None where it is not padded."""

    @property
    def width(self) -> int:
        """Elements of all query heads of one position."""
        return self.num_attention_heads * self.head_dim

    @property
    def mlp_columns(self) -> int:
        """Columns of the products that enter the feed-forward part."""
        return (2 if self.gated_mlp else 1) * self.intermediate_size

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.num_window_layers > self.num_hidden_layers:
            raise ValueError("num_window_layers is larger than num_hidden_layers")
        if self.num_window_layers and self.window_size is None:
            raise ValueError("window_size is needed: num_window_layers is given")
        needed = "tokens_per_image" if self.kind == "vision" else "tokens_per_second"
        if getattr(self, needed) is None:
            raise ValueError(f"{needed} is needed for a {self.kind} encoder")
        return self


def encoder_weights(encoder: EncoderSpec, tp: Count = 1) -> Count:
    r"""Weights of a tower and its projector on one of ``tp`` ranks; with one, all of them.

    .. math:: N = L\,\bigl((3 + 1)\,h\,w + m\,h\,f\bigr) + N_{stem} + n\,h + N_{projector}

    with m = 2 matrices of the feed-forward part, or 3 with a gate. Engines split the matrices of
    layers and projector by tensor rank unless told to copy them (vLLM: ``--mm-encoder-tp-mode``,
    "weights" by default; SGLang: ``--mm-enable-dp-encoder``, off by default); stem, positions and
    norms lie on every rank.
    """
    hidden, layers = encoder.hidden_size, encoder.num_hidden_layers
    attention = 4 * hidden * encoder.width
    feed_forward = hidden * (encoder.mlp_columns + encoder.intermediate_size)
    projector = encoder.num_projectors * sum(matrix.weights for matrix in encoder.projector)
    split = layers * (attention + feed_forward) + projector
    stem = sum(matrix.weights for matrix in encoder.stem)
    whole = stem + (encoder.num_position_embeddings + 2 * layers) * hidden
    if encoder.biases:
        split += layers * (3 * encoder.width + encoder.mlp_columns)
        # Of both outputs and of both norms.
        whole += 4 * layers * hidden
    return np.asarray(split) / tp + whole


def tokens_of_sound(encoder: EncoderSpec, seconds: float) -> int:
    """Tokens that ``seconds`` of sound give to the prompt, the padding of its last piece included.

    >>> whisper = EncoderSpec(
    ...     kind="audio", hidden_size=1280, num_hidden_layers=32, num_attention_heads=20,
    ...     head_dim=64, intermediate_size=5120, stem=[Matrix(inner=384, columns=1280)],
    ...     projector=[Matrix(inner=5120, columns=3072)], positions_per_token=4,
    ...     tokens_per_second=12.5, seconds_per_piece=30,
    ... )
    >>> tokens_of_sound(whisper, 10), tokens_of_sound(whisper, 31)
    (375, 750)
    """
    piece = encoder.seconds_per_piece
    padded = seconds if piece is None else np.ceil(seconds / piece) * piece
    return int(np.ceil(padded * (encoder.tokens_per_second or 0.0)))
