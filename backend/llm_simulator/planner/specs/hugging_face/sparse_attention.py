"""DeepSeek sparse attention: the lightning indexer, of each layer or shared by some."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def sparse_attention(config: Config) -> dict[str, Any]:
    """The indexer's dimensions, and how many layers have one of their own."""
    names = ("index_topk", "index_n_heads", "index_head_dim")
    config.per_layer("layer_types", ("indexed_attention", "deepseek_sparse_attention"))
    layers, own = config.count("num_hidden_layers"), _own_indexers(config)
    shared = {"num_indexer_layers": own} if own < layers else {}
    return {name: config.count(name) for name in names} | shared


def _own_indexers(config: Config) -> int:
    """Layers that are not told to take over another's choice (GLM-5.2)."""
    kinds = config.per_layer("indexer_types", ("full", "shared"))
    layers, every = config.count("num_hidden_layers"), config.count("index_topk_freq")
    if config.states("index_topk_pattern"):
        raise config.refusal("index_topk_pattern", "is not read; give indexer_types instead")
    first = config.count("index_skip_topk_offset")
    own = sum(max(layer - first + 1, 0) % every == 0 for layer in range(layers))
    if kinds is not None and kinds.count("full") != own:
        raise config.refusal(
            "indexer_types",
            f"has {kinds.count('full')} full layers, but index_topk_freq and "
            f"index_skip_topk_offset make {own}",
        )
    return own
