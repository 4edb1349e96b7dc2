"""Layers with a state: which of a hybrid's layers have one, and its dimensions."""

from collections.abc import Mapping
from typing import Any

from llm_simulator.planner.specs.config_fields import NEMOTRON_LETTERS
from llm_simulator.planner.specs.hugging_face.attention_heads import heads
from llm_simulator.planner.specs.hugging_face.config import Config
from llm_simulator.planner.specs.hugging_face.experts import routed_experts
from llm_simulator.planner.specs.hugging_face.mixture_places import mixture_places

MAMBA_2 = {
    "heads": "mamba_n_heads",
    "head_dim": "mamba_d_head",
    "groups": "mamba_n_groups",
    "state": "mamba_d_state",
    "kernel": "mamba_d_conv",
}
"""Keys of Mamba-2's dimensions in Bamba, Falcon-H1 and Granite 4."""
KIMI_K3_ALONE = ("attn_res_block_size", "latent_moe_use_norm", "activation_situ_beta")
"""Keys of no size that mark a Kimi K3 among configs of Kimi Linear's type."""
_OF_MIXTURES = (
    "num_experts",
    "num_experts_per_tok",
    "moe_intermediate_size",
    "moe_shared_expert_intermediate_size",
    "n_shared_experts",
)
"""What the class states of Nemotron-H's mixtures where no layer is one."""
NEMOTRON_MAMBA = {
    "heads": "mamba_num_heads",
    "head_dim": "mamba_head_dim",
    "groups": "n_groups",
    "state": "ssm_state_size",
    "kernel": "conv_kernel",
}


def mamba2(config: Config, keys: Mapping[str, str], layers: int) -> dict[str, Any]:
    """Dimensions of ``layers`` layers of Mamba-2, which ``mamba_expand`` has to agree with."""
    width = config.count(keys["heads"]) * config.count(keys["head_dim"])
    expected = width
    config.pass_over("mamba_expand", "expand", "time_step_rank")
    if config.states("mamba_d_ssm"):
        expected = config.count("mamba_d_ssm")
    elif config.states("mamba_expand"):
        expected = config.count("mamba_expand") * config.count("hidden_size")
    if expected != width:
        raise config.refusal(
            keys["heads"], f"times {keys['head_dim']} is {width}, not the inner width {expected}"
        )
    return {
        "num_linear_attention_layers": layers,
        "linear_attention_kind": "mamba2",
        "linear_num_key_heads": config.count(keys["groups"]),
        "linear_key_head_dim": config.count(keys["state"]),
        "linear_num_value_heads": config.count(keys["heads"]),
        "linear_value_head_dim": config.count(keys["head_dim"]),
        "linear_conv_kernel_dim": config.count(keys["kernel"]),
    }


def mamba2_between_attention(config: Config) -> dict[str, Any]:
    """Bamba's and Granite 4's: each layer has one of both, by a list."""
    kinds = config.per_layer("layer_types", ("mamba", "attention"))
    if kinds is None:
        indices = config.listed("attn_layer_indices")
        layers = config.count("num_hidden_layers")
        if not indices or not all(isinstance(i, int) and 0 <= i < layers for i in indices):
            raise config.refusal("attn_layer_indices", "must name the layers with attention")
        kinds = ["attention" if i in indices else "mamba" for i in range(layers)]
    return mamba2(config, MAMBA_2, kinds.count("mamba"))


def mamba2_beside_attention(config: Config) -> dict[str, Any]:
    """Falcon-H1's: every layer has both."""
    layers = config.count("num_hidden_layers")
    return mamba2(config, MAMBA_2, layers) | {"num_attention_layers": layers}


def mamba1_between_attention(config: Config) -> dict[str, Any]:
    """Jamba's: one layer of a period has attention, one of another period experts."""
    layers, period = config.count("num_hidden_layers"), config.count("attn_layer_period")
    attention = len(range(_offset(config, "attn_layer_offset", period), layers, period))
    inner = config.count("mamba_expand") * config.count("hidden_size")
    return {
        "num_linear_attention_layers": layers - attention,
        "linear_attention_kind": "mamba1",
        "linear_num_key_heads": 1,
        "linear_key_head_dim": config.count("mamba_d_state"),
        "linear_num_value_heads": inner,
        "linear_value_head_dim": 1,
        "linear_conv_kernel_dim": config.count("mamba_d_conv"),
        "linear_low_rank": config.count("mamba_dt_rank"),
    }


