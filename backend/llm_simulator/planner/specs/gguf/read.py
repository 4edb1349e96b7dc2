"""The walk from a GGUF file's metadata and tensors to a ModelSpec."""

from collections.abc import Mapping, Sequence
from typing import Any

from llm_simulator.errors import InvalidInput
from llm_simulator.planner.specs.dtypes import Dtype
from llm_simulator.planner.specs.gguf.metadata import Metadata, config_of, predicting_layers
from llm_simulator.planner.specs.gguf.tensors import EMBEDDING, HEAD, Tensor, stored_as, tallies
from llm_simulator.planner.specs.hugging_face import model_from_config
from llm_simulator.planner.specs.model import ModelSpec
from llm_simulator.planner.specs.modules import Module
from llm_simulator.planner.specs.parameters import parameter_count
from llm_simulator.planner.specs.quantization.published import format_fields, mean_format
from llm_simulator.units import GIGA

TOLERANCE = 0.001
"""Share of the weights that biases and the like may make up, which are not all counted."""
_BIASES = ("blk.0.attn_q.bias", "blk.0.attn_qkv.bias")
_ROTARY = ("rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight")


def model_from_gguf(
    metadata: Mapping[str, Any], tensors: Sequence[Tensor], field: str = "model"
) -> ModelSpec:
    """The ModelSpec of a GGUF file, each module in the mean format of its tensors, and the token
    embedding in its own.

    Raises InvalidInput for an architecture or a type that can't be costed, and where the tensors
    hold other weights than a model of the metadata's sizes has.
    """
    read = Metadata(metadata, field)
    config = config_of(read)
    left_out = predicting_layers(read)
    kept = [each for each in tensors if each.layer not in left_out and each.name not in _ROTARY]
    named = {each.name: each for each in kept}
    if EMBEDDING not in named:
        raise InvalidInput.at(field, f"the GGUF file has no {EMBEDDING}: it is no language model")
    config |= {
        "name": str(metadata.get("general.name") or read.architecture),
        "vocab_size": named[EMBEDDING].shape[-1],
        "tie_word_embeddings": HEAD not in named,
        "use_qk_norm": "blk.0.attn_q_norm.weight" in named,
        "attention_bias": not named.keys().isdisjoint(_BIASES),
    }
    model = model_from_config(config, field)
    _check(model, read, kept)
    embedding, head = named[EMBEDDING], named.get(HEAD, named[EMBEDDING])
    found = {module: mean_format(tally) for module, tally in tallies(kept, field).items()}
    formats = found | {Module.HEAD: stored_as(head, field)}
    stored = stored_as(embedding, field)
    in_bf16 = stored.dtype is Dtype.BF16
    beside = {"embedding_bytes": None if in_bf16 else stored.weight_bytes, "notes": ()}
    return model.model_copy(update=format_fields(model, formats) | beside)


def _check(model: ModelSpec, read: Metadata, tensors: Sequence[Tensor]) -> None:
    """Raises InvalidInput where something in the file was not understood."""
    held, expected = sum(each.weights for each in tensors), parameter_count(model)
    if abs(expected / held - 1) > TOLERANCE:
        raise InvalidInput.at(
            read.field,
            f"the GGUF file's tensors hold {held / GIGA:.4g} billion weights, but "
            f"'{read.architecture}' of its sizes has {expected / GIGA:.4g}; give the config.json "
            "of the model it was made from, and inference.weight_dtype",
        )
    if read.get("attention.sliding_window") and not model.num_sliding_window_layers:
        raise read.refusal("attention.sliding_window", "has no place in that architecture")
