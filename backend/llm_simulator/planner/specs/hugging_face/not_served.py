"""Published files that look like a model's ``config.json`` and are none that can be served."""

from collections.abc import Mapping
from typing import Any, Never

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.hugging_face.refused import names_of

_DRAFT_HEADS = ("eagle", "medusa", "mlpspeculator", "mlp_speculator", "nextn", "hydra", "dflash")
# fmt: off
_ENCODERS = frozenset((
    "albert", "bert", "camembert", "chinese_clip", "clip", "clip_vision_model", "deberta",
    "deberta-v2", "dinov2", "dinov3_vit", "distilbert", "electra", "ernie", "esm", "hubert",
    "layoutlmv3", "longformer", "mobilebert", "modernbert", "mpnet", "nomic_bert", "roberta",
    "siglip", "siglip2", "siglip_vision_model", "swin", "vit", "wav2vec2", "xlm-roberta",
    "ErnieModel", "ErnieForSequenceClassification", "ErnieForTokenClassification",
    "PrithviGeoSpatialMAE",
))
_SPEECH = frozenset((
    "whisper", "moonshine", "speech_to_text", "speecht5", "seamless_m4t", "cohere_asr",
    "WhisperForConditionalGeneration", "CohereAsrForConditionalGeneration",
))
_ENCODER_DECODERS = frozenset((
    "bart", "blenderbot", "encoder-decoder", "led", "longt5", "m2m_100", "marian", "mbart", "mt5",
    "nllb-moe", "pegasus", "prophetnet", "switch_transformers", "t5", "t5gemma", "udop", "umt5",
    "vision-encoder-decoder", "DonutForConditionalGeneration",
    "NemotronParseForConditionalGeneration", "RadioMBartPrefixForCausalLM",
))
# fmt: on


def refuse_what_is_not_served(config: Mapping[str, Any], field: str) -> None:
    """Raises InvalidInput, one sentence with the way out, for what is no decoder to serve."""
    kind = str(config.get("model_type") or "")
    for name, sentence in _side_files(config):
        raise InvalidInput.at(f"{field}.{name}", sentence)
    if _is_draft_head(config, kind):
        name = "draft_vocab_size" if config.get("draft_vocab_size") else "architectures"
        raise InvalidInput.at(
            f"{field}.{name}",
            "marks a draft head of speculative decoding, not a model to serve; give its target "
            "model's config.json here, and the head under inference.speculation",
        )
    for name in names_of(config):
        _refuse_by_kind(name, field)
    if config.get("is_encoder_decoder") is True:
        _refuse_encoder_decoder(kind, field)
    if not kind:
        raise InvalidInput.at(
            f"{field}.model_type",
            "is missing: it names the architecture, which 'architectures' alone does not settle; "
            "add it as the published config.json states it, or the class in its "
            "configuration_*.py where only that does (MiniCPM-2B: minicpm)",
        )


def _refuse_by_kind(name: str, field: str) -> None:
    if name in _SPEECH:
        raise InvalidInput.at(
            f"{field}.model_type", f"'{name}' turns speech into text; Tier6 costs decoder-only LLMs"
        )
    if name in _ENCODER_DECODERS:
        _refuse_encoder_decoder(name, field)
    if name in _ENCODERS:
        raise InvalidInput.at(
            f"{field}.model_type",
            f"'{name}' is an encoder that generates no tokens; give a decoder-only LLM",
        )


def _refuse_encoder_decoder(name: str, field: str) -> Never:
    raise InvalidInput.at(
        f"{field}.model_type",
        f"'{name}' is an encoder-decoder; Tier6 costs decoder-only LLMs, give one of those",
    )


def is_side_file(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` is a file that lies beside a model's config.json."""
    return bool(_side_files(data))


def _side_files(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What ``config`` is a file of instead, by the key that shows it."""
    found = []
    if "peft_type" in config:
        base = config.get("base_model_name_or_path") or "the one it was trained on"
        found.append(
            (
                "peft_type",
                f"marks an adapter (LoRA): give the config.json of its base model, {base}",
            )
        )
    if "quantization" in config and "producer" in config and "hidden_size" not in config:
        found.append(
            (
                "quantization",
                "is a hf_quant_config.json, which only says the number formats; give the "
                "config.json beside it, with this under its key hf_quant_config",
            )
        )
    if "weight_map" in config:
        found.append(("weight_map", "is an index of weight files; give the config.json beside it"))
    return found


def _is_draft_head(config: Mapping[str, Any], kind: str) -> bool:
    names = config.get("architectures")
    shown = [kind, *(names if isinstance(names, list) else [])]
    if config.get("draft_vocab_size") or config.get("speculators_model_type"):
        return True
    return any(head in str(name).lower() for name in shown for head in _DRAFT_HEADS)