def jamba_experts(config: Config) -> dict[str, Any]:
    """Mixtures at a period; experts are as wide as the dense layers."""
    layers, period = config.count("num_hidden_layers"), config.count("expert_layer_period")
    offset = _offset(config, "expert_layer_offset", period)
    width = config.count("intermediate_size")
    return {
        "intermediate_size": width,
        "num_experts": config.count("num_experts"),
        "num_experts_per_tok": config.count("num_experts_per_tok"),
        "moe_intermediate_size": width,
        **mixture_places([layer % period == offset for layer in range(layers)]),
    }


def _offset(config: Config, name: str, period: int) -> int:
    value = config.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < period:
        raise config.refusal(name, f"must be a whole number below {period}")
    return value


def nemotron_layers(config: Config) -> dict[str, Any]:
    """Nemotron-H's: each layer is one of Mamba-2, attention, a dense part or a mixture."""
    kinds = _nemotron_kinds(config)
    read = mamba2(config, NEMOTRON_MAMBA, kinds.count("mamba"))
    dense, mixtures = kinds.count("mlp"), kinds.count("moe")
    config.pass_over("intermediate_size")
    read |= {
        "num_hidden_layers": len(kinds),
        "num_attention_layers": kinds.count("attention"),
        "num_feed_forward_layers": dense + mixtures,
        "mlp_gated": False,
        "intermediate_size": config.count("intermediate_size") if dense else 0,
    }
    if not mixtures:
        config.pass_over(*_OF_MIXTURES)
        return read
    shared = config.count("moe_shared_expert_intermediate_size")
    latent = config.get("moe_latent_size")
    return (
        read
        | routed_experts(config)
        | {
            "shared_expert_intermediate_size": shared * config.count("n_shared_experts"),
            "first_k_dense_replace": dense,
            "moe_latent_size": config.count("moe_latent_size") if latent is not None else None,
        }
    )


def _nemotron_kinds(config: Config) -> list[str]:
    pattern = config.get("hybrid_override_pattern")
    config.pass_over("layers_block_type")
    if pattern is None:
        kinds = config.listed("layers_block_type")
        unknown = [kind for kind in kinds if kind not in NEMOTRON_LETTERS.values()]
        if not kinds or unknown:
            raise config.refusal(
                "hybrid_override_pattern",
                f"is missing: one of {' '.join(NEMOTRON_LETTERS)} per layer",
            )
        return [str(kind) for kind in kinds]
    if not isinstance(pattern, str) or not pattern or set(pattern) - set(NEMOTRON_LETTERS):
        raise config.refusal(
            "hybrid_override_pattern", f"must have one of {' '.join(NEMOTRON_LETTERS)} per layer"
        )
    stated = config.count("num_hidden_layers", derived=len(pattern))
    if stated != len(pattern):
        raise config.refusal(
            "hybrid_override_pattern", f"names {len(pattern)} layers of num_hidden_layers {stated}"
        )
    return [NEMOTRON_LETTERS[letter] for letter in pattern]


def mamba2_alone(config: Config) -> dict[str, Any]:
    """Mamba-2's: nothing but layers with a state; its heads are what tensor ranks divide."""
    layers, count = config.count("num_hidden_layers"), config.count("num_heads")
    keys = {
        "heads": "num_heads",
        "head_dim": "head_dim",
        "groups": "n_groups",
        "state": "state_size",
        "kernel": "conv_kernel",
    }
    expand = config.count("expand") * config.count("hidden_size")
    if expand != count * config.count("head_dim"):
        raise config.refusal("num_heads", f"times head_dim is not expand times width, {expand}")
    return mamba2(config, keys, layers) | {
        "num_attention_layers": 0,
        "num_feed_forward_layers": 0,
        "num_attention_heads": count,
        "num_key_value_heads": count,
        "head_dim": config.count("head_dim"),
    }


def mamba1_alone(config: Config) -> dict[str, Any]:
    """Mamba's: nothing but layers with a state; its channels are what tensor ranks divide."""
    layers, inner = config.count("num_hidden_layers"), _expanded(config)
    return {
        "num_linear_attention_layers": layers,
        "linear_attention_kind": "mamba1",
        "linear_num_key_heads": 1,
        "linear_key_head_dim": config.count("state_size"),
        "linear_num_value_heads": inner,
        "linear_value_head_dim": 1,
        "linear_conv_kernel_dim": config.count("conv_kernel"),
        "linear_low_rank": config.count("time_step_rank"),
        "num_attention_layers": 0,
        "num_feed_forward_layers": 0,
        "num_attention_heads": inner,
        "num_key_value_heads": inner,
        "head_dim": 1,
    }


