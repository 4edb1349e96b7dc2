"""Mixtures of experts outside of the DeepSeek, Llama and Qwen families."""

from collections.abc import Mapping
from dataclasses import replace

from llm_simulator.planner.specs.hugging_face.architecture import (
    MOSAIC_NAMES,
    NO_BIAS,
    TIED,
    UNTIED,
    Architecture,
)
from llm_simulator.planner.specs.hugging_face.arctic import arctic_experts
from llm_simulator.planner.specs.hugging_face.attention_heads import (
    heads,
    heads_as_wide_as,
    heads_share_hidden,
    latent_heads,
)
from llm_simulator.planner.specs.hugging_face.body import body
from llm_simulator.planner.specs.hugging_face.dbrx import dbrx_experts, dbrx_heads
from llm_simulator.planner.specs.hugging_face.deepseek_v4 import (
    compressed_heads,
    experts_everywhere_with_shared,
)
from llm_simulator.planner.specs.hugging_face.ernie import ernie_experts
from llm_simulator.planner.specs.hugging_face.experts import (
    experts_after,
    experts_after_dense_layers,
    experts_everywhere,
    experts_with_shared_ones,
)
from llm_simulator.planner.specs.hugging_face.gemma4 import (
    gemma4_effective,
    gemma4_feed_forward,
    gemma4_heads,
)
from llm_simulator.planner.specs.hugging_face.hunyuan import hunyuan_experts
from llm_simulator.planner.specs.hugging_face.longcat import longcat_layers
from llm_simulator.planner.specs.hugging_face.mimo import mimo_experts, mimo_heads
from llm_simulator.planner.specs.hugging_face.minimax_m3 import (
    minimax_m3_experts,
    picked_blocks,
)
from llm_simulator.planner.specs.hugging_face.state_layers import granite_experts
from llm_simulator.planner.specs.hugging_face.step import (
    factorised_queries,
    step_experts,
    step_heads,
)
from llm_simulator.planner.specs.hugging_face.windows import (
    full_attention_every,
    full_attention_every_and_last,
    window_in_every_layer,
    windows_as_listed,
)

_EACH_AFTER_DENSE = {"moe_layer_freq": 1}
_LING = Architecture(
    readers=(body, heads_as_wide_as(128), experts_with_shared_ones),
    renamed={"use_qkv_bias": "attention_bias"},
    optional=NO_BIAS | UNTIED,
)
_LATENT = Architecture(
    readers=(body, latent_heads, experts_after_dense_layers),
    optional=NO_BIAS | UNTIED | _EACH_AFTER_DENSE | {"num_key_value_heads": None},
)
_STEP_FLASH = Architecture(
    readers=(body, step_heads, step_experts),
    renamed={
        "num_attention_groups": "num_key_value_heads",
        "share_expert_dims": "share_expert_dim",
    },
    optional=NO_BIAS | UNTIED,
)
_MINIMAX_M3 = Architecture(
    readers=(body, heads, picked_blocks, minimax_m3_experts),
    fixed={"qk_norm": True},
    optional=NO_BIAS | UNTIED,
)

