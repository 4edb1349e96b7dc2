"""Gemma 3n: residual streams, inputs of each layer from a table, shared caches."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def matformer_width(config: Config) -> dict[str, Any]:
    """The width of the dense layers, stated once or for each of them."""
    widths = config.get("intermediate_size")
    if not isinstance(widths, list):
        return {"intermediate_size": config.count("intermediate_size")}
    layers, alike = config.count("num_hidden_layers"), len(set(map(str, widths))) == 1
    if len(widths) != layers or not alike:
        raise config.refusal(
            "intermediate_size", f"must be one width or the same for each of {layers} layers"
        )
    each = Config({"intermediate_size": widths[0]}, config.field)
    return {"intermediate_size": each.count("intermediate_size")}


def streams_and_layer_inputs(config: Config) -> dict[str, Any]:
    """AltUp's streams, the narrow path beside attention, and what a table adds to each layer.

    Source: Gemma3nTextModel of the transformers library; all but one stream are projected from the
    embedding, and back before the head.
    """
    streams = config.count("altup_num_inputs")
    return {
        "hc_mult": streams,
        "num_stream_projections": 2 * (streams - 1),
        "laurel_rank": config.count("laurel_rank"),
        "num_kv_shared_layers": config.count("num_kv_shared_layers"),
        "hidden_size_per_layer_input": config.count("hidden_size_per_layer_input"),
        "vocab_size_per_layer_input": config.count("vocab_size_per_layer_input"),
    }
