"""The encoders of a multimodal ``config.json``: every one is costed, or the config is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.encoder import EncoderSpec
from llm_simulator.planner.specs.hugging_face import towers
from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.towers import Part
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.validation import validated


@dataclass(frozen=True)
class Tower:
    """The tower that models of one ``model_type`` have, and where their configs describe it."""

    read: Callable[[Part], dict[str, Any]]
    shared: Mapping[str, Any] = field(default_factory=dict)
    """Keys that all published models of the type agree in, so that a config may leave them out."""
    is_always_the_same: bool = False
    """Whether ``shared`` is the whole tower, so that a config may leave out the tower itself."""
    key: str = "vision_config"
    belongs: Callable[[ModelSpec], bool] = lambda _: True
    """Whether models with this language model have it where the config does not say so."""


_CLIP_LARGE = {
    "model_type": "clip_vision_model",
    "patch_size": 14,
    "image_size": 336,
}
_SIGLIP_400M = {
    "model_type": "siglip_vision_model",
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "patch_size": 14,
}
_PIXTRAL = {
    "model_type": "pixtral",
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "head_dim": 64,
}
_LLAMA_4 = {
    "hidden_size": 1408,
    "intermediate_size": 5632,
    "num_hidden_layers": 34,
    "num_attention_heads": 16,
    "image_size": 336,
    "patch_size": 14,
    "projector_input_dim": 4096,
    "projector_output_dim": 4096,
    "vision_output_dim": 4096,
}
_MOONVIT = {
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "patch_size": 14,
    "pos_emb_height": 64,
    "pos_emb_width": 64,
}
_WHISPER_LARGE = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "num_mel_bins": 128,
    "max_source_positions": 1500,
}
_GEMMA_4_AUDIO = {
    "hidden_size": 1024,
    "num_hidden_layers": 12,
    "num_attention_heads": 8,
    "subsampling_conv_channels": [128, 32],
    "output_proj_dims": 1536,
}
_GEMMA_3N = {"architecture": "mobilenetv5_300m_enc", "hidden_size": 2048}
_GEMMA_3N_AUDIO = {
    "hidden_size": 1536,
    "conf_num_hidden_layers": 12,
    "conf_num_attention_heads": 8,
    "conf_reduction_factor": 4,
    "sscp_conv_channel_size": [128, 32],
}
_KIMI_K3 = {
    "patch_size": 14,
    "vt_hidden_size": 1024,
    "vt_intermediate_size": 4096,
    "vt_num_attention_heads": 12,
    "vt_num_hidden_layers": 27,
    "qkv_hidden_size": 1536,
    "init_pos_emb_height": 64,
    "init_pos_emb_width": 64,
    "attn_bias": False,
    "linear_bias": False,
    "patch_embed_proj_bias": False,
}
_MINIMAX_M3 = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 16,
    "patch_size": 14,
}
_QWEN2_VL = {"depth": 32, "embed_dim": 1280, "mlp_ratio": 4, "num_heads": 16, "patch_size": 14}

TOWERS: Mapping[str, tuple[Tower, ...]] = {
    "qwen2_vl": (Tower(towers.qwen2_vl, _QWEN2_VL),),
    "qwen2_5_vl": (Tower(towers.qwen2_5_vl, {"patch_size": 14}),),
    "qwen3_vl": (Tower(towers.qwen3_vl, {"patch_size": 16}),),
    "qwen3_vl_moe": (Tower(towers.qwen3_vl, {"patch_size": 16}),),
    "qwen3_5": (Tower(towers.qwen3_5, {"patch_size": 16}),),
    "qwen3_5_moe": (Tower(towers.qwen3_5, {"patch_size": 16}),),
    "glm4v": (Tower(towers.glm4v, {"patch_size": 14, "image_size": 336}),),
    "glm4v_moe": (Tower(towers.glm4v, {"patch_size": 14, "image_size": 336}),),
    "kimi_vl": (Tower(towers.moonvit, _MOONVIT, is_always_the_same=True),),
    "kimi_k25": (Tower(towers.moonvit, _MOONVIT, is_always_the_same=True),),
    "kimi_k3": (Tower(towers.kimi_k3, _KIMI_K3, is_always_the_same=True),),
    "minimax_m3_vl": (Tower(towers.minimax_m3, _MINIMAX_M3, is_always_the_same=True),),
    "mistral3": (Tower(towers.pixtral, _PIXTRAL | {"patch_size": 14}, is_always_the_same=True),),
    "llava": (Tower(towers.llava),),
    "llava_next": (Tower(towers.llava),),
    "llava_onevision": (Tower(towers.llava),),
    "gemma3": (Tower(towers.gemma3, _SIGLIP_400M | {"image_size": 896}, is_always_the_same=True),),
    "idefics3": (Tower(towers.idefics3),),
    "smolvlm": (Tower(towers.idefics3),),
    "cohere2_vision": (
        Tower(towers.cohere2_vision, _SIGLIP_400M | {"patch_size": 16, "image_size": 512}),
    ),
    "gemma3n": (
        Tower(towers.gemma3n, _GEMMA_3N, is_always_the_same=True),
        Tower(towers.gemma3n_audio, _GEMMA_3N_AUDIO, is_always_the_same=True, key="audio_config"),
    ),
    "gemma4": (
        Tower(towers.gemma4, {"patch_size": 16}),
        # Of its sizes, those with an input for each layer hear (E2B, E4B).
        Tower(
            towers.gemma4_audio,
            _GEMMA_4_AUDIO,
            is_always_the_same=True,
            key="audio_config",
            belongs=lambda text: text.hidden_size_per_layer_input > 0,
        ),
    ),
    "llama4": (Tower(towers.llama4, _LLAMA_4, is_always_the_same=True),),
    "internvl_chat": (Tower(towers.internvl, {"patch_size": 14, "image_size": 448}),),
    "internvl": (Tower(towers.internvl, {"patch_size": 14, "image_size": 448}),),
    "voxtral": (
        Tower(towers.voxtral, _WHISPER_LARGE, is_always_the_same=True, key="audio_config"),
    ),
    "qwen2_audio": (
        Tower(towers.qwen2_audio, _WHISPER_LARGE, is_always_the_same=True, key="audio_config"),
    ),
    "qwen3_omni_moe_thinker": (
        Tower(towers.qwen3_vl, {"patch_size": 16}),
        Tower(
            towers.qwen3_omni_audio,
            {"num_mel_bins": 128, "downsample_hidden_size": 480},
            key="audio_config",
        ),
    ),
}
"""By the ``model_type`` of the whole config; with the towers that its models have."""

_LLAVA_TOWERS: Mapping[str, Mapping[str, Any]] = {
    "clip_vision_model": _CLIP_LARGE,
    "siglip_vision_model": {"patch_size": 14, "image_size": 384},
    "pixtral": _PIXTRAL | {"patch_size": 16},
}
"""What the towers of LLaVA's models may leave out, by the tower's own ``model_type``."""

TOWER_ALIASES: Mapping[str, str] = {
    "d_model": "hidden_size",
    "encoder_layers": "num_hidden_layers",
    "encoder_attention_heads": "num_attention_heads",
    "encoder_ffn_dim": "intermediate_size",
}
"""Whisper's own names (transformers, ``attribute_map``)."""

