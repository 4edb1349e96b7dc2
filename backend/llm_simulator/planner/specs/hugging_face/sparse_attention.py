"""DeepSeek sparse attention: the lightning indexer."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def sparse_attention(config: Config) -> dict[str, Any]:
    """The indexer's dimensions; raises where layers share one."""
    if config.get("index_topk_freq", 1) != 1 or "shared" in config.listed("indexer_types"):
        raise config.refusal("index_topk_freq", "layers that share one indexer are not costed yet")
    names = ("index_topk", "index_n_heads", "index_head_dim")
    return {name: config.count(name) for name in names}
