"""DeepSeek sparse attention: the lightning indexer."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def sparse_attention(config: Config) -> dict[str, Any]:
    """Nothing beyond the fields of the same name; raises where a layer has no indexer."""
    if config.get("index_topk") is None:
        raise config.refusal("index_topk", f"is missing ({config.model_type} has sparse attention)")
    if config.get("index_topk_freq", 1) != 1 or "shared" in config.listed("indexer_types"):
        raise config.refusal("index_topk_freq", "layers that share one indexer are not costed yet")
    return {}