_PARTS = (
    "vision_config",
    "audio_config",
    "vision_tower",
    "mm_vision_tower",
    "visual",
    "img_processor",
    "embd_layer",
    "audio_encoder_config",
    "speech_config",
    "encoder_config",
)
"""Keys under which configs describe towers."""

LANGUAGE_MODELS = ("text_config", "llm_config", "language_config", "thinker_config")
"""Keys under which the configs of such models describe the language model."""
_TOKENS = ("image_token_index", "image_token_id", "audio_token_id")
"""Where configs say which token of the prompt stands for media."""
_LEAVE_OUT = "hand over the language model's config alone (text_config) to leave the tower out"


def check_towers(whole: Config) -> None:
    """Raises InvalidInput for a tower that can't be costed: none is left out silently."""
    kind = whole.model_type
    known = {tower.key for tower in TOWERS.get(kind, ())}
    for name in _PARTS:
        if whole.get(name) and name not in known:
            raise _unknown(whole, name)
    for name in LANGUAGE_MODELS:
        if whole.get(name) and not known:
            raise whole.refusal(
                "model_type",
                f"'{kind}' has parts beside its language model that Tier6 can't cost yet; hand "
                f"over {name} alone to leave them out",
            )


def encoders(whole: Config, text: ModelSpec) -> tuple[EncoderSpec, ...]:
    """The encoders of a config with this language model; none for text alone."""
    found = TOWERS.get(whole.model_type, ())
    for name in _TOKENS if found else ():
        token = whole.get(name)
        if isinstance(token, int) and token >= text.vocab_size:
            raise whole.refusal(
                name, f"{token} is not one of the {text.vocab_size} tokens of vocab_size"
            )
    return tuple(
        _encoder(whole, tower, text.hidden_size)
        for tower in found
        if whole.nested(tower.key) or tower.belongs(text)
    )


def _unknown(whole: Config, name: str) -> Exception:
    part = whole.get(name)
    kind = part.get("model_type") if isinstance(part, Mapping) else part
    shown = str(kind or whole.model_type)
    return whole.refusal(
        f"{name}.model_type" if isinstance(part, Mapping) else name,
        f"{shown!r} is not an encoder that Tier6 can cost yet; {_LEAVE_OUT}",
    )


def _encoder(whole: Config, tower: Tower, text_width: int) -> EncoderSpec:
    stated = whole.nested(tower.key)
    if not stated and not tower.is_always_the_same:
        raise whole.refusal(
            tower.key, f"is missing: models of type {whole.model_type} have a tower; {_LEAVE_OUT}"
        )
    given = {
        TOWER_ALIASES.get(name, name): value for name, value in stated.items() if value is not None
    }
    own = whole.part(tower.key)
    own = replace(own, values={**_shared(tower, given), **given})
    try:
        read = tower.read(Part(whole, own, text_width))
    except ValidationError as error:
        raise InvalidInput.at(own.field, "has a matrix that is too large to be one") from error
    kind = "audio" if tower.key == "audio_config" else "vision"
    return validated(EncoderSpec, read | {"kind": kind}, own.field)


def _shared(tower: Tower, given: Mapping[str, Any]) -> Mapping[str, Any]:
    if tower.read is not towers.llava:
        return tower.shared
    return _LLAVA_TOWERS.get(str(given.get("model_type")), {})
