"""The towers that published multimodal models have, each read from its part of a config.

Tokens of an image are those of 1024 x 1024 pixels where a tower takes any size: as many squares of
patches as fit, or tiles as the model's own image processor cuts them.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from llm_simulator.planner.specs.encoder import Matrix
from llm_simulator.planner.specs.hugging_face.config import Config

PIXELS = 1024
"""Side of the image that the tokens of one are counted for."""


@dataclass(frozen=True)
class Part:
    """What describes one tower: its own object, the whole config, the language model's width."""

    whole: Config
    own: Config
    text_width: int


def _layers(
    own: Config,
    *,
    hidden: str = "hidden_size",
    layers: str = "num_hidden_layers",
    heads: str = "num_attention_heads",
    inner: str = "intermediate_size",
) -> dict[str, Any]:
    """The transformer layers; heads are as wide as divides the hidden state unless stated."""
    own.pass_over("attention_bias")
    width, count = own.count(hidden), own.count(heads)
    if own.get("head_dim") is None and width % count:
        raise own.refusal(heads, f"{count} does not divide {hidden} {width}")
    return {
        "hidden_size": width,
        "num_hidden_layers": own.count(layers),
        "num_attention_heads": count,
        "head_dim": _count(own, "head_dim", width // count),
        "intermediate_size": own.count(inner),
    }


def _count(config: Config, name: str, usual: int) -> int:
    """A positive whole number; the ``usual`` one where the config does not state it."""
    return config.count(name) if config.states(name) else usual


def _side(own: Config, name: str) -> int:
    """A length in pixels or patches, given once or for both sides."""
    value = own.get(name)
    if not isinstance(value, list):
        return own.count(name)
    sides = {Config({name: side}, own.field).count(name) for side in value}
    if len(sides) != 1:
        raise own.refusal(name, f"{value} is not square; only square ones are costed yet")
    return sides.pop()


def _patches(own: Config, hidden: int, *, frames: int = 1) -> tuple[Matrix, ...]:
    """The projection of a patch's pixels, ``frames`` of them at once."""
    channels = own.get("in_channels") or own.get("in_chans") or own.get("num_channels") or 3
    colours = Config({"in_channels": channels}, own.field).count("in_channels")
    patch = _side(own, "patch_size")
    return (Matrix(inner=colours * frames * patch**2, columns=hidden),)


def _matrices(*sizes: int) -> tuple[Matrix, ...]:
    """One matrix from each of ``sizes`` to the next."""
    return tuple(Matrix(inner=inner, columns=columns) for inner, columns in pairwise(sizes))


def _text_width(part: Part, name: str) -> int:
    """The language model's width; raises where the tower states another one under ``name``."""
    stated = _count(part.own, name, part.text_width)
    if stated != part.text_width:
        raise part.own.refusal(
            name, f"{stated} is not the hidden_size {part.text_width} of the language model"
        )
    return stated


def _squares(patch: int, merge: int) -> int:
    """Merged patches along a side of the image, its edge rounded to whole ones."""
    return max(round(PIXELS / (patch * merge)), 1)


def _only(config: Config, name: str, published: Any) -> None:
    """Raises where a config states anything but what all published ones of its kind do."""
    value = config.get(name)
    if value is not None and value != published:
        raise config.refusal(name, f"only {published} is costed yet; this one says {value!r}")


def qwen2_vl(part: Part) -> dict[str, Any]:
    """Plain layers whose ``hidden_size`` is the language model's, merged two by two."""
    inner = part.own.count("mlp_ratio") * part.own.count("embed_dim")
    own = part.own.over({"inner": inner})
    layers = _layers(own, hidden="embed_dim", layers="depth", heads="num_heads", inner="inner")
    return _qwen(part, layers, "hidden_size")


def qwen2_5_vl(part: Part) -> dict[str, Any]:
    """Gated layers, most of them with windows of ``window_size`` pixels."""
    own = part.own
    read = _qwen(part, _layers(own, layers="depth", heads="num_heads"), "out_hidden_size")
    # Four of them attend to the whole image unless the config names others.
    full = len(own.listed("fullatt_block_indexes")) or 4
    window = max(_count(own, "window_size", 112) // _side(own, "patch_size"), 1)
    return read | {
        "gated_mlp": True,
        "window_size": window**2,
        "num_window_layers": max(read["num_hidden_layers"] - full, 0),
    }


def qwen3_vl(part: Part) -> dict[str, Any]:
    """Plain layers with a learned table of positions, three of them tapped (deepstack)."""
    _taps(part.own, 3)
    return _qwen3(part) | {"num_projectors": 4}


def qwen3_5(part: Part) -> dict[str, Any]:
    """As Qwen3-VL, without taps."""
    _taps(part.own, 0)
    return _qwen3(part)


def _taps(own: Config, published: int) -> None:
    tapped = own.get("deepstack_visual_indexes")
    if tapped is not None and len(own.listed("deepstack_visual_indexes")) != published:
        raise own.refusal(
            "deepstack_visual_indexes", f"only {published} tapped layers are costed, not {tapped}"
        )


def _qwen3(part: Part) -> dict[str, Any]:
    layers = _layers(part.own, layers="depth", heads="num_heads")
    positions = _count(part.own, "num_position_embeddings", 2304)
    return _qwen(part, layers, "out_hidden_size") | {"num_position_embeddings": positions}


def _qwen(part: Part, layers: dict[str, Any], width_name: str) -> dict[str, Any]:
    """Two frames to a patch, and a merger of two matrices."""
    own, hidden = part.own, layers["hidden_size"]
    merge = _count(own, "spatial_merge_size", 2)
    frames = _count(own, "temporal_patch_size", 2)
    merged = merge**2 * hidden
    return layers | {
        "stem": _patches(own, hidden, frames=frames),
        "projector": _matrices(merged, merged, _text_width(part, width_name)),
        "positions_per_token": merge**2,
        "tokens_per_image": _squares(_side(own, "patch_size"), merge) ** 2,
    }


def glm4v(part: Part) -> dict[str, Any]:
    """Gated layers as wide as the language model; a convolution and a gated merger behind them."""
    own, text = part.own, _text_width(part, "out_hidden_size")
    of_layers = own.over({"layer_width": text})
    layers = _layers(of_layers, layers="depth", heads="num_heads", inner="layer_width")
    hidden, merger = layers["hidden_size"], own.count("intermediate_size")
    patch, merge = _side(own, "patch_size"), _count(own, "spatial_merge_size", 2)
    frames = _count(own, "temporal_patch_size", 2)
    return layers | {
        "gated_mlp": True,
        "biases": False,
        "num_position_embeddings": (_side(own, "image_size") // patch) ** 2,
        "stem": _patches(own, hidden, frames=frames),
        "projector": (
            *_matrices(merge**2 * hidden, text, text, 2 * merger),
            Matrix(inner=merger, columns=text),
        ),
        "positions_per_token": merge**2,
        "tokens_per_image": _squares(patch, merge) ** 2,
    }


_MOONVIT_NAMES = {
    "vt_hidden_size": "hidden_size",
    "vt_num_hidden_layers": "num_hidden_layers",
    "vt_num_attention_heads": "num_attention_heads",
    "vt_intermediate_size": "intermediate_size",
    "init_pos_emb_height": "pos_emb_height",
    "init_pos_emb_width": "pos_emb_width",
}
"""What Kimi K2.5's own code calls the keys of the transformers library."""


def moonvit(part: Part) -> dict[str, Any]:
    """Plain layers with a learned table of positions, merged two by two (Kimi-VL, Kimi K2.5)."""
    part.whole.pass_over("projection_hidden_size")
    own = part.own.renamed(_MOONVIT_NAMES)
    layers = _layers(own)
    hidden = layers["hidden_size"]
    _only(own, "merge_kernel_size", [2, 2])
    _text_width(part, "text_hidden_size")
    return layers | {
        "num_position_embeddings": own.count("pos_emb_height") * own.count("pos_emb_width"),
        "stem": _patches(own, hidden),
        "projector": _matrices(4 * hidden, 4 * hidden, part.text_width),
        "positions_per_token": 4,
        "tokens_per_image": _squares(_side(own, "patch_size"), 2) ** 2,
    }


def kimi_k3(part: Part) -> dict[str, Any]:
    """As Kimi K2.5's, with heads wider than the hidden state and without biases."""
    own = part.own
    width, heads = own.count("qkv_hidden_size"), own.count("vt_num_attention_heads")
    if width % heads:
        raise own.refusal("qkv_hidden_size", f"{width} is no multiple of the {heads} heads")
    for name in ("attn_bias", "linear_bias", "patch_embed_proj_bias"):
        _only(own, name, False)
    wide = own.over({"head_dim": width // heads})
    return moonvit(replace(part, own=wide)) | {"biases": False}


def minimax_m3(part: Part) -> dict[str, Any]:
    """Plain layers with rotary positions; two matrices for each patch and two for four of them."""
    own = part.own
    own.pass_over("image_size")
    layers = _layers(own)
    hidden, text = layers["hidden_size"], part.text_width
    compression = own.part("img_token_compression_config")
    merge = _count(compression, "spatial_merge_size", _count(own, "spatial_merge_size", 2))
    frames = _count(compression, "temporal_patch_size", _count(own, "temporal_patch_size", 2))
    inner = _count(part.whole, "projector_hidden_size", text)
    return layers | {
        "stem": _patches(own, hidden, frames=frames),
        "projector": (
            Matrix(inner=hidden, columns=inner, rows=merge**2),
            Matrix(inner=inner, columns=text, rows=merge**2),
            *_matrices(merge**2 * text, inner, text),
        ),
        "positions_per_token": merge**2,
        "tokens_per_image": _squares(_side(own, "patch_size"), merge) ** 2,
    }


def pixtral(part: Part) -> dict[str, Any]:
    """Gated layers with rotary positions; a row of patches ends in a token of its own."""
    own = part.own
    own.pass_over("image_size")
    layers = _layers(own)
    hidden = layers["hidden_size"]
    whole = part.whole
    merge = _count(whole, "spatial_merge_size", 2) if whole.model_type == "mistral3" else 1
    merger = _matrices(merge**2 * hidden, hidden) if merge > 1 else ()
    squares = -(-PIXELS // (_side(own, "patch_size") * merge))
    return layers | {
        "gated_mlp": True,
        "biases": False,
        "stem": _patches(own, hidden),
        "projector": (*merger, *_matrices(hidden, part.text_width, part.text_width)),
        "positions_per_token": merge**2,
        "tokens_per_image": squares * (squares + 1),
    }


def llava(part: Part) -> dict[str, Any]:
    """CLIP, SigLIP or Pixtral, and two matrices; LLaVA-1.5 takes one size of image.

    LLaVA-NeXT and -OneVision cut tiles of it beside the whole, each row of which ends in a token;
    Granite Vision joins what several layers give.
    """
    own = part.own
    if own.get("model_type") == "pixtral":
        return pixtral(part)
    own.pass_over("projection_dim", "vocab_size")
    if own.get("model_type") not in ("clip_vision_model", "siglip_vision_model"):
        raise own.refusal(
            "model_type",
            f"{own.get('model_type')!r} is not a vision tower that Tier6 can cost; hand over "
            "text_config alone to leave the tower out",
        )
    side = _side(own, "image_size") // _side(own, "patch_size")
    tokens = side**2
    if part.whole.model_type != "llava":
        tiled = _tiles(part.whole, _side(own, "image_size")) * side
        tokens += tiled * (tiled + 1)
    read = _fixed_size(part)
    joined = _tapped_layers(part.whole) * read["hidden_size"]
    return read | {
        "projector": _matrices(joined, part.text_width, part.text_width),
        "positions_per_token": 1,
        "tokens_per_image": tokens,
    }


def _tapped_layers(whole: Config) -> int:
    """Layers whose output the projector takes in, side by side."""
    layers = whole.get("vision_feature_layer")
    joins = whole.nested("text_config").get("model_type") == "granite"
    if not isinstance(layers, list) and not joins:
        return 1
    listed = isinstance(layers, list) and layers
    if not listed or not all(isinstance(layer, int) for layer in layers):
        raise whole.refusal("vision_feature_layer", f"{layers} is no list of the tower's layers")
    return len(layers)


_LLAVA_TILES = {"llava_next": 2, "llava_onevision": 3}
"""Tiles along a side where the config doesn't list the canvases (transformers, defaults)."""


def _tiles(whole: Config, tile: int) -> int:
    """Tiles along a side of the canvas that wastes least of the image and then of itself."""
    canvases = whole.listed("image_grid_pinpoints")
    if not canvases:
        return _LLAVA_TILES.get(whole.model_type, 1)
    sizes = []
    for canvas in canvases:
        if not isinstance(canvas, list) or len(canvas) != 2:
            raise whole.refusal("image_grid_pinpoints", f"{canvas} is not a height and a width")
        sizes.append([Config({"side": side}, whole.field).count("side") for side in canvas])
    kept = [(min(min(size), PIXELS) ** 2, -size[0] * size[1], max(size)) for size in sizes]
    return max(max(kept)[2] // tile, 1)


def idefics3(part: Part) -> dict[str, Any]:
    """Tiles of one size, shuffled, and one matrix; 4 x 4 tiles and the whole (SmolVLM too)."""
    read = _fixed_size(part)
    merge = part.whole.count("scale_factor")
    return read | {
        "projector": _matrices(merge**2 * read["hidden_size"], part.text_width),
        "positions_per_token": merge**2,
        "tokens_per_image": 17 * read["attention_span"] // merge**2,
    }


def cohere2_vision(part: Part) -> dict[str, Any]:
    """Tiles of 512 pixels, shuffled two by two, and a gated pair of matrices; 2 x 2 and the whole.

    ``alignment_intermediate_size`` counts gate and value together.
    """
    _only(part.whole, "downsample_factor", 2)
    read = _fixed_size(part)
    gated = _count(part.whole, "alignment_intermediate_size", 36864)
    return read | {
        "projector": (
            Matrix(inner=4 * read["hidden_size"], columns=gated),
            Matrix(inner=max(gated // 2, 1), columns=part.text_width),
        ),
        "positions_per_token": 4,
        "tokens_per_image": 5 * read["attention_span"] // 4,
    }


def _fixed_size(part: Part) -> dict[str, Any]:
    """Plain layers over the patches of one size of image, with a learned table of positions."""
    layers = _layers(part.own)
    positions = (_side(part.own, "image_size") // _side(part.own, "patch_size")) ** 2
    return layers | {
        "num_position_embeddings": positions,
        "stem": _patches(part.own, layers["hidden_size"]),
        "attention_span": positions,
    }


def gemma3(part: Part) -> dict[str, Any]:
    """SigLIP over an image of one size, pooled to 256 tokens, and one matrix."""
    _only(part.own, "model_type", "siglip_vision_model")
    read = _fixed_size(part)
    tokens = _count(part.whole, "mm_tokens_per_image", 256)
    return read | {
        "projector": _matrices(read["hidden_size"], part.text_width),
        "positions_per_token": read["num_position_embeddings"] / tokens,
        "tokens_per_image": tokens,
    }


def gemma4(part: Part) -> dict[str, Any]:
    """Gated layers, a table of positions for each side, three by three patches to a token."""
    own = part.own
    own.pass_over("global_head_dim", "max_position_embeddings")
    layers = _layers(own)
    if (
        _count(own, "num_key_value_heads", layers["num_attention_heads"])
        != (layers["num_attention_heads"])
    ):
        raise own.refusal("num_key_value_heads", "only as many as num_attention_heads are costed")
    pooled = _count(own, "pooling_kernel_size", 3) ** 2
    return layers | {
        "gated_mlp": True,
        "biases": False,
        "num_position_embeddings": 2 * _count(own, "position_embedding_size", 10240),
        "stem": _patches(own, layers["hidden_size"]),
        "projector": _matrices(layers["hidden_size"], part.text_width),
        "positions_per_token": pooled,
        "tokens_per_image": _count(part.whole, "vision_soft_tokens_per_image", 280),
    }


def llama4(part: Part) -> dict[str, Any]:
    """Tiles of one size, shuffled two by two; 16 tiles and the whole of 1024 x 1024 pixels."""
    own = part.own
    _only(own, "pixel_shuffle_ratio", 0.5)
    read = _fixed_size(part)
    inner, output = own.count("projector_input_dim"), own.count("projector_output_dim")
    shuffled = 4 * read["hidden_size"]
    return read | {
        "num_position_embeddings": read["num_position_embeddings"] + 1,
        "projector": (
            Matrix(inner=shuffled, columns=inner),
            Matrix(inner=inner, columns=output),
            Matrix(inner=own.count("vision_output_dim"), columns=part.text_width),
        ),
        "positions_per_token": 4,
        "tokens_per_image": 17 * read["attention_span"] // 4,
    }


def internvl(part: Part) -> dict[str, Any]:
    """Tiles of one size, shuffled two by two; 3 x 3 tiles and the whole of 1024 x 1024 pixels."""
    _only(part.whole, "downsample_ratio", 0.5)
    read = _fixed_size(part)
    return read | {
        "num_position_embeddings": read["num_position_embeddings"] + 1,
        "projector": _matrices(4 * read["hidden_size"], part.text_width, part.text_width),
        "positions_per_token": 4,
        "tokens_per_image": 10 * read["attention_span"] // 4,
    }


def _whisper(part: Part) -> dict[str, Any]:
    """Two convolutions over a spectrum of 100 frames a second, then 50 positions a second."""
    own = part.own
    layers = _layers(own)
    hidden, bins = layers["hidden_size"], own.count("num_mel_bins")
    return layers | {
        "num_position_embeddings": own.count("max_source_positions"),
        "stem": (
            Matrix(inner=3 * bins, columns=hidden, rows=2),
            Matrix(inner=3 * hidden, columns=hidden),
        ),
        "attention_span": own.count("max_source_positions"),
        "seconds_per_piece": own.count("max_source_positions") / 50,
    }


def voxtral(part: Part) -> dict[str, Any]:
    """Whisper's encoder over pieces of 30 s, four positions to a token, and two matrices."""
    part.own.pass_over("vocab_size")
    read = _whisper(part)
    joined = read["intermediate_size"]
    if joined % read["hidden_size"]:
        raise part.own.refusal("intermediate_size", "is not a multiple of hidden_size")
    ratio = joined // read["hidden_size"]
    return read | {
        "projector": _matrices(joined, part.text_width, part.text_width),
        "positions_per_token": ratio,
        "tokens_per_second": 50 / ratio,
    }


def qwen2_audio(part: Part) -> dict[str, Any]:
    """Whisper's encoder, two positions to a token, and one matrix."""
    read = _whisper(part)
    return read | {
        "projector": _matrices(read["hidden_size"], part.text_width),
        "positions_per_token": 2,
        "tokens_per_second": 25,
    }


def qwen3_omni_audio(part: Part) -> dict[str, Any]:
    """Three convolutions over time and frequency, each halving both, then 13 positions a second.

    Positions attend to those of 8 seconds (``n_window_infer`` frames, 100 a second).
    """
    own = part.own
    own.pass_over("max_source_positions")
    layers = _layers(own)
    hidden, bins = layers["hidden_size"], own.count("num_mel_bins")
    channels = own.count("downsample_hidden_size")
    halved = -(-bins // 8)
    return layers | {
        "stem": (
            Matrix(inner=9, columns=channels, rows=4 * 4 * halved),
            Matrix(inner=9 * channels, columns=channels, rows=2 * 2 * halved),
            Matrix(inner=9 * channels, columns=channels, rows=halved),
            Matrix(inner=channels * halved, columns=hidden),
        ),
        "projector": _matrices(hidden, hidden, _text_width(part, "output_dim")),
        "positions_per_token": 1,
        "tokens_per_second": 13,
        "attention_span": 104,
    }


def gemma4_audio(part: Part) -> dict[str, Any]:
    """Two convolutions that halve time and frequency, then a conformer at 25 positions a second.

    Of a conformer's layer, two feed-forward parts 4 h wide (16 h^2), its convolution (3 h^2) and
    its relative positions (h^2) count as one feed-forward part of as many weights, 10 h wide.
    """
    own = part.own
    own.pass_over("attention_chunk_size", "conv_kernel_size")
    hidden = own.count("hidden_size")
    of_layers = own.over({"conformer": 10 * hidden})
    channels = own.listed("subsampling_conv_channels")
    if channels != [128, 32]:
        raise own.refusal("subsampling_conv_channels", f"only [128, 32] is costed, not {channels}")
    first, second = channels
    # Of 128 mel bins, 100 frames a second.
    return _layers(of_layers, inner="conformer") | {
        "biases": False,
        "stem": (
            Matrix(inner=9, columns=first, rows=2 * 64),
            Matrix(inner=9 * first, columns=second, rows=32),
            Matrix(inner=32 * second, columns=hidden),
        ),
        "projector": _matrices(hidden, own.count("output_proj_dims"), part.text_width),
        "positions_per_token": 1,
        "tokens_per_second": 25,
        # A piece of 12 positions and the 13 before it.
        "attention_span": 25,
    }


def gemma3n(part: Part) -> dict[str, Any]:
    """MobileNetV5-300M as layers of as many weights (294 million) and multiplications.

    Nearly all of its weights convolve maps of 48 x 48 and 24 x 24 positions of an image of 768 x
    768 pixels, so one is used some 1500 times: six positions for each of 256 tokens.
    """
    part.whole.pass_over("vision_soft_tokens_per_image")
    part.own.pass_over("vocab_size")
    _only(part.own, "architecture", "mobilenetv5_300m_enc")
    output = part.own.count("hidden_size")
    return {
        "hidden_size": 1280,
        "num_hidden_layers": 19,
        "num_attention_heads": 16,
        "head_dim": 80,
        "intermediate_size": 3456,
        "biases": False,
        "stem": (Matrix(inner=27, columns=64, rows=96),),
        "projector": _matrices(output, part.text_width),
        "positions_per_token": 6,
        "tokens_per_image": 256,
    }


def gemma3n_audio(part: Part) -> dict[str, Any]:
    """As Gemma 4's conformer, by other names; four positions to a token."""
    own = part.own
    own.pass_over("input_feat_size", "vocab_size")
    names = {
        "conf_num_hidden_layers": "num_hidden_layers",
        "conf_num_attention_heads": "num_attention_heads",
        "sscp_conv_channel_size": "subsampling_conv_channels",
    }
    of_gemma4 = own.renamed(names).over({"output_proj_dims": own.count("hidden_size")})
    joined = own.count("conf_reduction_factor")
    return gemma4_audio(replace(part, own=of_gemma4)) | {
        "projector": _matrices(own.count("hidden_size"), part.text_width),
        "positions_per_token": joined,
        "tokens_per_second": 25 / joined,
    }