MIXTURES: Mapping[str, Architecture] = {
    "afmoe": Architecture(
        readers=(body, heads, experts_after_dense_layers, full_attention_every(4)),
        fixed={"qk_norm": True, "attn_output_gate": True},
        renamed={
            "num_dense_layers": "first_k_dense_replace",
            "global_attn_every_n_layers": "sliding_window_pattern",
        },
        optional=NO_BIAS | UNTIED | _EACH_AFTER_DENSE,
    ),
    "arctic": Architecture(
        readers=(body, heads_share_hidden, arctic_experts), optional=NO_BIAS | UNTIED
    ),
    "axk1": _LATENT,
    "beam": Architecture(
        readers=(body, heads, experts_after(3), full_attention_every_and_last(6)),
        fixed={"qk_norm": True, "attn_output_gate": True},
        optional=NO_BIAS | UNTIED | {"n_group": 8, "topk_group": 4},
    ),
    "bailing_moe": _LING,
    "bailing_moe_v2": replace(
        _LING,
        readers=(body, heads, experts_after_dense_layers),
        optional={**_LING.optional, **_EACH_AFTER_DENSE},
    ),
    "gemma4_text": Architecture(
        readers=(body, gemma4_heads, gemma4_feed_forward, gemma4_effective),
        fixed={"qk_norm": True},
        optional=NO_BIAS | TIED,
    ),
    "dbrx": Architecture(
        readers=(body, dbrx_heads, dbrx_experts),
        renamed=MOSAIC_NAMES,
        optional=UNTIED,
    ),
    "deepseek": Architecture(
        readers=(body, heads_share_hidden, experts_after_dense_layers),
        optional=NO_BIAS | UNTIED | _EACH_AFTER_DENSE,
    ),
    "deepseek_v4": Architecture(
        readers=(body, compressed_heads, experts_everywhere_with_shared),
        optional=NO_BIAS | UNTIED,
    ),
    "dots1": Architecture(
        readers=(body, heads_as_wide_as(128), experts_after_dense_layers),
        optional=NO_BIAS | UNTIED | _EACH_AFTER_DENSE,
    ),
    "ernie4_5_moe": Architecture(
        readers=(body, heads_as_wide_as(128), ernie_experts),
        renamed={"use_bias": "attention_bias"},
        optional={"moe_layer_interval": 1},
        defaults={"n_shared_experts": None},
        sizes=(299.2,),
    ),
    "exaone_moe": Architecture(
        readers=(body, heads_as_wide_as(128), experts_after_dense_layers, full_attention_every(4)),
        fixed={"qk_norm": True},
        renamed={"first_last_k_dense_replace": "first_k_dense_replace"},
        optional=NO_BIAS | UNTIED | _EACH_AFTER_DENSE,
    ),
    "flex_olmo": Architecture(
        readers=(body, heads_share_hidden, experts_everywhere),
        fixed={"qk_norm": True},
        optional=NO_BIAS | UNTIED,
    ),
    "glm4_moe_lite": _LATENT,
    "glm4v_moe_text": Architecture(
        readers=(body, heads, experts_after_dense_layers),
        optional=UNTIED | _EACH_AFTER_DENSE,
    ),
    "granitemoe": Architecture(
        readers=(body, heads_share_hidden, experts_everywhere), optional=NO_BIAS
    ),
    "granitemoeshared": Architecture(
        readers=(body, heads_share_hidden, granite_experts), optional=NO_BIAS
    ),
    "grok-1": Architecture(
        readers=(body, heads_share_hidden, experts_everywhere), optional=NO_BIAS | TIED
    ),
    "hunyuan_v1_moe": Architecture(
        readers=(body, heads, hunyuan_experts),
        renamed={"num_shared_expert": "n_shared_experts"},
        optional=NO_BIAS | TIED | {"use_mixed_mlp_moe": True},
    ),
    "hy_v3": Architecture(
        readers=(body, heads, experts_after_dense_layers),
        fixed={"qk_norm": True},
        renamed={"expert_hidden_dim": "moe_intermediate_size"},
        optional=NO_BIAS | UNTIED | _EACH_AFTER_DENSE,
    ),
    "longcat_flash": Architecture(
        readers=(body, latent_heads, longcat_layers),
        renamed={
            "num_layers": "num_hidden_layers",
            "ffn_hidden_size": "intermediate_size",
            "expert_ffn_hidden_size": "moe_intermediate_size",
        },
        optional=NO_BIAS | UNTIED | {"num_key_value_heads": None},
    ),
    "mimo_v2_flash": Architecture(
        readers=(body, mimo_heads, mimo_experts), optional=NO_BIAS | UNTIED
    ),
    "mellum": Architecture(
        readers=(body, heads, experts_after(0), windows_as_listed),
        fixed={"qk_norm": True},
        optional=NO_BIAS | UNTIED,
    ),
    "minimax_m3": _MINIMAX_M3,
    "minimax_m3_vl_text": _MINIMAX_M3,
    "mistral4": Architecture(
        readers=(body, latent_heads, experts_with_shared_ones),
        optional=NO_BIAS | UNTIED | {"num_key_value_heads": None},
    ),
    "olmoe": Architecture(
        readers=(body, heads_share_hidden, experts_everywhere), optional=NO_BIAS | UNTIED
    ),
    "pangu_ultra_moe": replace(
        _LATENT,
        renamed={
            "attention_q_lora_dim": "q_lora_rank",
            "attention_kv_lora_dim": "kv_lora_rank",
            "attention_qk_dim": "qk_nope_head_dim",
            "attention_qk_rope_dim": "qk_rope_head_dim",
            "attention_v_dim": "v_head_dim",
            "num_dense_layers": "first_k_dense_replace",
            "num_mtp_layers": "num_nextn_predict_layers",
        },
    ),
    "sarvam_mla": replace(_LATENT, optional={**_LATENT.optional, "q_lora_rank": None}),
    "solar_open": Architecture(
        readers=(body, heads, experts_with_shared_ones), optional=NO_BIAS | UNTIED
    ),
    "step3_text": Architecture(
        readers=(body, heads, factorised_queries, step_experts),
        renamed={
            "num_attention_groups": "num_key_value_heads",
            "max_position_embedding": "max_position_embeddings",
        },
        optional=NO_BIAS | UNTIED,
    ),
    "step3p5": _STEP_FLASH,
    "step3p7": replace(
        _STEP_FLASH, optional={**_STEP_FLASH.optional, "attention_other_setting": None}
    ),
    "phimoe": Architecture(
        readers=(body, heads_share_hidden, experts_everywhere, window_in_every_layer),
        optional=UNTIED,
    ),
}
"""By ``model_type``."""
