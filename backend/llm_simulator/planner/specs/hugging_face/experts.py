"""Mixtures of experts: how many, how wide, in which layers."""

from typing import Any

from llm_simulator.planner.specs.hugging_face.config import Config

_COUNT_NAMES = ("num_experts", "num_local_experts", "n_routed_experts")
_PLAIN_PLACES = (("mlp_only_layers", []), ("decoder_sparse_step", 1), ("moe_layer_freq", 1))


def experts(config: Config) -> dict[str, Any]:
    """The routed experts of the mixture layers; empty for a dense model."""
    for name, plain in _PLAIN_PLACES:
        if config.get(name, plain) not in (plain, None):
            raise config.refusal(
                name,
                f"mixture layers at a spacing are not costed yet (only {name} = {plain}); "
                "give Tier6's own fields with first_k_dense_replace instead",
            )
    counts = [config.get(name) for name in _COUNT_NAMES if config.get(name)]
    if not counts:
        return {}
    width = config.get("moe_intermediate_size") or config.get("intermediate_size")
    read: dict[str, Any] = {"num_experts": counts[0], "moe_intermediate_size": width}
    if config.get("experts_per_token") and not config.get("num_experts_per_tok"):
        read |= {"num_experts_per_tok": config.get("experts_per_token")}
    return read


def experts_everywhere(config: Config) -> dict[str, Any]:
    """Experts of an architecture without dense layers.

    Its configs call the width of an expert ``intermediate_size``, or leave an unused one in.
    """
    read = experts(config)
    return read | {"intermediate_size": 0} if read else {}
