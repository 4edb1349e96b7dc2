"""The table of architectures: what each ``model_type`` leaves out, fixes, and is read by.

To add one, give it a row here; a kind of layer that no reader knows gets a reader of its own in a
module beside this one, and the row names it among its ``readers``. What rows say is the
transformers library's (configuration and modeling of each ``model_type``), sizes are the cards'.
"""

from collections.abc import Mapping
from dataclasses import replace

from llm_simulator.planner.specs.hugging_face.architecture import (
    BIAS,
    NO_BIAS,
    NO_WINDOW,
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
    experts_at_sparse_step,
    experts_everywhere,
    shared_expert,
)
from llm_simulator.planner.specs.hugging_face.families.gated import GATED
from llm_simulator.planner.specs.hugging_face.families.gpt import GPT
from llm_simulator.planner.specs.hugging_face.families.hybrids import HYBRIDS
from llm_simulator.planner.specs.hugging_face.families.mixtures import MIXTURES
from llm_simulator.planner.specs.hugging_face.linear_layers import linear_layers
from llm_simulator.planner.specs.hugging_face.llama4 import (
    chunked_attention,
    llama4_experts,
    llama4_norms,
)
from llm_simulator.planner.specs.hugging_face.sparse_attention import sparse_attention
from llm_simulator.planner.specs.hugging_face.state_layers import softmax_throughout
from llm_simulator.planner.specs.hugging_face.windows import (
    full_attention_every,
    window_from_layer,
    window_in_every_layer,
    window_unused,
)

_QK_NORM = {"qk_norm": True}
_AT_EACH_STEP = {"decoder_sparse_step": 1}

_LLAMA = Architecture(
    readers=(body, heads_as_wide_as(64, 80, 100, 128), feed_forward),
    optional=NO_BIAS,
    defaults={
        "vocab_size": 32000,
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": None,
        "tie_word_embeddings": False,
    },
    sizes=(4.014, 6.738, 13.016, 32.529, 65.286),
)
_MISTRAL = Architecture(
    readers=(body, heads_as_wide_as(128), feed_forward, window_in_every_layer),
    optional=NO_BIAS,
    defaults={
        "vocab_size": 32000,
        "hidden_size": 4096,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "tie_word_embeddings": False,
    },
    sizes=(7.242, 12.248, 23.572),
)
_GEMMA_3 = Architecture(
    readers=(body, heads, feed_forward, full_attention_every(6)),
    fixed=_QK_NORM,
    optional=TIED | NO_BIAS,
    defaults={
        "vocab_size": 262208,
        "hidden_size": 2304,
        "intermediate_size": 9216,
        "num_hidden_layers": 26,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
    },
    sizes=(3.8801, 11.766, 27.009),
)
_QWEN_2 = Architecture(
    readers=(body, heads_as_wide_as(64, 128), feed_forward, window_from_layer),
    optional=BIAS | NO_WINDOW,
)
_QWEN_3 = Architecture(
    readers=(body, heads, feed_forward, window_from_layer),
    fixed=_QK_NORM,
    optional=NO_BIAS | NO_WINDOW,
)
_QWEN_3_MOE = Architecture(
    readers=(body, heads, experts_at_sparse_step, window_unused),
    fixed=_QK_NORM,
    optional=NO_BIAS | NO_WINDOW | _AT_EACH_STEP,
)
_QWEN_3_NEXT = Architecture(
    readers=(body, heads, experts_at_sparse_step, shared_expert, linear_layers),
    fixed=_QK_NORM | {"attn_output_gate": True},
    optional=NO_BIAS
    | UNTIED
    | _AT_EACH_STEP
    | {"full_attention_interval": 4, "mamba_ssm_dtype": "float32"},
)
_LATENT_MOE = Architecture(
    readers=(body, latent_heads, experts_after_dense_layers),
    optional=NO_BIAS | UNTIED | {"num_key_value_heads": None, "moe_layer_freq": 1},
    # The family's small models (Lite, Moonlight) have no query latent.
    defaults={"q_lora_rank": None},
    sizes=(15.706, 15.96),
)
_GROUPS = {"n_group": 8, "topk_group": 4}
_SPARSE_LATENT_MOE = replace(
    _LATENT_MOE,
    readers=(body, latent_heads, experts_after_dense_layers, sparse_attention),
    optional={**_LATENT_MOE.optional, "index_topk_freq": 1, "index_skip_topk_offset": 2},
    defaults={},
)
ARCHITECTURES: Mapping[str, Architecture] = {
    "llama": _LLAMA,
    "llama4_text": Architecture(
        readers=(body, heads, llama4_experts, chunked_attention, llama4_norms),
        optional=NO_BIAS | UNTIED,
        defaults={"interleave_moe_layer_step": 1},
        sizes=(107.77, 400.71),
    ),
    "mistral": _MISTRAL,
    "ministral3": replace(
        _MISTRAL,
        readers=(body, heads, feed_forward, window_in_every_layer),
        defaults=UNTIED,
        sizes=(8.489, 13.506, 23.572),
    ),
    "mixtral": Architecture(
        readers=(body, heads_as_wide_as(128), experts_everywhere, window_in_every_layer),
        optional=NO_BIAS | UNTIED,
    ),
    "gemma3_text": _GEMMA_3,
    "qwen2": _QWEN_2,
    "qwen2_moe": Architecture(
        readers=(
            body,
            heads_as_wide_as(128),
            experts_at_sparse_step,
            shared_expert,
            window_unused,
        ),
        optional=BIAS | NO_WINDOW | _AT_EACH_STEP,
    ),
    "qwen3": _QWEN_3,
    "qwen3_moe": _QWEN_3_MOE,
    "qwen3_vl_text": replace(_QWEN_3, optional={**_QWEN_3.optional, **UNTIED}),
    "qwen3_vl_moe_text": replace(_QWEN_3_MOE, optional={**_QWEN_3_MOE.optional, **UNTIED}),
    "qwen3_omni_moe_text": replace(_QWEN_3_MOE, optional={**_QWEN_3_MOE.optional, **UNTIED}),
    "qwen3_next": _QWEN_3_NEXT,
    "qwen3_5_text": replace(_QWEN_3_NEXT, readers=(body, heads, feed_forward, linear_layers)),
    "qwen3_5_moe_text": _QWEN_3_NEXT,
    "deepseek_v2": _LATENT_MOE,
    "deepseek_v3": replace(_LATENT_MOE, optional={**_LATENT_MOE.optional, **_GROUPS}),
    "deepseek_v32": replace(
        _SPARSE_LATENT_MOE, optional={**_SPARSE_LATENT_MOE.optional, **_GROUPS}
    ),
    "glm4_moe": Architecture(
        readers=(body, heads, experts_after_dense_layers, llama4_norms),
        optional=UNTIED | {"moe_layer_freq": 1},
    ),
    "glm_moe_dsa": _SPARSE_LATENT_MOE,
    "kimi_k2": replace(_LATENT_MOE, defaults={}),
    "kimi_k25": replace(_LATENT_MOE, defaults={}),
    "minimax_m2": Architecture(
        readers=(body, heads, experts_everywhere, softmax_throughout),
        fixed=_QK_NORM,
        optional=NO_BIAS | UNTIED,
    ),
    "gpt_oss": Architecture(
        readers=(body, heads, experts_everywhere, full_attention_every(2)),
        optional=UNTIED,
    ),
    **GATED,
    **GPT,
    **HYBRIDS,
    **MIXTURES,
}
"""By ``model_type``."""
