"""The table of architectures: what each ``model_type`` leaves out, fixes, and is read by.

To add one, give it a row here; a kind of layer that no reader knows gets a reader of its own in a
module beside this one, and the row names it among its ``readers``.
"""

from collections.abc import Mapping

from llm_simulator.planner.specs.hugging_face.architecture import Architecture
from llm_simulator.planner.specs.hugging_face.attention_heads import heads
from llm_simulator.planner.specs.hugging_face.experts import experts, experts_everywhere
from llm_simulator.planner.specs.hugging_face.linear_layers import linear_layers
from llm_simulator.planner.specs.hugging_face.llama4 import llama4
from llm_simulator.planner.specs.hugging_face.sparse_attention import sparse_attention
from llm_simulator.planner.specs.hugging_face.windows import windows

_PLAIN = Architecture()
_MIXTURE = (heads, experts_everywhere, windows)
_QK_NORM = {"qk_norm": True}
_GATED_OUTPUT = {"qk_norm": True, "attn_output_gate": True}
_GEMMA_3 = {
    "vocab_size": 262208,
    "hidden_size": 2304,
    "intermediate_size": 9216,
    "num_hidden_layers": 26,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "sliding_window": 4096,
    "sliding_window_pattern": 6,
    "max_position_embeddings": 131072,
    "tie_word_embeddings": True,
}

ARCHITECTURES: Mapping[str, Architecture] = {
    "llama": _PLAIN,
    "llama4_text": Architecture(readers=(heads, experts, llama4)),
    "mistral": _PLAIN,
    "ministral3": _PLAIN,
    "mixtral": Architecture(readers=_MIXTURE),
    "gemma3_text": Architecture(fixed=_QK_NORM, defaults=_GEMMA_3),
    "qwen2": Architecture(fixed={"attention_bias": True}),
    "qwen2_moe": Architecture(fixed={"attention_bias": True}, readers=_MIXTURE),
    "qwen3": Architecture(fixed=_QK_NORM),
    "qwen3_moe": Architecture(fixed=_QK_NORM, readers=_MIXTURE),
    "qwen3_vl_text": Architecture(fixed=_QK_NORM),
    "qwen3_vl_moe_text": Architecture(fixed=_QK_NORM, readers=_MIXTURE),
    "qwen3_next": Architecture(fixed=_GATED_OUTPUT, readers=(*_MIXTURE, linear_layers)),
    "qwen3_5_text": Architecture(
        fixed=_GATED_OUTPUT, readers=(heads, experts, windows, linear_layers)
    ),
    "qwen3_5_moe_text": Architecture(fixed=_GATED_OUTPUT, readers=(*_MIXTURE, linear_layers)),
    "deepseek_v2": _PLAIN,
    "deepseek_v3": _PLAIN,
    "deepseek_v32": Architecture(readers=(sparse_attention, heads, experts, windows)),
    "glm4_moe": _PLAIN,
    "glm_moe_dsa": Architecture(readers=(sparse_attention, heads, experts, windows)),
    "kimi_k2": _PLAIN,
    "kimi_k25": _PLAIN,
    "minimax_m2": Architecture(fixed=_QK_NORM, readers=_MIXTURE),
    "gpt_oss": Architecture(readers=_MIXTURE),
}
"""By ``model_type``; what each fixes and leaves out is the transformers library's."""
