"""MiniMax M3: grouped-query attention to blocks that an indexer picks, and mixtures."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.mixture_places import mixture_places

_NESTED = {
    "sparse_num_index_heads": "index_n_heads",
    "sparse_index_dim": "index_head_dim",
    "sparse_block_size": "index_block_size",
    "sparse_topk_blocks": "index_topk_blocks",
}
"""Keys of ``sparse_attention_config``, and what the transformers library calls them."""
_KINDS = ("full_attention", "minimax_m3_sparse")


def picked_blocks(config: Config) -> dict[str, Any]:
    """The indexer's dimensions, and how many layers have one."""
    inner = config.part("sparse_attention_config")
    own = config.over({ours: inner.get(name) for name, ours in _NESTED.items() if inner.has(name)})
    kinds = config.per_layer("layer_types", _KINDS)
    if kinds is None:
        inner = inner.over({"num_hidden_layers": config.get("num_hidden_layers")})
        marks = inner.per_layer("sparse_attention_freq", (0, 1))
        if marks is None:
            raise inner.refusal("sparse_attention_freq", "is missing: 1 marks a sparse layer")
        kinds = [_KINDS[mark] for mark in marks]
    sparse = kinds.count("minimax_m3_sparse")
    if not sparse:
        return {}
    block = own.count("index_block_size")
    return {
        "index_topk": block * own.count("index_topk_blocks"),
        "index_n_heads": own.count("index_n_heads"),
        "index_head_dim": own.count("index_head_dim"),
        "index_block_size": block,
        "num_indexer_layers": sparse,
    }


def minimax_m3_experts(config: Config) -> dict[str, Any]:
    """Mixtures with one shared expert of a width of its own, in the layers that are listed."""
    kinds = config.per_layer("mlp_layer_types", ("dense", "sparse"))
    marks = config.per_layer("moe_layer_freq", (0, 1))
    if kinds is not None:
        marks = [kind == "sparse" for kind in kinds]
    if marks is None:
        raise config.refusal("moe_layer_freq", "is missing: 1 marks a mixture layer")
    return {
        "num_experts": config.count("num_experts"),
        "num_experts_per_tok": config.count("num_experts_per_tok"),
        "moe_intermediate_size": config.count("intermediate_size"),
        "shared_expert_intermediate_size": config.count("shared_intermediate_size"),
        "intermediate_size": config.count("dense_intermediate_size"),
        **mixture_places([bool(mark) for mark in marks]),
    }
