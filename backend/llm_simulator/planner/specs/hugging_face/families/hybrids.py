"""Hybrids: layers with a state of constant size, alone or between layers with attention."""

from collections.abc import Mapping

from llm_simulator.planner.specs.hugging_face.architecture import (
    NO_BIAS,
    TIED,
    UNTIED,
    Architecture,
)
from llm_simulator.planner.specs.hugging_face.attention_heads import (
    heads,
    heads_as_wide_as,
    latent_heads,
)
from llm_simulator.planner.specs.hugging_face.body import body, feed_forward
from llm_simulator.planner.specs.hugging_face.experts import (
    experts_after_dense_layers,
    experts_everywhere,
)
from llm_simulator.planner.specs.hugging_face.lfm2 import (
    adjusted_width,
    experts_behind_dense_layers,
    short_convolutions,
)
from llm_simulator.planner.specs.hugging_face.nemotron_nas import searched_layers
from llm_simulator.planner.specs.hugging_face.state_layers import (
    granite_experts,
    jamba_experts,
    kimi_delta,
    lightning,
    mamba1_alone,
    mamba1_between_attention,
    mamba2_alone,
    mamba2_beside_attention,
    mamba2_between_attention,
    nemotron_layers,
)

_LIGHTNING = Architecture(readers=(body, lightning, experts_everywhere), optional=NO_BIAS | UNTIED)
_LFM_2_NAMES = {"tie_embedding": "tie_word_embeddings"}

HYBRIDS: Mapping[str, Architecture] = {
    "bamba": Architecture(
        readers=(body, heads_as_wide_as(128), feed_forward, mamba2_between_attention),
        optional=NO_BIAS | UNTIED,
    ),
    "falcon_h1": Architecture(
        readers=(body, heads, feed_forward, mamba2_beside_attention), optional=NO_BIAS
    ),
    "granitemoehybrid": Architecture(
        readers=(body, heads_as_wide_as(64, 128), granite_experts, mamba2_between_attention),
        renamed={"layers_block_type": "layer_types", "num_local_experts": "num_experts"},
        optional=NO_BIAS,
    ),
    "jamba": Architecture(
        readers=(body, heads_as_wide_as(80, 128), jamba_experts, mamba1_between_attention),
        optional=NO_BIAS,
    ),
    "kimi_linear": Architecture(
        readers=(body, latent_heads, experts_after_dense_layers, kimi_delta),
        renamed={
            "num_experts_per_token": "num_experts_per_tok",
            "num_shared_experts": "n_shared_experts",
        },
        optional=NO_BIAS | {"moe_layer_freq": 1, "q_lora_rank": None},
    ),
    "lfm2": Architecture(
        readers=(body, heads_as_wide_as(64, 128), short_convolutions, adjusted_width),
        fixed={"qk_norm": True},
        renamed=_LFM_2_NAMES | {"block_ff_dim": "intermediate_size"},
        optional=NO_BIAS | TIED,
    ),
    "lfm2_moe": Architecture(
        readers=(body, heads_as_wide_as(64, 128), short_convolutions, experts_behind_dense_layers),
        fixed={"qk_norm": True},
        renamed=_LFM_2_NAMES,
        optional=NO_BIAS | TIED,
    ),
    "falcon_mamba": Architecture(readers=(body, mamba1_alone)),
    "mamba": Architecture(readers=(body, mamba1_alone), optional=TIED),
    "mamba2": Architecture(readers=(body, mamba2_alone)),
    "minimax": _LIGHTNING,
    "minimax_m1": _LIGHTNING,
    "minimax_text_01": _LIGHTNING,
    "nemotron-nas": Architecture(readers=(body, searched_layers), optional=NO_BIAS | UNTIED),
    "nemotron_h": Architecture(
        readers=(body, heads, nemotron_layers),
        renamed={"attention_head_dim": "head_dim"},
        optional=NO_BIAS,
    ),
}
"""By ``model_type``."""
