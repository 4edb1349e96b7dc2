"""XVERSE: dense as Llama, or with a mixture in every layer."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.body import feed_forward
from llm_simulator.planner.specs.hugging_face.config import Config


def xverse_experts(config: Config) -> dict[str, Any]:
    """Routed and shared experts as wide as ``intermediate_size``, or a dense part of that width.

    References: SGLang 0.5.23, models/xverse.py and xverse_moe.py.
    """
    if not config.states("num_experts"):
        return feed_forward(config)
    return {
        "num_experts": config.count("num_experts"),
        "num_experts_per_tok": config.count("num_experts_per_tok"),
        "n_shared_experts": config.count("n_shared_experts"),
        "moe_intermediate_size": config.count("intermediate_size"),
        "intermediate_size": 0,
    }
