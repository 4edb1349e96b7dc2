"""The walk from a ``config.json`` to a ModelSpec: text part, architecture, its parts."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.hugging_face.architecture import Architecture
from llm_simulator.planner.specs.hugging_face.architectures import ARCHITECTURES
from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.encoders import (
    LANGUAGE_MODELS,
    TOWER_ALIASES,
    TOWERS,
    check_towers,
    encoders,
)
from llm_simulator.planner.specs.hugging_face.keys_of_no_size import SAID_AGAIN, has_no_size
from llm_simulator.planner.specs.hugging_face.mistral_params import (
    config_of_params,
    is_params_file,
)
from llm_simulator.planner.specs.hugging_face.not_served import (
    is_side_file,
    refuse_what_is_not_served,
)
from llm_simulator.planner.specs.hugging_face.refused import REFUSED, REFUSED_WHOLES, names_of
from llm_simulator.planner.specs.hugging_face.side_file import with_side_file
from llm_simulator.planner.specs.hugging_face.spellings import in_one_spelling, our_names
from llm_simulator.planner.specs.hugging_face.unread import (
    notes_of_unread,
    refuse_sizes,
    says_nothing,
    unread_keys,
)
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.parameters import parameter_count
from llm_simulator.planner.specs.quantization import with_published_formats
from llm_simulator.planner.specs.validation import validated
from llm_simulator.planner.specs.warning import EvaluationWarning

_TOWERS = ("vision_config", "audio_config")
_TEXT_PARTS = ("text_config", "llm_config")
_OF_THE_WHOLE = (
    "tie_word_embeddings",
    "quantization_config",
    "compression_config",
    "name",
    "_name_or_path",
)
"""What a multimodal config may state for its language model outside of ``text_config``."""
LARGEST_TIED_BILLIONS = 16.0
"""Above, only families whose class says so tie their embeddings (starcoder2-15b is the largest)."""
SIZE_TOLERANCE = 0.001
"""How near a size has to be to a published one: one wrong width may land within 0.3 %."""

UNSTATED_PREDICTION_LAYERS = {
    "glm4_moe": 1,
    "glm4_moe_lite": 1,
    "mimo_v2_flash": 3,
    "qwen3_next": 1,
}
"""Multi-token-prediction layers of families whose configs may not say it (SGLang 0.5.23,
configs/model_config.py; vLLM 0.33, config/speculative.py)."""


def is_hugging_face_config(data: Mapping[str, Any]) -> bool:
    """Whether ``data`` looks like a published file rather than our own fields."""
    named = "model_type" in data or "architectures" in data
    return named or is_params_file(data) or is_side_file(data)


def model_from_config(config: Mapping[str, Any], field: str = "model") -> ModelSpec:
    """The ModelSpec of a ``config.json``; raises InvalidInput for an architecture we can't cost."""
    if is_params_file(config):
        config = config_of_params(config, field)
    config = with_side_file(config, field)
    whole = Config(config, field)
    _refuse_by_name(config, field)
    check_towers(whole)
    text = _text_part(config, field)
    refuse_what_is_not_served(text, field)
    _refuse_by_name(text, field)
    architecture = _architecture(text, field)
    stated = in_one_spelling(text, architecture.renamed, field)
    filled = architecture.filled(stated, whole)
    read: dict[str, Any] = dict(architecture.fixed)
    for reader in architecture.readers:
        read |= reader(filled)
    read["num_nextn_predict_layers"] = _prediction_layers(filled)
    read["architecture"] = filled.model_type
    read["name"] = str(whole.get("name") or whole.get("_name_or_path") or whole.model_type)
    model = validated(ModelSpec, read, field)
    model = with_published_formats(model, _with_expert_format(filled.values), field)
    _check_what_the_class_filled_in(model, architecture, stated, field)
    towers = encoders(whole, model)
    return model.model_copy(
        update={
            "encoders": towers,
            "notes": (
                *_notes(filled),
                *model.notes,
                *_unread(whole, text, filled, architecture, model),
            ),
        }
    )


def _unread(
    whole: Config,
    text: Mapping[str, Any],
    filled: Config,
    architecture: Architecture,
    model: ModelSpec,
) -> tuple[EvaluationWarning, ...]:
    """A note of keys that nobody read; raises InvalidInput where one may change the size."""
    ours = our_names(architecture.renamed)
    fixed = (name for name, value in architecture.fixed.items() if text.get(name) == value)
    again = (name for name, ours in SAID_AGAIN.items() if text.get(name) == getattr(model, ours))
    filled.pass_over(*fixed, *again)
    inner = {key: value for key, value in text.items() if key not in _TOWERS}
    found = dict(unread_keys(inner, whole.asked, whole.field, ours))
    names = {place.removeprefix(f"{whole.field}.") for place in whole.asked}
    missing = [f"{whole.field}.{name}" for name in names if text.get(name) is None]
    refuse_sizes(found, missing, filled.model_type)
    if text is not whole.values:
        _refuse_another_value(whole, filled, ours)
    outer = {key: value for key, value in whole.values.items() if key not in _TEXT_PARTS}
    found |= unread_keys(outer, whole.asked, whole.field, {**ours, **TOWER_ALIASES})
    return notes_of_unread(found, whole.field)


