"""Attention over a window and over compressed context (DeepSeek V4): dimensions and weights.

One key, which is the value too, serves all query heads. Some layers keep one entry of every few
tokens and pick of them by an indexer (compressed sparse attention, CSA), others keep one of very
many and attend to all (heavily compressed, HCA). References: DeepSeek-V4 technical report, section
2.3; the configuration class in the transformers library.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from llm_simulator.planner.specs.model import ModelSpec, SparseAttention, sparse_attention
from llm_simulator.units import Count

OVERLAP = 2
"""Streams that a CSA compressor mixes: those of its tokens and of the tokens before them."""


@dataclass(frozen=True)
class CompressedLayers:
    """Layers that keep one entry of every ``rate`` tokens."""

    rate: int
    share: float
    """Of all layers."""
    streams: int
    indexer: SparseAttention | None
    """What picks entries; None where all are attended to."""

    def compressor_columns(self, width: int) -> int:
        """Columns of the product that makes entries ``width`` wide: values and their weights."""
        return 2 * self.streams * width


def compressed_layers(model: ModelSpec) -> Iterator[CompressedLayers]:
    """The kinds of compressed layers that a model has."""
    layers = model.num_hidden_layers
    if model.num_csa_layers:
        yield CompressedLayers(
            rate=model.compress_rate_csa or 1,
            share=model.num_csa_layers / layers,
            streams=OVERLAP,
            indexer=sparse_attention(model),
        )
    if model.num_hca_layers:
        yield CompressedLayers(
            rate=model.compress_rate_hca or 1,
            share=model.num_hca_layers / layers,
            streams=1,
            indexer=None,
        )


def query_latent(model: ModelSpec) -> int:
    """Width that queries are projected from."""
    return model.q_lora_rank or model.hidden_size


def output_groups(model: ModelSpec) -> tuple[int, int]:
    """Groups of heads in the output projection, and the width each is projected to."""
    return model.o_groups or 1, model.o_lora_rank or model.hidden_size


def compressed_attention_weights(model: ModelSpec, tp: Count = 1) -> Count:
    """Projections of one layer, a mean over its kinds; the key and compressors on every rank."""
    hidden, width = model.hidden_size, model.head_dim
    queries = model.num_attention_heads * width / tp
    groups, rank = output_groups(model)
    latent = query_latent(model)
    output = queries * rank + hidden * groups * rank / tp
    weights = latent * (hidden + queries) + hidden * width + output
    for kind in compressed_layers(model):
        made = hidden * kind.compressor_columns(width)
        if kind.indexer is not None:
            columns = kind.compressor_columns(kind.indexer.index_head_dim)
            made += latent * kind.indexer.width
            made += hidden * (kind.indexer.index_n_heads + columns)
        weights = weights + kind.share * made
    return weights
