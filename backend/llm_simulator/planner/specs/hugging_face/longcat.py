"""LongCat-Flash: layers of two attentions and two dense parts, with one mixture beside them."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config


def longcat_layers(config: Config) -> dict[str, Any]:
    """Each layer as two: one with a dense part, one whose dense part is a mixture's shared expert.

    Zero experts compute nothing, so a token visits real ones by their share of all. Source:
    LongCat-Flash technical report, arXiv 2509.01322.
    """
    experts, chosen = config.count("num_experts"), config.count("num_experts_per_tok")
    width = config.count("intermediate_size")
    real = experts / (experts + config.count("zero_expert_num"))
    return {
        "num_hidden_layers": 2 * config.count("num_hidden_layers"),
        "interleave_moe_layer_step": 2,
        "num_experts": experts,
        "num_experts_per_tok": max(round(chosen * real), 1),
        "moe_intermediate_size": config.count("moe_intermediate_size"),
        "intermediate_size": width,
        "shared_expert_intermediate_size": width,
    }