def _refuse_another_value(whole: Config, filled: Config, ours: Mapping[str, str]) -> None:
    """Raises InvalidInput where a multimodal config says outside what its text part denies."""
    for name, value in whole.values.items():
        read = filled.values.get(ours.get(name, name))
        if name in _TEXT_PARTS or has_no_size(name) or says_nothing(value) or read is None:
            continue
        if read != value:
            raise whole.refusal(name, f"is {value!r}, but {read!r} in the language model's part")


def _prediction_layers(config: Config) -> int:
    """Multi-token-prediction layers published beside the network."""
    names = ("num_nextn_predict_layers", "mtp_num_hidden_layers")
    stated = (config.whole(name) for name in names if config.states(name))
    return next(stated, UNSTATED_PREDICTION_LAYERS.get(config.model_type, 0))


def _notes(config: Config) -> tuple[EvaluationWarning, ...]:
    """What was assumed although the config does not say it, and what is left out."""
    return (*_left_out(config), *_unquantised(config))


def _left_out(config: Config) -> tuple[EvaluationWarning, ...]:
    if not config.states("attn_res_block_size"):
        return ()
    return (
        EvaluationWarning.of(
            "residual_attention_untimed",
            "Attention over the residuals of earlier layers (attn_res_block_size) is not timed.",
        ),
    )


def _unquantised(config: Config) -> tuple[EvaluationWarning, ...]:
    if config.get("quantization_config") or config.get("compression_config"):
        return ()
    return (
        EvaluationWarning.of(
            "weights_assumed_bf16",
            "Weights are taken in bf16: the config.json names no quantisation. If there is a "
            "hf_quant_config.json beside it, add its content to the model as hf_quant_config.",
        ),
    )


def _text_part(config: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    """The language model of a multimodal config, with what only the whole states about it."""
    # InternVL's own code calls it llm_config.
    key = "text_config" if "text_config" in config else "llm_config"
    text = config.get(key)
    if not isinstance(text, Mapping):
        return config
    whole = {name: config[name] for name in _OF_THE_WHOLE if config.get(name) is not None}
    inner = {name: value for name, value in text.items() if value != ""}
    tied = inner.get("tie_word_embeddings")
    if None not in (tied, outer := whole.get("tie_word_embeddings")) and tied is not outer:
        raise InvalidInput.at(
            f"{field}.{key}.tie_word_embeddings", f"is {tied}, but {outer} outside of it"
        )
    stated = {name for name, value in inner.items() if value is not None}
    return inner | {name: value for name, value in whole.items() if name not in stated}


def _with_expert_format(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """``config`` with ``expert_dtype`` beside the other formats: DeepSeek V4 states it outside."""
    quantized = config.get("quantization_config")
    if config.get("expert_dtype") is None or not isinstance(quantized, Mapping):
        return config
    if quantized.get("quant_method") != "fp8":
        return config
    stated = {"expert_dtype": config["expert_dtype"], **quantized}
    return {**config, "quantization_config": stated}


def _architecture(config: Mapping[str, Any], field: str) -> Architecture:
    kind = str(config.get("model_type", ""))
    if kind not in ARCHITECTURES:
        raise InvalidInput.at(
            f"{field}.model_type",
            f"'{kind}' is not an architecture Tier6 can cost yet{_nearest(kind)}; give Tier6's own "
            "fields instead",
        )
    return ARCHITECTURES[kind]


def _refuse_by_name(config: Mapping[str, Any], field: str) -> None:
    """Raises InvalidInput for what is known to have a part that isn't costed."""
    kind, *classes = names_of(config)
    is_read = kind in ARCHITECTURES or kind in TOWERS
    for name in (kind, *(() if is_read else classes)):
        at = f"{field}.model_type" if name == kind else f"{field}.architectures"
        if name in REFUSED_WHOLES:
            part = next(filter(config.get, LANGUAGE_MODELS), "text_config, llm_config or the like")
            raise InvalidInput.at(
                at,
                f"'{name}' can't be costed yet: it has {REFUSED_WHOLES[name]}; hand over the "
                f"config of its language model alone ({part})",
            )
        if name in REFUSED:
            raise InvalidInput.at(
                at,
                f"'{name}' can't be costed yet: it has {REFUSED[name]}; give Tier6's own fields "
                "of a model that comes near instead",
            )


def _nearest(kind: str) -> str:
    """The known architectures that are spelled alike, as a part of a sentence."""
    near = get_close_matches(kind, ARCHITECTURES)
    return f" (it can: {', '.join(near)})" if near else ""


def _check_what_the_class_filled_in(
    model: ModelSpec, architecture: Architecture, stated: Mapping[str, Any], field: str
) -> None:
    """Raises InvalidInput where keys are missing and the whole is no published model."""
    missing = architecture.left_to_the_class(stated)
    billions = parameter_count(model) / 1e9
    published = any(abs(billions / size - 1) < SIZE_TOLERANCE for size in architecture.sizes)
    untied = missing == ["tie_word_embeddings"] and not model.tie_word_embeddings
    untied = untied and billions > LARGEST_TIED_BILLIONS
    if missing and not published and not untied:
        raise InvalidInput.at(
            f"{field}.{missing[0]}",
            f"is missing: with what the configuration class assumes for {', '.join(missing)} the "
            f"model has {billions:.3g} billion weights, which no published one has; state it",
        )