def _expanded(config: Config) -> int:
    """The inner width, which has to be what the configuration class makes it."""
    inner = config.count("expand") * config.count("hidden_size")
    if config.count("intermediate_size", derived=inner) != inner:
        raise config.refusal("intermediate_size", f"is not expand times width, {inner}")
    return inner


def kimi_delta(config: Config) -> dict[str, Any]:
    """Kimi Linear's: layers of its delta attention between those with a latent."""
    name = "linear_attn_config"
    given = config.get(name)
    if not isinstance(given, Mapping):
        raise config.refusal(name, "is missing: heads and layers of Kimi delta attention")
    inner = config.part(name)
    config.pass_over("layer_types", "linear_num_heads", "linear_head_dim", "linear_conv_kernel_dim")
    layers = config.count("num_hidden_layers")
    places = [*inner.listed("kda_layers"), *inner.listed("full_attn_layers")]
    if sorted(map(str, places)) != sorted(map(str, range(1, layers + 1))):
        raise inner.refusal("kda_layers", f"and full_attn_layers don't name layers 1 to {layers}")
    width, count = inner.count("head_dim"), inner.count("num_heads")
    return {
        "num_linear_attention_layers": len(inner.listed("kda_layers")),
        "linear_attention_kind": "kimi_delta",
        "linear_num_key_heads": count,
        "linear_key_head_dim": width,
        "linear_num_value_heads": count,
        "linear_value_head_dim": width,
        "linear_conv_kernel_dim": inner.count("short_conv_kernel_size"),
        "linear_low_rank": width,
        **_of_kimi_k3(config, inner),
    }


def _of_kimi_k3(config: Config, inner: Config) -> dict[str, Any]:
    """What Kimi K3 has beyond Kimi Linear: narrower experts and wide gates; it states all of it.

    Source: config.json and weights of moonshotai/Kimi-K3; SGLang 0.5.23, models/kimi_k3.py.
    """
    marks = ("routed_expert_hidden_size", "mla_use_output_gate", *KIMI_K3_ALONE)
    if not any(config.states(name) for name in marks) and not inner.states("use_full_rank_gate"):
        return {}
    return {
        "moe_latent_size": config.count("routed_expert_hidden_size"),
        "q_lora_rank": config.count("q_lora_rank"),
        "attn_output_gate": config.flag("mla_use_output_gate"),
        "linear_full_rank_gate": inner.flag("use_full_rank_gate"),
    }


def softmax_throughout(config: Config) -> dict[str, Any]:
    """Nothing; raises where a list names layers with lightning attention (MiniMax M2 has none)."""
    config.pass_over("mlp_intermediate_size")
    if any(mark != 1 for mark in config.listed("attn_type_list")):
        raise config.refusal("attn_type_list", "must be 1 for every layer, as in published models")
    return {}


def lightning(config: Config) -> dict[str, Any]:
    """MiniMax-01's and M1's: lightning attention in all layers but some, by a list."""
    kinds = config.per_layer("layer_types", ("linear_attention", "full_attention"))
    if kinds is None:
        marks = config.listed("attn_type_list")
        if len(marks) != config.count("num_hidden_layers") or set(map(str, marks)) - {"0", "1"}:
            raise config.refusal("attn_type_list", "must have a 0 (lightning) or 1 for every layer")
        kinds = ["full_attention" if mark else "linear_attention" for mark in marks]
    read = heads(config)
    count, width = read["num_attention_heads"], read["head_dim"]
    return read | {
        "num_linear_attention_layers": kinds.count("linear_attention"),
        "linear_attention_kind": "lightning",
        "linear_num_key_heads": count,
        "linear_key_head_dim": width,
        "linear_num_value_heads": count,
        "linear_value_head_dim": width,
        "linear_conv_kernel_dim": 1,
    }


def granite_experts(config: Config) -> dict[str, Any]:
    """Granite 4's: experts beside a shared one, or that one alone as a dense part."""
    shared = config.count("shared_intermediate_size")
    experts = config.get("num_experts")
    if isinstance(experts, bool) or not isinstance(experts, int) or experts < 0:
        raise config.refusal("num_local_experts", "must be a whole number, 0 where there are none")
    if experts == 0:
        if config.get("num_experts_per_tok"):
            raise config.refusal("num_local_experts", "is 0, but num_experts_per_tok is given")
        return {"intermediate_size": shared}
    return {
        "num_experts": experts,
        "num_experts_per_tok": config.count("num_experts_per_tok"),
        "moe_intermediate_size": config.count("intermediate_size"),
        "shared_expert_intermediate_size": shared,
        "intermediate_size": 0,
    }
