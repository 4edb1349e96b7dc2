"""From a scheme over names to the formats of a model's modules."""

from collections.abc import Hashable, Mapping
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.config_fields import NEMOTRON_LETTERS, listed, nested
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.modules import Module, WeightFormat
from llm_simulator.planner.specs.quantization.asked import Asked
from llm_simulator.planner.specs.quantization.dialects import scheme_of
from llm_simulator.planner.specs.quantization.names import (
    HEAD_NAMES,
    known_names,
    matrices,
    modules_by_layer,
)
from llm_simulator.planner.specs.quantization.scheme import Scheme
from llm_simulator.planner.specs.quantization.unread import notes_of_unread_formats

Tally = dict[WeightFormat, float]


def with_published_formats(model: ModelSpec, config: Mapping[str, Any], field: str) -> ModelSpec:
    """``model`` with the formats that its ``config.json`` states, bf16 where it states none.

    Raises InvalidInput for a format, or for a name in an exclusion list, that isn't understood.
    """
    key = next((k for k in ("quantization_config", "compression_config") if config.get(k)), None)
    if key is None:
        return model
    at = f"{field}.{key}"
    stated = Asked(nested(config, key, field), at)
    scheme = scheme_of(stated, at)
    notes = notes_of_unread_formats(stated)
    _refuse_unknown_names(scheme, model, at)
    tallies = _tallies(model, scheme, _layer_kinds(model, config, field), at)
    formats = {module: mean_format(tally) for module, tally in tallies.items()}
    return model.model_copy(
        update=format_fields(model, formats)
        | {"kv_cache_dtype": scheme.kv_cache, "notes": (*model.notes, *notes)}
    )


def _layer_kinds(model: ModelSpec, config: Mapping[str, Any], field: str) -> list[str] | None:
    """What each layer is, as the config's keys have it; None where they don't list it."""
    pattern = config.get("hybrid_override_pattern")
    listing = listed(config, "layer_types", field) or listed(config, "layers_block_type", field)
    if isinstance(pattern, str):
        kinds = [NEMOTRON_LETTERS.get(letter, letter) for letter in pattern]
    elif listing:
        kinds = [str(kind) for kind in listing]
    elif isinstance(interval := config.get("full_attention_interval"), int):
        layers = range(1, model.num_hidden_layers + 1)
        kinds = ["full_attention" if i % interval == 0 else "linear_attention" for i in layers]
    else:
        return None
    return kinds if len(kinds) == model.num_hidden_layers else None


def _tallies(
    model: ModelSpec, scheme: Scheme, kinds: list[str] | None, at: str
) -> Mapping[Module, Tally]:
    """How many weights of each module are stored in which format; layers alike are read once."""
    alike: dict[Hashable, list[int]] = {}
    by_layer = modules_by_layer(model, kinds)
    for layer, modules in enumerate(by_layer):
        alike.setdefault((modules, scheme.in_layer(layer)), []).append(layer)
    mixers = model.num_softmax_layers + model.num_linear_attention_layers
    if kinds is None and model.num_linear_attention_layers and mixers <= model.num_hidden_layers:
        _refuse_layers_told_apart(scheme, model, at)
    tallies: dict[Module, Tally] = {}
    for layers in alike.values():
        for part in matrices(model, layers[0], by_layer[layers[0]]):
            tally = tallies.setdefault(part.module, {})
            stored = scheme.stored(part.module, part.names)
            tally[stored] = tally.get(stored, 0.0) + part.size * len(layers)
    if not model.tie_word_embeddings:
        tallies[Module.HEAD] = {scheme.stored(Module.HEAD, HEAD_NAMES): 1.0}
    return tallies


def _refuse_layers_told_apart(scheme: Scheme, model: ModelSpec, at: str) -> None:
    """Raises InvalidInput where formats depend on the layer and nobody says which has a state."""
    if len({scheme.in_layer(layer) for layer in range(model.num_hidden_layers)}) > 1:
        raise InvalidInput.at(
            at,
            "names single layers, and the config does not list which of them have a state; add "
            "layer_types, or leave it out and give inference.weight_dtype",
        )


def mean_format(tally: Tally) -> WeightFormat:
    """The format of most weights of a module, with the mean bytes of all of them."""
    most = max(tally, key=lambda stored: tally[stored])
    if len(tally) == 1:
        return most
    total = sum(size * stored.weight_bytes for stored, size in tally.items())
    return most.model_copy(update={"bytes_per_weight": total / sum(tally.values())})


def format_fields(model: ModelSpec, formats: Mapping[Module, WeightFormat]) -> dict[str, Any]:
    """The formats as ModelSpec fields: one for all, one for experts, and the exceptions."""
    layers = {module: stored for module, stored in formats.items() if module is not Module.HEAD}
    others = {s.dtype for m, s in layers.items() if m is not Module.ROUTED_EXPERTS}
    bulk = layers.get(Module.ROUTED_EXPERTS) or next(iter(layers.values()))
    fields: dict[str, Any] = {
        "weight_dtype": bulk.dtype,
        "expert_weight_dtype": None,
        "weight_group_size": bulk.group_size,
        "module_formats": {},
    }
    if Module.ROUTED_EXPERTS in layers and others and bulk.dtype not in others and len(others) == 1:
        fields |= {"weight_dtype": others.pop(), "expert_weight_dtype": bulk.dtype}
    plain = model.model_copy(update=fields)
    exceptions = {
        module: stored
        for module, stored in formats.items()
        if not _alike(plain.published_format(module), stored)
    }
    return fields | {"module_formats": exceptions}


def _alike(one: WeightFormat, other: WeightFormat) -> bool:
    same = (one.dtype, one.activation_dtype) == (other.dtype, other.activation_dtype)
    return same and one.weight_bytes == other.weight_bytes


def _refuse_unknown_names(scheme: Scheme, model: ModelSpec, at: str) -> None:
    """Raises InvalidInput for a name that means nothing to us: it may exclude what counts."""
    for pattern in scheme.excluded.patterns:
        beyond = pattern.layer is not None and pattern.layer >= model.num_hidden_layers
        if pattern.needs_no_cost or beyond:
            continue
        if not any(map(pattern.matches, known_names(model, pattern.layer or 0))):
            raise InvalidInput.at(
                at,
                f"excludes '{pattern.text}', which is no module that Tier6 knows; leave "
                "quantization_config out and give inference.weight_dtype",
            )
